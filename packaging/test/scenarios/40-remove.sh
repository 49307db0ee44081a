# shellcheck disable=SC2154  # helpers.sh and scenario set what is used here
# A removal ends the processes and leaves configuration, state and logs; a purge leaves nothing at all.

clean
inventory >before
install "$packages/exeio.deb" >/dev/null 2>&1
eventually 60 answers >/dev/null
add web 'exec sleep 100000' '"save_for_next_run": true'
child=$(pid_of web)
daemon=$(main_pid)
check "the package is removed with a process running" dpkg --remove exeio
check "the daemon is gone" not alive "$daemon"
check "its process is gone" not alive "$child"
check "the binary is gone" test ! -e /usr/bin/exeio
check "the key stays" test -e /etc/exeio/api-key
check "the saved process stays" grep -q '"web"' /etc/exeio/processes.json
check "the logs stay" test -e /var/log/exeio/exeio.log
check "it installs again" install "$packages/exeio.deb"
check "the saved process is there again" eventually 60 has web status running
check "the package is purged with a process running" dpkg --purge exeio
check "no process of the user is left" not pgrep -u exeio
inventory >after
# The user stays, because files of its processes may lie anywhere and its number must not become another's.
comm -13 before after >left
check "the purge left nothing but the user and the groups" same "what it left" "group group user" "$(sed -n 's/^\(user\|group\) exeio[a-z-]*:.*/\1/p; t; p' left | tr '\n' ' ' | sed 's/ $//')"
check "the user cannot log in" grep -q '^user exeio:.*/usr/sbin/nologin$' left
check "the purge took nothing that was there before" same "what it took" "" "$(comm -23 before after)"
check "it is not among the packages" not dpkg-query --show exeio
check "it installs once more, with a new key" install "$packages/exeio.deb"
check "it answers" eventually 60 answers
check "what was purged is forgotten" same "the list" "[]" "$(api GET /list)"
clean
