# shellcheck shell=bash
# A virtual machine as the place of the checks. Sourced by run, which sets base (the cache) and work (a directory of this run).
# It is reached by ssh, over a port of the loopback address that leads to it.
# shellcheck disable=SC2154  # base and work are run's

qemu_pid=
qemu_port=

qemu_ssh() {
  ssh -i "$base/key" -p "$qemu_port" -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \
    -o ConnectTimeout=10 -o ServerAliveInterval=15 -o ServerAliveCountMax=8 root@127.0.0.1 "$@"
}

# Whether the kernel reaches its first own decision (it finds no root and ends) as fast as only a processor does that computes by itself.
kvm_works() {
  [[ -w /dev/kvm ]] || return 1
  timeout 8 qemu-system-x86_64 -machine q35 -accel kvm -cpu host -m 256 -nodefaults -no-user-config -display none -no-reboot \
    -kernel "$base/vmlinuz" -append "panic=-1 quiet" </dev/null >/dev/null 2>&1
}

machine_start() {
  local accel=${ACCEL:-} cpu
  if [[ -z $accel ]]; then
    accel=tcg
    ! kvm_works || accel=kvm
  fi
  case $accel in
    kvm) cpu=host ;;
    tcg)
      # A small processor: what a large one can do has to be computed, too.
      cpu=Nehalem
      echo "# no usable /dev/kvm: qemu computes every instruction itself, which takes some minutes more"
      ;;
    *) fail "ACCEL is '$accel'; allowed are kvm and tcg" ;;
  esac
  qemu_port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  # snapshot=on: what the machine writes goes into a temporary file of qemu's own, so that the base stays as it is.
  TMPDIR=$work qemu-system-x86_64 -machine q35 -accel "$accel" -cpu "$cpu" -smp 2 -m 1536 -nodefaults -no-user-config -display none \
    -kernel "$base/vmlinuz" -initrd "$base/initrd.img" \
    -append "root=/dev/vda rw console=ttyS0 quiet panic=-1 mitigations=off systemd.unified_cgroup_hierarchy=1" \
    -drive "file=$base/disk.img,if=virtio,format=raw,snapshot=on" \
    -netdev "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:$qemu_port-:22" -device virtio-net-pci,netdev=net \
    -device virtio-rng-pci -serial "file:$work/console" </dev/null >"$work/qemu.log" 2>&1 &
  qemu_pid=$!
  machine_wait ""
}

# Waits until systemd says that the start is over, in a run of it other than the one told.
machine_wait() { # EARLIER
  local now end=$((SECONDS + 600))
  while ((SECONDS < end)); do
    machine_is_up || {
      tail -n 5 "$work/qemu.log" >&2
      return 1
    }
    now=$(qemu_ssh 'systemctl is-system-running --wait >/dev/null; systemctl show --property=UserspaceTimestampMonotonic --value' 2>/dev/null) || now=
    [[ -z $now || $now == "$1" ]] || return 0
    sleep 1
  done
  tail -n 15 "$work/console" >&2
  return 1
}

machine_is_up() { [[ -n $qemu_pid ]] && kill -0 "$qemu_pid" 2>/dev/null; }
machine_run() { qemu_ssh "$1"; }
machine_entry() { echo "ssh -i $base/key -p $qemu_port root@127.0.0.1 (and end it with: kill $qemu_pid; rm -r $work)"; }

machine_reboot() {
  local earlier
  earlier=$(qemu_ssh 'systemctl show --property=UserspaceTimestampMonotonic --value')
  # The connection ends with the machine, at a moment that is not ours to choose.
  qemu_ssh 'systemctl reboot' || true
  machine_wait "$earlier"
}

machine_stop() {
  [[ -n $qemu_pid ]] || return 0
  kill "$qemu_pid" 2>/dev/null || true
  wait "$qemu_pid" 2>/dev/null || true
  qemu_pid=
}
