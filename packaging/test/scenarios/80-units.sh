# shellcheck disable=SC2154  # helpers.sh and scenario set what is used here
# The units are what systemd wants to see, and the hardened one is tight and still runs processes.

fresh
hardened=$(dpkg -L exeio | grep '/exeio-hardened.conf$')
user_unit=$(dpkg -L exeio | grep '/systemd/user/exeio.service$')
# /usr/lib and /lib are one on this system; verify wants the path that systemd itself has.
for file in exeio.service exeio.socket; do
  check "systemd-analyze verify $file" same "what it says" "" "$(systemd-analyze verify --man=yes "$file" 2>&1)"
done
check "systemd-analyze verify --user exeio.service" same "what it says" "" "$(XDG_RUNTIME_DIR=/run systemd-analyze verify --user --man=yes "$user_unit" 2>&1)"
mkdir -p "$dropins"
cp "$hardened" "$dropins/"
systemctl daemon-reload
exposure=$(systemd-analyze security --no-pager "$unit" | sed -n 's/.*exposure level for .*: \([0-9.]*\).*/\1/p')
echo "# exposure of the hardened unit: $exposure"
check "the hardened unit's exposure is 4.0 or less" awk -v got="$exposure" 'BEGIN { exit !(got != "" && got <= 4.0) }'
check "systemd-analyze verify with the sandbox" same "what it says" "" "$(systemd-analyze verify "$unit" 2>&1)"
check "the hardened unit starts" systemctl restart "$unit"
check "it answers" eventually 60 answers
check "it runs a process" add hardened 'id -un; grep NoNewPrivs /proc/self/status; touch /usr/never 2>&1; cat /proc/self/cgroup; echo done; exec sleep 100000' '"auto_restart": true, "save_for_next_run": true'
check "the process does its work" eventually 30 logged hardened "STDOUT: done"
check "the sandbox is around it" logged hardened "Read-only file system"
check "it gains no privileges" logged hardened "NoNewPrivs:"
if controller memory; then
  check "it has a control group of its own" grep -qE '/exeio.service/.+' "/proc/$(pid_of hardened)/cgroup"
fi
check "it is saved" grep -q '"hardened"' /etc/exeio/processes.json
check "it is stopped" api POST /stop/hardened
check "nothing was refused to the daemon itself" not journal "Operation not permitted|Permission denied"
check "a restart takes it up again" systemctl restart "$unit"
check "it runs" eventually 60 has hardened status running
