#!/usr/bin/env bash
# base.sh DIRECTORY: makes, once, what every run starts from.
#
#   DIRECTORY/builder    a bare Debian with a compiler and debhelper, where the package is built
#   DIRECTORY/tree       a bare Debian with systemd, a kernel, sshd and what the checks call
#   DIRECTORY/disk.img   the tree as a disk for the virtual machine; its kernel and initrd.img beside it
#   DIRECTORY/key        the key that opens this machine, and no other
#
# Needs root, for debootstrap's sake.
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
directory=$1
mkdir -p "$directory"
# Two runs at once make it once.
exec 9>"$directory/lock"
flock 9
suite=${DEBIAN_SUITE:-bookworm}
# The second line is what a Swift toolchain itself needs to run.
builder_packages=(build-essential git debhelper lintian
  ca-certificates libxml2 libcurl4 libedit2 libsqlite3-0 libncurses6 libpython3.11 libstdc++-12-dev zlib1g-dev tzdata)
machine_packages=(systemd systemd-sysv dbus dbus-user-session libpam-systemd udev openssh-server linux-image-cloud-amd64 initramfs-tools
  curl python3 nginx-light openssl iproute2 procps logrotate libstdc++6 socat man-db)

# A copy of the bare Debian of this suite, with packages; security updates included: what a server has.
bare() { # TREE PACKAGE ...
  local tree=$1
  shift
  if [[ ! -e $directory/bare.done ]]; then
    rm -rf --one-file-system "$directory/bare"
    debootstrap --variant=minbase --include=ca-certificates "$suite" "$directory/bare" >"$directory/bare.log" 2>&1 || {
      tail -n 5 "$directory/bare.log" >&2
      echo "base.sh: debootstrap failed; its whole story is in $directory/bare.log" >&2
      exit 1
    }
    cat >"$directory/bare/etc/apt/sources.list" <<END
deb http://deb.debian.org/debian $suite main
deb http://deb.debian.org/debian $suite-updates main
deb http://deb.debian.org/debian-security $suite-security main
END
    touch "$directory/bare.done"
  fi
  rm -rf --one-file-system "$tree"
  cp -a --reflink=auto "$directory/bare" "$tree"
  cp -L /etc/resolv.conf "$tree/etc/resolv.conf"
  # shellcheck disable=SC2016  # the inner shell expands these
  "$here/within.sh" "$tree" sh -c 'apt-get update -qq && apt-get -o Dpkg::Options::=--force-unsafe-io dist-upgrade -y -qq && apt-get -o Dpkg::Options::=--force-unsafe-io install -y -qq --no-install-recommends "$@" && apt-get clean' sh "$@" >"$tree.log" 2>&1 || {
    tail -n 5 "$tree.log" >&2
    echo "base.sh: apt-get failed in $tree; its whole story is in $tree.log" >&2
    exit 1
  }
}

if [[ ! -e $directory/builder.done ]]; then
  echo "# making the bare Debian that builds (once)"
  bare "$directory/builder" "${builder_packages[@]}"
  touch "$directory/builder.done"
fi

[[ ! -e $directory/tree.done ]] || exit 0
echo "# making the bare Debian that boots (once)"
tree=$directory/tree
bare "$tree" "${machine_packages[@]}"
echo exeio-test >"$tree/etc/hostname"
printf '127.0.0.1 localhost\n::1 localhost\n127.0.1.1 exeio-test\n' >"$tree/etc/hosts"
echo '/dev/vda / ext4 defaults 0 1' >"$tree/etc/fstab"
rm "$tree/etc/resolv.conf"

# The network of qemu's user mode has fixed addresses; nothing needs to be asked for.
cat >"$tree/etc/systemd/network/test.network" <<'END'
[Match]
Type=ether
[Network]
Address=10.0.2.15/24
Gateway=10.0.2.2
END
enable() { systemctl --root="$tree" --quiet "$@"; }
enable enable systemd-networkd.service ssh.service
enable disable nginx.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer man-db.timer e2scrub_all.timer fstrim.timer
enable mask systemd-networkd-wait-online.service
# An index of all manual pages takes half a minute on a slow machine, at every installation.
rm -f "$tree/var/lib/man-db/auto-update"
# The journal has to outlive a reboot: the checks read what happened before it.
mkdir -p "$tree/var/log/journal"

rm -f "$directory/key" "$directory/key.pub"
ssh-keygen -q -t ed25519 -N '' -C exeio-test -f "$directory/key"
install -d -m 0700 "$tree/root/.ssh"
install -m 0600 "$directory/key.pub" "$tree/root/.ssh/authorized_keys"

cp "$tree"/boot/vmlinuz-* "$directory/vmlinuz"
cp "$tree"/boot/initrd.img-* "$directory/initrd.img"
truncate -s 4G "$directory/disk.img"
mke2fs -q -F -t ext4 -L root -d "$tree" "$directory/disk.img"
touch "$directory/tree.done"
