# shellcheck disable=SC2154  # helpers.sh and scenario set what is used here
# What the processes, and so the user exeio, can do to /etc/exeio does not make root read or change anything for them.

fresh
secret=/root/of-root-alone
(umask 077 && echo 'top-secret-of-root' >"$secret")
as_exeio() { runuser -u exeio -- "$@"; }
handed_over() { as_exeio grep -rqF top-secret /run/credentials /etc/exeio; }

# systemd reads credentials as root, and follows links.
mv /etc/exeio/api-key /root/api-key-of-the-test
check "the user exeio may put a link in the place of the key" as_exeio ln -s "$secret" /etc/exeio/api-key
systemctl restart "$unit" 2>/dev/null || true
check "the daemon does not start with it" eventually 30 journal "API key: .*Permission denied"
check "no process gets to see what the link leads to" not handed_over
as_exeio rm /etc/exeio/api-key
mv /root/api-key-of-the-test /etc/exeio/api-key
systemctl reset-failed "$unit"
systemctl restart "$unit"
check "it starts with the key in its place" eventually 60 answers

# exeio key writes as root.
for name in keys.json keys.json.tmp keys.json.lock; do as_exeio ln -sf "$secret" "/etc/exeio/$name"; done
exeio key add planted --role read >/dev/null 2>&1 || true
check "exeio key changes nothing behind a link" same "the file" "600 root:root top-secret-of-root" "$(stat -c '%a %U:%G' "$secret") $(cat "$secret")"
rm -f /etc/exeio/keys.json*
check "exeio key works without them" exeio key add planted --role read
check "the daemon can read what root wrote" same "mode and owner" "640 exeio:exeio" "$(stat -c '%a %U:%G' /etc/exeio/keys.json)"

# A key of root's own, where the processes cannot put anything.
[[ -d /etc/credstore ]] || mkdir -m 0700 /etc/credstore
(umask 077 && echo 'key-of-the-credential-store' >/etc/credstore/exeio.api-key)
systemctl restart "$unit"
check "a key in systemd's store of credentials goes first" \
  curl -sS --fail -H "exeio-api-key: key-of-the-credential-store" http://127.0.0.1:8080/list
rm /etc/credstore/exeio.api-key "$secret"
rmdir --ignore-fail-on-non-empty /etc/credstore
exeio key remove planted >/dev/null
systemctl restart "$unit"
check "without it the file's key is the daemon's again" eventually 60 api GET /list
