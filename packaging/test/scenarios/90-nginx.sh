# shellcheck disable=SC2154  # helpers.sh and scenario set what is used here
# The shipped configuration on Debian's nginx, put up as it says itself: TLS, HTTP/2, the Unix socket, a host's root and a sub-path.

fresh
name=supervisor.example.org
printf '%s\n' EXEIO_TRUSTED_PROXY=unix EXEIO_ALLOWED_HOST=$name EXEIO_LOG_LEVEL=debug >>/etc/default/exeio
systemctl restart "$unit"
eventually 60 answers >/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$name" -addext "subjectAltName=DNS:$name" \
  -keyout /etc/ssl/private/supervisor.key -out /etc/ssl/certs/supervisor.pem 2>/dev/null
check "nginx's user joins the group of the socket" usermod --append --groups exeio-clients www-data
cp /usr/share/doc/exeio/examples/nginx/exeio.conf /etc/nginx/conf.d/
check "it cannot read the key by that" not runuser --user www-data -- cat /etc/exeio/api-key
check "nginx -t has nothing to say against the shipped file" same "what it says" "" "$(nginx -t -q 2>&1)"
check "nginx starts" systemctl restart nginx

# https CLIENT PATH [CURL'S ARGUMENT ...]
https() {
  curl --silent --show-error --max-time 60 --cacert /etc/ssl/certs/supervisor.pem --resolve "$name:443:127.0.0.1" --interface "$1" "${@:3}" "https://$name$2"
}
key="exeio-api-key: $(cat /etc/exeio/api-key)"
code() { https "$@" --output /dev/null --write-out '%{http_code}'; }
version() { https 127.0.0.2 "$1" --header "$key" --output /dev/null --write-out '%{http_version} %{http_code}' "${@:2}"; }
check "the host's root is served over HTTP/2" same "version and status" "2 200" "$(version /list)"
check "so is the sub-path" same "version and status" "2 200" "$(version /exeio/list)"
check "so is HTTP/1.1" same "version and status" "1.1 200" "$(version /exeio/list --http1.1)"
check "a process is added through it" same "the status" 201 "$(code 127.0.0.2 /exeio/add --header "$key" --data '{"id": "web", "command": "sleep", "args": ["1000"]}')"
check "and stopped" same "the status" 200 "$(code 127.0.0.2 /stop/web --header "$key" --request POST)"
check "the access log has the client's address" grep -qF '127.0.0.2 "POST /stop/web" 200' /var/log/exeio/exeio.log
check "a page of the host itself may change something" same "the status" 200 "$(code 127.0.0.2 /start-all --header "$key" --header "Origin: https://$name" --request POST)"
check "a page of another host may not" same "the status" 403 "$(code 127.0.0.2 /start-all --header "$key" --header "Origin: https://evil.example" --request POST)"
# In one go: the wait is a matter of seconds, and this machine may be a slow one.
wrong=$(https 127.0.0.3 '/list?[1-11]' --header "exeio-api-key: wrong" --header "X-Forwarded-For: 127.0.0.2" \
  --output /dev/null --dump-header headers --write-out '%{http_code} ')
check "ten wrong keys make a client wait, whatever address it claims" same "the answers" "$(printf '401 %.0s' 1 2 3 4 5 6 7 8 9 10)429 " "$wrong"
check "it is told how long" grep -qi '^retry-after: [1-9]' headers
check "others do not wait" same "the status" 200 "$(code 127.0.0.2 /list --header "$key")"
check "who asks too often is held back by nginx" grep -q 429 <(code 127.0.0.4 '/info?[1-200]' --parallel --parallel-max 100 2>/dev/null)
check "a body that is too large is refused" same "the status" 413 "$(head -c 1100000 /dev/zero | code 127.0.0.5 /add --header "$key" --data-binary @-)"
rm /etc/nginx/conf.d/exeio.conf
systemctl stop nginx
gpasswd --delete www-data exeio-clients >/dev/null
clean
