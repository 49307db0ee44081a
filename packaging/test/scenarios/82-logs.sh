# shellcheck disable=SC2154  # helpers.sh and scenario set what is used here
# What the daemon says is in the journal with its priority, and its own log is rotated by logrotate.

fresh
check "the journal has the daemon's start" journal "."
# A start that fails is an error, and no ordinary line.
echo 'not json' >/etc/exeio/processes.json
systemctl restart "$unit" 2>/dev/null || true
errors() { journalctl --no-pager --quiet --since="$since" --unit="$unit" --identifier=exeio --priority=err | grep processes.json >/dev/null; }
check "a start that failed is an error in the journal" eventually 30 errors
echo '[]' >/etc/exeio/processes.json
systemctl reset-failed "$unit"
systemctl restart "$unit"
check "it answers after the repair" eventually 60 answers
check "logrotate takes its file" logrotate --debug /etc/logrotate.d/exeio
check "logrotate rotates" logrotate --force /etc/logrotate.d/exeio
check "the daemon writes into a new log" eventually 30 test -e /var/log/exeio/exeio.log -a -e /var/log/exeio/exeio.log.1
add web 'echo hello'
check "systemctl reload is answered" systemctl reload "$unit"
check "the daemon is still there" eventually 30 answers
