# shellcheck disable=SC2154  # helpers.sh and scenario set what is used here
# A process that left its session and its parent does not survive a stop, and neither does it a restart of the unit.

fresh
# The first setsid leaves the group, the fork below it the parent.
deserter='setsid sh -c "sleep 100000 & exit" >/dev/null 2>&1; echo gone; exec sleep 100000'
deserters() { pgrep -u exeio -fx 'sleep 100000'; }
add desert "$deserter"
check "a process leaves a session behind" eventually 30 logged desert "STDOUT: gone"
check "two of them run" same "how many" 2 "$(deserters | grep -c .)"
check "the stop answers" api POST /stop/desert
check "nothing of it is left" not deserters
check "the stop named nothing that it could not end" has desert error ""
add again "$deserter"
check "it leaves one behind once more" eventually 30 logged again "STDOUT: gone"
systemctl stop "$unit"
check "nothing survives the end of the unit" not deserters
check "the unit ended cleanly" journal "Deactivated successfully"
