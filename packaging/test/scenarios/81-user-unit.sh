# shellcheck disable=SC2154  # helpers.sh and scenario set what is used here
# A user without any right has an exeio of their own under their own systemd.

clean
install "$packages/exeio.deb" >/dev/null 2>&1
systemctl disable --now --quiet "$unit"
useradd --create-home --shell /bin/bash visitor 2>/dev/null || true
check "the user's systemd runs without a log-in" loginctl enable-linger visitor
id=$(id -u visitor)
check "it has its directory" eventually 30 test -S "/run/user/$id/bus"
as_visitor() { runuser -u visitor -- env XDG_RUNTIME_DIR="/run/user/$id" DBUS_SESSION_BUS_ADDRESS="unix:path=/run/user/$id/bus" "$@"; }
check "systemctl --user enable --now exeio" as_visitor systemctl --user enable --now exeio.service
check "it answers" eventually 60 answers
check "the key is made, for this user alone" same "its mode and owner" "600 visitor" "$(stat -c '%a %U' /home/visitor/.config/exeio/api-key)"
visitor_api() {
  curl -sS --fail-with-body --max-time 60 -X "$1" -H "exeio-api-key: $(cat /home/visitor/.config/exeio/api-key)" ${3+--data "$3"} "http://127.0.0.1:8080$2"
}
check "a process is added" visitor_api POST /add '{"id": "mine", "command": "sleep", "args": ["100000"], "save_for_next_run": true}'
pid=$(visitor_api GET /status/mine | field pid)
check "it runs as the user" same "its user" visitor "$(ps -o user= -p "$pid")"
if controller memory; then
  check "it has a control group of its own" grep -qE "/user@$id.service/.*/exeio.service/.+" "/proc/$pid/cgroup"
fi
check "the Unix socket is the user's" test -S "/run/user/$id/exeio/exeio.sock"
check "systemctl --user restart exeio" as_visitor systemctl --user restart exeio.service
check "the saved process runs again" eventually 60 same "its state" true "$(sleep 2; visitor_api GET /status/mine | field is_running)"
as_visitor systemctl --user disable --now --quiet exeio.service
check "it ends with the unit" not pgrep -u visitor -fx 'sleep 100000'
loginctl disable-linger visitor
loginctl terminate-user visitor 2>/dev/null || true
eventually 30 not pgrep -u visitor >/dev/null || true
userdel --remove visitor 2>/dev/null || true
clean
