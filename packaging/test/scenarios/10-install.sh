# shellcheck disable=SC2154  # helpers.sh and scenario set what is used here
# The package installs, starts by itself, and what it lays down is as the documents say.

mode() { same "mode and owner of $1" "$2" "$(stat -c '%a %U:%G' "$1")"; }

clean
check "the package installs with nothing but Debian's own" install "$packages/exeio.deb"
# shellcheck disable=SC2016  # dpkg-query expands it
depends=$(dpkg-query --show --showformat='${Depends}' exeio | tr ',' '\n' | grep -vE '^ *(lib|init-system-helpers |systemd )' || true)
check "it depends on nothing but libraries and systemd" same "other dependencies" "" "$depends"
check "the unit is enabled" systemctl is-enabled --quiet "$unit"
check "the unit is started" systemctl is-active --quiet "$unit"
check "started means that the port answers" answers
check "the daemon runs as exeio" same "its user" exeio "$(ps -o user= -p "$(main_pid)")"
check "the user has no shell" grep -q '^exeio:.*/usr/sbin/nologin$' <(getent passwd exeio)
check "the configuration is for root and exeio only" mode /etc/exeio "750 exeio:exeio"
check "the key is made, for root to change and exeio to read" mode /etc/exeio/api-key "640 root:exeio"
check "the state is exeio's" mode /var/lib/exeio "750 exeio:exeio"
check "the logs are exeio's" mode /var/log/exeio "750 exeio:exeio"
check "the Unix socket is for the group" mode /run/exeio/exeio.sock "660 exeio:exeio-clients"
check "the key in the file is the daemon's" api GET /list
check "without the key there is no answer" same "the status" 401 "$(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:8080/list)"
check "the journal never has the key" not grep -qF "$(cat /etc/exeio/api-key)" <(journalctl --no-pager --since="$since")
check "systemd shows what the daemon says of itself" grep -q . <(systemctl show --property=StatusText --value "$unit")
check "the version is the package's" grep -qF "$(exeio --version | grep -oE '[0-9]+\.[0-9.]+' | head -n 1)" <(version)
check "the manual pages are there" man --where exeio exeio.json
check "the example of nginx is there" test -s /usr/share/doc/exeio/examples/nginx/exeio.conf
check "the manual is there, its pages as they are" test -s /usr/share/doc/exeio/docs/api.md -a -s /usr/share/doc/exeio/docs/definitions.md
check "no installed file is changed" dpkg --verify exeio
clean
