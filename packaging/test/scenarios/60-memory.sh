# shellcheck disable=SC2154  # helpers.sh and scenario set what is used here
# memory_max_bytes holds, and a process that is killed for want of memory says so and takes no other process with it.

if ! controller memory; then
  skip "an out-of-memory kill stays with its process" "this kernel gives no memory controller of cgroup v2"
  return 0
fi
fresh
# It takes a MiB after the other, and says how far it came; it never gives one back.
hungry='import sys
taken = []
for number in range(1024):
    taken.append(bytearray(b"x" * 1048576))
    print(number, flush=True)'
add quiet 'exec sleep 100000'
daemon=$(main_pid)
quiet=$(pid_of quiet)
check "a process with memory_max_bytes is added" api POST /add "$(python3 -c '
import json, sys
print(json.dumps({"id": "hungry", "command": "python3", "args": ["-c", sys.argv[1]], "memory_max_bytes": 67108864}))' "$hungry")"
check "it is killed" eventually 120 has hungry is_running false
check "its exit is a kill" has hungry last_exit.signal SIGKILL
check "its status names the reason" has_like hungry last_exit "memory|oom"
check "its log names the reason" eventually 30 grep -qiE 'SYSTEM.*(out of memory|out-of-memory|oom)' <(api GET '/logs/hungry?stream=system')
far=$(api GET '/logs/hungry?stream=stdout&page_size=1' | field logs.0 | grep -oE '[0-9]+$')
check "it came as far as its limit let it, and no further" test "$far" -ge 20 -a "$far" -lt 64
check "the daemon is the same" same "its pid" "$daemon" "$(main_pid)"
check "the unit is active" systemctl is-active --quiet "$unit"
check "the other process is the same" same "its pid" "$quiet" "$(pid_of quiet)"
check "the process with a limit can be started again" api POST /start/hungry
