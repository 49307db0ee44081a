#!/bin/sh
# Makes what exeio.service needs before its first start: the user and its groups, the directories, and the API key where there is
# none. May be run again; run by the Debian package when it is first installed.
set -eu

[ "$(id -u)" -eq 0 ] || { echo "prepare: run this as root" >&2; exit 1; }
systemd-sysusers exeio.conf
# The user that exeio-user(8) has chosen stays.
user=exeio group=exeio
chosen=/etc/systemd/system/exeio.service.d/exeio-user.conf
if [ -f "$chosen" ]; then
  "$(dirname "$(readlink -f "$0")")/../../sbin/exeio-user" --refresh
  user=$(sed -n 's/^User=//p' "$chosen")
  group=$(sed -n 's/^Group=//p' "$chosen")
fi
systemd-tmpfiles --create exeio.conf

# What an administrator has set with dpkg-statoverride stands.
for directory in /etc/exeio /var/lib/exeio /var/log/exeio; do
  if ! dpkg-statoverride --list "$directory" >/dev/null 2>&1; then
    install -d -m 0750 -o "$user" -g "$group" "$directory"
  fi
done

key=/etc/exeio/api-key
if [ -e "$key" ] || [ -L "$key" ]; then
  echo "exeio: the API key in $key stays as it is"
  exit 0
fi
# The user exeio may write to /etc/exeio, and so may each process it runs: nothing there can be trusted by root. So the
# key is written beside that directory, and gets its name last, by link(2), which follows nothing and replaces nothing.
umask 077
new=$(mktemp /etc/.exeio-api-key.XXXXXXXXXX)
trap 'rm -f "$new"' EXIT
digits=$(od -An -N32 -v -tx1 /dev/urandom | tr -d ' \n')
[ "${#digits}" -eq 64 ] || { echo "prepare: /dev/urandom gave ${#digits} digits, not 64" >&2; exit 1; }
printf 'exeio_%s\n' "$digits" >"$new"
if [ "$user:$group" = exeio:exeio ]; then
  chown root:exeio "$new"
  chmod 0640 "$new"
else
  # Other users may be in the group of this one.
  chown "$user:$group" "$new"
fi
sync "$new"
ln -T "$new" "$key"
if [ "$user:$group" = exeio:exeio ]; then readers='the group exeio'; else readers=$user; fi
echo "exeio: made an API key; root and $readers can read it in $key"
