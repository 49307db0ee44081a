# shellcheck disable=SC2154  # helpers.sh and scenario set what is used here
# cpu_max_percent and tasks_max take effect, and /list and /metrics show what is used.

if ! controller cpu || ! controller pids; then
  skip "cpu_max_percent and tasks_max take effect" "this kernel gives no cpu and pids controllers of cgroup v2"
  return 0
fi
fresh
add busy 'while :; do :; done' '"cpu_max_percent": 20'
group=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$(pid_of busy)/cgroup")
check "the process is in a control group of its own below the unit's" grep -q '/exeio.service/.' <<<"$group"
check "it is alone there" same "processes of the group" "$(pid_of busy)" "$(cat "$group/cgroup.procs")"
used() { awk '$1 == "usage_usec" { print $2 }' "$group/cpu.stat"; }
start=$(used) began=$(date +%s%6N)
sleep 10
percent=$((($(used) - start) * 100 / ($(date +%s%6N) - began)))
echo "# it had $percent % of a processor"
check "cpu_max_percent holds a busy process back" test "$percent" -ge 10 -a "$percent" -le 25
check "/list shows what it takes" python3 -c '
import json, sys
percent = json.loads(sys.argv[1])[0]["cpu_percent"]
assert 5 <= percent <= 30, percent' "$(api GET /list)"
# bash waits and tries again where dash gives up: so the limit can be looked at.
add many 'exec bash -c "for number in 1 2 3 4 5 6 7 8 9 10; do sleep 1000 & done; wait"' '"tasks_max": 5'
check "tasks_max refuses the tasks beyond it" eventually 30 logged many "Resource temporarily unavailable"
group=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$(main_pid)/cgroup")
check "the limit is the kernel's own" grep -rqx 5 "${group%/exeio.service*}/exeio.service" --include=pids.max
add plain 'exec sleep 1000'
memory() { python3 -c '
import json, sys
value = json.loads(sys.argv[1])["memory_bytes"]
assert isinstance(value, int) and 10000 < value < 50000000, value' "$(api GET /status/plain)"; }
check "/status shows the memory of a process" eventually 30 memory
check "/metrics has both" eventually 10 python3 -c '
import sys
text = sys.argv[1]
assert "memory" in text and "cpu" in text and "\"busy\"" in text, text' "$(api GET /metrics)"
