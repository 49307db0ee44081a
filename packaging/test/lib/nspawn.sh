# shellcheck shell=bash
# A container as the place of the checks, where there is no qemu: the kernel is this machine's, and so are the controllers it has.
# Sourced by run, which sets base (the cache) and work (a directory of this run).
# shellcheck disable=SC2154  # base, work and root are run's

nspawn_pid=
nspawn_leader=

machine_start() {
  "${root[@]}" cp -a --reflink=auto "$base/tree" "$work/tree"
  nspawn_boot
}

nspawn_boot() {
  nspawn_leader=
  "${root[@]}" systemd-nspawn --quiet --directory="$work/tree" --private-network --boot --register=no --keep-unit </dev/null >"$work/console" 2>&1 &
  nspawn_pid=$!
  local state end=$((SECONDS + 120)) supervisor
  while ((SECONDS < end)); do
    machine_is_up || {
      tail -n 5 "$work/console" >&2
      return 1
    }
    supervisor=$nspawn_pid
    ((UID == 0)) || supervisor=$(pgrep -P "$nspawn_pid" -x systemd-nspawn) || supervisor=
    nspawn_leader=$(pgrep -P "${supervisor:-0}" -x systemd | head -n 1) || nspawn_leader=
    if [[ -n $nspawn_leader ]]; then
      state=$(machine_run 'systemctl is-system-running --wait' </dev/null 2>/dev/null) || true
      case $state in running | degraded) return 0 ;; esac
    fi
    sleep 0.3
  done
  tail -n 15 "$work/console" >&2
  return 1
}

machine_is_up() { [[ -n $nspawn_pid ]] && kill -0 "$nspawn_pid" 2>/dev/null; }
machine_run() {
  "${root[@]}" nsenter -t "$nspawn_leader" -m -u -i -n -p -C -- \
    env -i HOME=/root LANG=C.UTF-8 TERM=dumb PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin sh -c "$1"
}
machine_entry() { echo "nsenter -t $nspawn_leader -m -u -i -n -p -C -- bash (and end it with: kill $nspawn_pid; rm -r $work)"; }

# systemd-nspawn ends when the system in it reboots, where it runs outside of a service of its own.
machine_reboot() {
  machine_run 'systemctl reboot' </dev/null || true
  wait "$nspawn_pid" || true
  nspawn_boot
}

machine_stop() {
  [[ -n $nspawn_pid ]] || return 0
  machine_run 'systemctl poweroff' </dev/null >/dev/null 2>&1 || kill "$nspawn_pid" 2>/dev/null || true
  wait "$nspawn_pid" 2>/dev/null || true
  nspawn_pid=
}
