# shellcheck disable=SC2154  # helpers.sh and scenario set what is used here
# exeio-user runs the daemon as another user, whole, and that stays so over reboot, upgrade and reinstallation.

mode() { same "mode and owner of $1" "$2" "$(stat -c '%a %U:%G' "$1")"; }
owners() { find /etc/exeio /var/lib/exeio /var/log/exeio -printf '%u:%g\n' | sort -u; }

# is_of USER GROUP: everything that has to be the user's is, and what others may use they can.
is_of() {
  check "$1: the daemon answers" eventually 60 answers
  check "$1: the daemon is the user's" same "its user" "$1:$2" "$(ps -o user=,group= -p "$(main_pid)" | awk '{ print $1 ":" $2 }')"
  check "$1: the key in the file is the daemon's" api GET /list
  check "$1: the saved process runs" eventually 60 has kept status running
  check "$1: it is the user's" same "its user" "$1" "$(ps -o user= -p "$(pid_of kept)")"
  if [[ $1 == exeio ]]; then
    check "$1: the key is as it was installed" mode /etc/exeio/api-key "640 root:exeio"
  else
    check "$1: the key is for the user alone" mode /etc/exeio/api-key "600 $1:$2"
    check "$1: all files are the user's" same "the owners" "$1:$2" "$(owners)"
  fi
  for directory in /etc/exeio /var/lib/exeio /var/log/exeio; do
    check "$1: $directory is the user's" mode "$directory" "750 $1:$2"
  done
  check "$1: the directory of the socket is of exeio-clients" mode /run/exeio "2750 $1:exeio-clients"
  check "$1: and so is the socket" mode /run/exeio/exeio.sock "660 $1:exeio-clients"
  check "$1: a member of exeio-clients gets in, as nginx has to" \
    runuser -u www-data -G exeio-clients -- curl -sS --fail --unix-socket /run/exeio/exeio.sock http://localhost/health
  check "$1: nobody else does" not \
    runuser -u www-data -- curl -sS --fail --unix-socket /run/exeio/exeio.sock http://localhost/health
  check "$1: logrotate rotates the daemon's log" logrotate --force /etc/logrotate.d/exeio
  check "$1: into one of the user's" eventually 30 mode /var/log/exeio/exeio.log "640 $1:$2"
  check "$1: no unit has failed" same "failed units" "" "$(systemctl list-units --state=failed --no-legend --plain 'exeio*')"
}

case $part in
  1)
    clean
    install "$packages/exeio.deb" >/dev/null 2>&1
    eventually 60 answers >/dev/null
    useradd --system worker 2>/dev/null || true
    check "a process is saved" \
      api POST /add '{"id": "kept", "command": "sleep", "args": ["100000"], "auto_restart": true, "save_for_next_run": true}'
    daemon=$(main_pid)
    check "--help says how it is used" grep -q -- '--reset' <(exeio-user --help)
    check "an unknown user is refused in one line" same "what is said" "exeio-user: there is no user 'no-such-user'" \
      "$(exeio-user no-such-user 2>&1 || true)"
    check "so is an unknown group" same "what is said" "exeio-user: there is no group 'no-such-group'" \
      "$(exeio-user --group no-such-group worker 2>&1 || true)"
    check "an ordinary user may not" same "what is said" "exeio-user: only root may do this" \
      "$(runuser -u worker -- exeio-user worker 2>&1 || true)"
    check "bad usage is told apart" same "the status" 2 "$(exeio-user >/dev/null 2>&1 || echo $?)"
    mkdir -p "$dropins"
    printf '%s\n' '[Service]' 'User=worker' >"$dropins/override.conf"
    check "a drop-in that says it already is named" \
      grep -q 'override.conf has User= or Group= as well' <(exeio-user worker 2>&1 || true)
    rm "$dropins/override.conf"
    check "none of these stopped the daemon" same "its pid" "$daemon" "$(main_pid)"
    is_of exeio exeio
    check "exeio-user worker" exeio-user worker
    check "the daemon is another one" not same "its pid" "$daemon" "$(main_pid)"
    is_of worker worker
    check "once more changes nothing" exeio-user worker
    is_of worker worker
    check "root makes a named key" exeio key add deploy --role read
    check "which the daemon can read" mode /etc/exeio/keys.json "640 worker:worker"
    reboot_then 2
    ;;
  2)
    is_of worker worker
    check "an older version installs over it" install "$packages/exeio-older.deb"
    is_of worker worker
    check "so does the newer one" install "$packages/exeio.deb"
    is_of worker worker
    check "the package is removed" dpkg --remove exeio
    check "nothing makes the directory of the socket any more" not test -e /etc/tmpfiles.d/exeio.conf
    check "it installs again" install "$packages/exeio.deb"
    is_of worker worker
    check "prepare may be run again" /usr/lib/exeio/prepare
    is_of worker worker
    check "it is given to another by hand, as an old recipe had it" chown -Rh exeio:exeio /etc/exeio /run/exeio
    check "exeio-user worker puts that right" exeio-user worker
    is_of worker worker
    check "exeio-user root" exeio-user root
    is_of root root
    check "a process may have a user of its own then" api POST /add '{"id": "own", "command": "sleep", "args": ["100000"], "user": "worker"}'
    check "it has" same "its user" worker "$(ps -o user= -p "$(pid_of own)")"
    reboot_then 3
    ;;
  3)
    is_of root root
    check "exeio-user --reset" exeio-user --reset
    is_of exeio exeio
    check "no file of it is left" not test -e "$dropins" -o -e /etc/tmpfiles.d/exeio.conf
    check "no installed file is changed" dpkg --verify exeio
    # Socket activation: the sockets are systemd's, and come back with it.
    systemctl stop "$unit"
    systemctl enable --now --quiet exeio.socket
    systemctl start "$unit"
    check "exeio-user worker with socket activation" exeio-user worker
    check "the socket unit is up again" systemctl is-active --quiet exeio.socket
    check "the daemon answers over it" eventually 60 api GET /list
    check "a stopped daemon stays down" eval 'systemctl stop exeio.socket exeio.service; exeio-user worker && ! systemctl is-active --quiet exeio.service'
    check "a purge" dpkg --purge exeio
    check "leaves nothing" same "what it left" "" "$(find /etc /run /var/lib/exeio /var/log/exeio -xdev -name '*exeio*' ! -path '/run/systemd/*' ! -path '/etc/*-' 2>/dev/null || true)"
    userdel worker
    clean
    ;;
esac
