# shellcheck disable=SC2154  # helpers.sh and scenario set what is used here
# An upgrade with a process running: a clean stop, the new version, the same process again; what an administrator changed stays.

clean
check "the previous version installs" install "$packages/exeio-older.deb"
before=$(version)
check "it answers" eventually 60 answers
# Its last words show that it was asked to end, and had the time.
check "a process is saved in it" add web 'trap "echo tidied up; exit 0" TERM; echo begun; while :; do sleep 0.1; done' '"save_for_next_run": true, "auto_restart": true'
check "it runs" eventually 30 logged web "STDOUT: begun"
echo '# an administrator was here' >>/etc/default/exeio
key=$(cat /etc/exeio/api-key)
old=$(pid_of web)
daemon=$(main_pid)
check "the new version installs over it, without a question" install "$packages/exeio.deb"
check "the version is a newer one" dpkg --compare-versions "$(version)" gt "$before"
check "the daemon is a new one" not same "its pid" "$daemon" "$(main_pid)"
check "it answers" eventually 60 answers
check "the stop was clean" journal "Deactivated successfully"
check "nothing was killed" not journal "code=killed|Failed with result|SIGKILL"
check "the process was ended in order" eventually 30 logged web "STDOUT: tidied up"
check "the process runs again" eventually 30 has web status running
check "its old self is gone" not alive "$old"
check "there is one of it" same "how many" 1 "$(pgrep -fc 'echo tidied u[p]')"
check "the key is the same" same "the key" "$key" "$(cat /etc/exeio/api-key)"
check "the changed configuration file is kept" grep -q 'an administrator was here' /etc/default/exeio
check "the log of the process was kept" logged web "(Run #1)"
clean
