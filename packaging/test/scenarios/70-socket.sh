# shellcheck disable=SC2154  # helpers.sh and scenario set what is used here
# Socket activation: the first request, over TCP or over the Unix socket, starts the daemon and is answered.

fresh
systemctl disable --now --quiet exeio.service
check "the sockets are enabled and started" systemctl enable --now exeio.socket
check "the daemon is not running" not systemctl is-active --quiet "$unit"
check "the Unix socket is for the group" same "mode and owner" "660 root:exeio-clients" "$(stat -c '%a %U:%G' /run/exeio/exeio.sock)"
check "the first request over TCP is answered" curl -sS --fail --max-time 60 http://127.0.0.1:8080/info
check "it started the daemon" systemctl is-active --quiet "$unit"
check "systemd holds the port" grep -q '"systemd"' <(ss -ltnp 'sport = :8080')
systemctl stop exeio.service 2>/dev/null
check "the daemon is stopped" not systemctl is-active --quiet "$unit"
check "the Unix socket outlives the daemon" test -S /run/exeio/exeio.sock
check "the first request over the Unix socket is answered" curl -sS --fail --max-time 60 --unix-socket /run/exeio/exeio.sock http://localhost/info
check "it started the daemon" systemctl is-active --quiet "$unit"
check "both serve" eventually 10 answers
# No request is lost while the daemon is restarted.
(for _ in $(seq 40); do curl -sS --max-time 60 -o /dev/null -w '%{http_code}\n' http://127.0.0.1:8080/info || echo lost; sleep 0.05; done) >codes &
systemctl restart exeio.service
wait $!
check "no request is lost while the daemon is restarted" same "the answers" 200 "$(sort -u codes | tr '\n' ' ' | sed 's/ $//')"
systemctl disable --now --quiet exeio.socket exeio.service
check "without the sockets the daemon has its own again" systemctl start exeio.service
check "it answers over the Unix socket" curl -sS --fail --max-time 60 --unix-socket /run/exeio/exeio.sock http://localhost/info
systemctl stop exeio.service
