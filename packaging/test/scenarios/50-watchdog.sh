# shellcheck disable=SC2154  # helpers.sh and scenario set what is used here
# A daemon whose loop no longer turns is ended by systemd's watchdog, started again, and takes its processes up again.

fresh
drop_in watchdog 'WatchdogSec=5'
add web 'exec sleep 100000' '"save_for_next_run": true, "auto_restart": true'
daemon=$(main_pid)
count=$(restarts)
sleep 8
check "a loop that turns is left alone" same "the daemon" "$daemon" "$(main_pid)"
check "it was not restarted" same "restarts" "$count" "$(restarts)"
# A stopped process is as deaf as one in an endless loop: SIGABRT waits until SIGKILL comes after it.
echo TimeoutAbortSec=3 >>"$dropins/watchdog.conf"
systemctl daemon-reload
kill -STOP "$daemon"
check "the watchdog notices that it hangs" eventually 30 journal 'Watchdog timeout'
check "another one is started" eventually 60 not same "the daemon" "$daemon" "$(main_pid)"
restarted() { (($(restarts) > count)); }
check "systemd counts the restart" eventually 60 restarted
check "it answers" eventually 60 answers
check "the old one is gone" not alive "$daemon"
check "the saved process runs" eventually 60 has web status running
check "there is one of it" same "how many" 1 "$(pgrep -u exeio -fc '^sleep 100000$')"
