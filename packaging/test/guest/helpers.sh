# shellcheck shell=bash
# What the scenarios are written with. Sourced by scenario, which sets since, tests, packages, failed and part.
# shellcheck disable=SC2154,SC2034  # theirs, and what the scenarios use

unit=exeio.service
dropins=/etc/systemd/system/exeio.service.d

# check DESCRIPTION COMMAND [ARGUMENT ...]: one line of the result, with what the command said where it failed.
check() {
  local what=$1 said
  shift
  if said=$("$@" 2>&1); then
    echo "ok $what"
  else
    echo "not ok $what"
    printf '# %s\n' "failed: $*"
    [[ -z $said ]] || tail -n 20 <<<"$said" | sed 's/^/#   /'
    failed=1
  fi
}

# skip DESCRIPTION REASON
skip() { echo "ok $1 # SKIP $2"; }

# Ends this part of the scenario; the machine is rebooted, and the scenario run again as that part.
reboot_then() {
  sync
  exit $((100 + $1))
}

# eventually SECONDS COMMAND [ARGUMENT ...]: whether the command succeeds within so many seconds; its output is that of the last try.
eventually() {
  local end=$((SECONDS + $1)) said
  shift
  while :; do
    if said=$("$@" 2>&1); then break; fi
    if ((SECONDS >= end)); then
      printf '%s\n' "$said" "not within the time"
      return 1
    fi
    sleep 0.2
  done
  printf '%s\n' "$said"
}

# same WHAT WANTED GOT
same() {
  [[ $2 == "$3" ]] || {
    printf '%s is "%s" and should be "%s"\n' "$1" "$3" "$2"
    return 1
  }
}

# not COMMAND [ARGUMENT ...]: succeeds where the command fails.
not() { ! "$@"; }

# --- the API, as an administrator uses it

# api METHOD PATH [BODY]: prints the answer; fails on any status but 2xx.
api() {
  curl --silent --show-error --fail-with-body --max-time 120 --request "$1" --header "exeio-api-key: $(cat /etc/exeio/api-key)" \
    ${3+--data "$3"} "${url:-http://127.0.0.1:8080}$2"
}

# field PATH: one value of the JSON on standard input, as `last_exit.signal` or `0.id`; nothing for null.
field() {
  python3 -c '
import json, sys
value = json.load(sys.stdin)
for name in sys.argv[1].split("."):
    value = value[int(name)] if isinstance(value, list) else value[name]
print("" if value is None else json.dumps(value) if isinstance(value, (bool, dict, list)) else value)' "$1"
}

# has ID FIELD VALUE: whether the process has this value in its /status.
has() { same "$2 of $1" "$3" "$(api GET "/status/$1" | field "$2")"; }

# has_like ID FIELD PATTERN: the same with an extended regular expression, in any case of letters.
has_like() {
  local value
  value=$(api GET "/status/$1" | field "$2")
  grep -qiE -- "$3" <<<"$value" || {
    printf '%s of %s is "%s"\n' "$2" "$1" "$value"
    return 1
  }
}

# logged ID TEXT: whether a line of the process's log holds the text.
# grep reads all: with -q it ends at the first match, and the one that writes fails for it (pipefail).
logged() { api GET "/logs/$1?page_size=1000" | grep -F -- "$2" >/dev/null; }

# add ID SCRIPT [MORE]: adds `sh -c SCRIPT`; MORE are further fields as JSON without the braces.
add() {
  api POST /add "$(python3 -c '
import json, sys
body = {"id": sys.argv[1], "command": "sh", "args": ["-c", sys.argv[2]]}
body.update(json.loads("{" + sys.argv[3] + "}"))
print(json.dumps(body))' "$1" "$2" "${3:-}")" >/dev/null
}

alive() { kill -0 "$1" 2>/dev/null && ! grep -q '^State:.Z' "/proc/$1/status"; }
pid_of() { api GET "/status/$1" | field pid; }
main_pid() { systemctl show --property=MainPID --value "$unit"; }
restarts() { systemctl show --property=NRestarts --value "$unit"; }
# journal TEXT: whether something about the unit was said since the scenario began.
journal() { journalctl --no-pager --quiet --since="$since" --unit="$unit" | grep -E -- "$1" >/dev/null; }
answers() { curl --silent --fail --max-time 10 "http://127.0.0.1:${1:-8080}/health" >/dev/null; }

# --- the package

# As an administrator does it: with what it depends on, without a question.
install() { apt-get install -y -qq --no-install-recommends --allow-downgrades "$1"; }
version() { dpkg-query --show --showformat='${Version}' exeio; }

# Nothing of exeio on the machine, whatever an earlier scenario left.
clean() {
  systemctl disable --now --quiet exeio.socket exeio.service 2>/dev/null || true
  dpkg --purge exeio >/dev/null 2>&1 || true
  rm -rf "$dropins" /etc/tmpfiles.d/exeio.conf /etc/systemd/system/exeio.socket.d /etc/exeio /var/lib/exeio /var/log/exeio
  userdel exeio 2>/dev/null || true
  groupdel exeio-clients 2>/dev/null || true
  systemctl daemon-reload
  systemctl reset-failed
}

# The package installed, and its daemon running with nothing of earlier scenarios but the key.
fresh() {
  systemctl stop exeio.socket exeio.service 2>/dev/null || true
  rm -rf "$dropins" /etc/exeio/*.json /var/lib/exeio/* /var/log/exeio/*
  if ! dpkg --compare-versions "$(version 2>/dev/null)" eq "$(dpkg-deb --field "$packages/exeio.deb" Version)"; then
    dpkg --install "$packages/exeio.deb" >dpkg.log 2>&1
  fi
  systemctl disable --quiet exeio.socket
  systemctl daemon-reload
  systemctl reset-failed
  systemctl enable --quiet exeio.service
  systemctl restart exeio.service
  eventually 60 answers >/dev/null
}

# drop_in NAME LINE ...: a drop-in for the unit, and the restart that makes it count.
drop_in() {
  mkdir -p "$dropins"
  printf '%s\n' '[Service]' "${@:2}" >"$dropins/$1.conf"
  systemctl daemon-reload
  systemctl restart "$unit"
  eventually 60 answers >/dev/null
}

# controller NAME: whether the unit has this controller for its processes.
controller() { grep -qw "$1" /sys/fs/cgroup/cgroup.controllers 2>/dev/null; }

# What a package could leave: files but for those that every installation of any package touches, users, groups, units, and whatever has its name.
inventory() {
  {
    find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /var/tmp -o -path /root -o -path /opt/exeio-test \
      -o -path /var/log/journal -o -path /var/log/apt -o -path /var/cache/apt -o -path /var/cache/man -o -path /var/lib/apt \) -prune \
      -o ! -name '*-old' ! -name '*-new' ! -path '/var/lib/dpkg/lock*' ! -path '/var/lib/dpkg/triggers/*' ! -path '/var/log/*.log' ! -path '/etc/*-' \
      ! -path '/etc/.pwd.lock' ! -path '/var/lib/logrotate/*' ! -path '/var/lib/systemd/timers/*' -print
    find /run /dev/shm -name '*exeio*' ! -path '/run/systemd/journal/*' 2>/dev/null || true
    getent passwd | sed 's/^/user /'
    getent group | sed 's/^/group /'
    systemctl list-unit-files --no-legend --no-pager | awk '{ print "unit", $1, $2 }'
  } | sort
}
