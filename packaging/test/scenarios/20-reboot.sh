# shellcheck disable=SC2154  # helpers.sh and scenario set what is used here
# A process that was saved through the API runs again after a reboot of the machine; one that was not saved does not.

case $part in
  1)
    fresh
    check "a process is added and saved with curl and the key file" \
      api POST /add '{"id": "kept", "command": "sleep", "args": ["100000"], "auto_restart": true, "save_for_next_run": true}'
    check "another is added and not saved" api POST /add '{"id": "lost", "command": "sleep", "args": ["100000"]}'
    check "it runs" has kept status running
    cp /etc/exeio/api-key /root/key-before
    reboot_then 2
    ;;
  2)
    check "the machine started without a failed unit" same "failed units" "" "$(systemctl list-units --state=failed --no-legend --plain)"
    check "the daemon is there after the reboot" eventually 60 answers
    check "the key is the same" cmp /root/key-before /etc/exeio/api-key
    check "the saved process runs" eventually 30 has kept status running
    check "it is this machine's first run of it" has kept run_count 1
    check "the other is gone" not api GET /status/lost
    check "the daemon was stopped cleanly before the reboot" \
      grep -qE 'Deactivated successfully|exeio.service: Succeeded' <(journalctl --no-pager --boot=-1 --unit="$unit")
    clean
    ;;
esac
