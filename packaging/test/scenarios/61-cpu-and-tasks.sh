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
many='import os, time
started = 0
try:
    while started < 10:
        if os.fork() == 0: time.sleep(100000)
        started += 1
    print("started them all", flush=True)
except OSError as error:
    print("started", started, error.strerror, flush=True)
time.sleep(100000)'
check "a process with tasks_max is added" api POST /add "$(python3 -c '
import json, sys
print(json.dumps({"id": "many", "command": "python3", "args": ["-c", sys.argv[1]], "tasks_max": 5}))' "$many")"
check "the tasks beyond it are refused" eventually 30 logged many "STDOUT: started 4 Resource temporarily unavailable"
group=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$(pid_of many)/cgroup")
check "the limit is the kernel's own" same pids.max 5 "$(cat "$group/pids.max")"
check "the process goes on" has many status running
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
