#!/bin/sh
# Runs the daemon of this machine, and so its processes, as another user.
#   exeio-user [--group GROUP] USER    from now on, also after a reboot, an upgrade and a reinstallation
#   exeio-user --reset                 as the user exeio again, as it was installed
#   exeio-user --refresh               writes the files that hold the choice again and touches neither the daemon nor
#                                      an owner; for the package
#
# GROUP is the primary group of USER where it is not given. USER may be root: then each process may have a `user` of
# its own. A daemon that runs is stopped, with its processes, and started again. The group exeio-clients may use the
# Unix socket as before.
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH

unit=exeio.service
dropins=/etc/systemd/system/$unit.d
dropin=$dropins/exeio-user.conf
tmpfiles=/etc/tmpfiles.d/exeio.conf
logrotate=/etc/logrotate.d/exeio
mark='# Written by exeio-user. To remove it: exeio-user --reset'

fail() {
  echo "exeio-user: $1" >&2
  exit "${2:-1}"
}
usage() { sed -n '2,/^set/{/^set/!s/^# \{0,1\}//p}' "$0"; }

user='' group='' action=set
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help)
      usage
      exit 0
      ;;
    -g | --group)
      [ $# -ge 2 ] || fail "--group needs a group; see --help" 2
      group=$2
      shift
      ;;
    --group=*) group=${1#*=} ;;
    --reset | --refresh)
      [ "$action" = set ] || fail "--reset and --refresh exclude each other; see --help" 2
      action=${1#--}
      ;;
    -*) fail "unknown option '$1'; see --help" 2 ;;
    *)
      [ -z "$user" ] || fail "one user only, not '$user' and '$1'; see --help" 2
      [ -n "$1" ] || fail "the user is empty; see --help" 2
      user=$1
      ;;
  esac
  shift
done
case $action in
  set) [ -n "$user" ] || fail "which user? see --help" 2 ;;
  *) [ -z "$user$group" ] || fail "--$action takes no user and no group; see --help" 2 ;;
esac
[ "$(id -u)" -eq 0 ] || fail "only root may do this"

# systemctl where systemd runs; elsewhere, as in an image that is being built, there is nothing to stop or start.
has_systemd() { [ -d /run/systemd/system ]; }
is_active() { has_systemd && systemctl --quiet is-active "$1"; }

# FILE: puts standard input in its place, at once and whole.
put() {
  mkdir -p "$(dirname "$1")"
  # A name that none of those who read the directory takes for one of theirs.
  new=$(mktemp --suffix=.dpkg-new "$1.XXXXXXXXXX")
  cat >"$new"
  chmod 0644 "$new"
  mv -fT "$new" "$1"
}

is_ours() { [ -f "$1" ] && grep -qxF "$mark" "$1"; }

# The directory of the socket at each boot, and who rotates the daemon's own log.
write_files() { # USER GROUP
  if [ "$1:$2" = exeio:exeio ]; then
    ! is_ours "$tmpfiles" || rm -f "$tmpfiles"
  else
    # It takes the place of the file that was installed: it is that one, with another owner.
    installed=/usr/local/lib/tmpfiles.d/exeio.conf
    [ -f "$installed" ] || installed=/usr/lib/tmpfiles.d/exeio.conf
    { echo "$mark" && sed -E "s/^(d +[^ ]+ +[0-7]+) exeio /\1 $1 /" "$installed"; } | put "$tmpfiles"
  fi
  [ -f "$logrotate" ] || return 0
  changed=$(sed -E "s/^( *su) [^ ]+ [^ ]+\$/\1 $1 $2/; s/^( *create 0640) [^ ]+ [^ ]+\$/\1 $1 $2/" "$logrotate")
  [ "$changed" = "$(cat "$logrotate")" ] || printf '%s\n' "$changed" | put "$logrotate"
}

# Gives a directory of the daemon's and everything in it to the user. Those who have owned it so far may write there: so
# it is root's own until all is done, links are not followed, and a file with a second name elsewhere stays as it is.
give() { # DIRECTORY USER GROUP
  directory=$(readlink -f "$1") || return 0
  [ -d "$directory" ] || return 0
  chown root:root "$directory"
  chmod 0700 "$directory"
  find "$directory" -xdev -mindepth 1 \( -type d -o -links 1 \) -execdir chown -h "$2:$3" {} +
  find "$directory" -xdev -mindepth 1 ! -type d ! -links 1 -printf 'exeio-user: %p has other names elsewhere: its owner stays\n' >&2
  if [ "$1" = /etc/exeio ] && [ -f "$directory/api-key" ] && [ ! -L "$directory/api-key" ]; then
    if [ "$2" = exeio ]; then
      chown root:exeio "$directory/api-key"
      chmod 0640 "$directory/api-key"
    else
      # Other users may be in the group of this one.
      chmod 0600 "$directory/api-key"
    fi
  fi
  chmod 0750 "$directory"
  chown "$2:$3" "$directory"
}

if [ "$action" = refresh ]; then
  [ -f "$dropin" ] || exit 0
  user=$(sed -n 's/^User=//p' "$dropin")
  group=$(sed -n 's/^Group=//p' "$dropin")
elif [ "$action" = reset ]; then
  user=exeio group=exeio
fi

entry=$(getent passwd "$user") || fail "there is no user '$user'"
user=${entry%%:*}
if [ -z "$group" ]; then
  group=$(echo "$entry" | cut -d: -f4)
fi
entry=$(getent group "$group") || fail "there is no group '$group'"
group=${entry%%:*}
case $user$group in
  *[!A-Za-z0-9._@-]*) fail "the name '$user' or '$group' has characters that no unit takes" ;;
esac
getent group exeio-clients >/dev/null || fail "there is no group 'exeio-clients': is exeio installed?"

if [ "$action" = refresh ]; then
  write_files "$user" "$group"
  exit 0
fi

for other in "$dropins"/*.conf; do
  if [ -f "$other" ] && [ "$other" != "$dropin" ] && grep -qE '^[[:space:]]*(User|Group)[[:space:]]*=' "$other"; then
    fail "$other has User= or Group= as well: take these lines out of it first (systemctl edit $unit), then run this again"
  fi
done
for directory in /etc/exeio /var/lib/exeio /var/log/exeio /run/exeio; do
  ! dpkg-statoverride --list "$directory" >/dev/null 2>&1 ||
    fail "the owner of $directory is set by dpkg-statoverride: dpkg-statoverride --remove $directory, then run this again"
done

finish() {
  status=$?
  [ -z "$unfinished" ] || echo "exeio-user: not finished, and the daemon is not started: run this again" >&2
  exit "$status"
}
unfinished=1
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The socket first: a request that comes in meanwhile would start the daemon again.
socket_was_up='' daemon_was_up=''
if is_active exeio.socket; then
  socket_was_up=1
  systemctl stop exeio.socket
fi
if has_systemd; then
  case $(systemctl show --property=ActiveState --value "$unit") in
    # One that fails and is tried again is up in the eyes of its administrator.
    active | activating | reloading | deactivating) daemon_was_up=1 ;;
  esac
  systemctl stop "$unit"
fi

for directory in /etc/exeio /var/lib/exeio /var/log/exeio; do
  give "$directory" "$user" "$group"
done
write_files "$user" "$group"
if [ "$user:$group" = exeio:exeio ]; then
  rm -f "$dropin"
  [ ! -d "$dropins" ] || rmdir --ignore-fail-on-non-empty "$dropins"
else
  printf '%s\n' "$mark" '[Service]' "User=$user" "Group=$group" | put "$dropin"
fi
# What lies there is of the daemon that has been stopped; the directory gets its new owner.
[ ! -d /run/exeio ] || find /run/exeio -xdev -mindepth 1 -delete
systemd-tmpfiles --create exeio.conf

unfinished=
if has_systemd; then
  systemctl daemon-reload
  [ -z "$daemon_was_up" ] || systemctl reset-failed "$unit" 2>/dev/null || true
  [ -z "$socket_was_up" ] || systemctl start exeio.socket
  [ -z "$daemon_was_up" ] || systemctl start "$unit" ||
    fail "$unit does not start as $user: systemctl status $unit says why"
fi
echo "exeio-user: the daemon and its processes run as $user:$group"
