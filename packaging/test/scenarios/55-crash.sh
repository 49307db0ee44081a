# shellcheck disable=SC2154  # helpers.sh and scenario set what is used here
# A daemon that is killed comes back, and nothing runs twice.

fresh
add web 'exec sleep 100000' '"save_for_next_run": true, "auto_restart": true'
daemon=$(main_pid)
kill -KILL "$daemon"
another() { local now; now=$(main_pid); ((now && now != daemon)); }
check "another one is started" eventually 60 another
check "it answers" eventually 60 answers
check "the saved process runs" eventually 60 has web status running
check "there is one of it" same "how many" 1 "$(pgrep -u exeio -fc '^sleep 100000$')"
