#!/usr/bin/env bash
# `make install` puts down what is expected, says what is missing, and `make uninstall` leaves what was there before.
# Works in directories of its own, with the release binary that has been built.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d "${TMPDIR:-/tmp}/exeio-install-XXXXXX")
trap 'rm -rf "$work"' EXIT
root=$work/root failed=0
run() { "${MAKE:-make}" --no-print-directory "$@" DESTDIR="$root" >"$work/out" 2>"$work/err" || { cat "$work/out" "$work/err" >&2; exit 1; }; }
content() { (cd "$root" && find . ! -type d | sort); }
# WHAT WANTED GOT
same() {
  [[ $2 == "$3" ]] || {
    printf 'install: %s:\n%s\n' "$1" "$(diff <(echo "$2") <(echo "$3") || true)" >&2
    failed=1
  }
}

mkdir -p "$root/usr/local/bin" "$root/etc/default" "$root/usr/local/share/man/man8"
touch "$root/usr/local/bin/another" "$root/etc/default/another" "$root/usr/local/share/man/man8/another.8"
before=$(content)
expected() { # MORE
  printf '%s\n' "$before" ./usr/local/bin/exeio ./usr/local/sbin/exeio-user ./usr/local/lib/exeio/prepare \
    ./usr/local/lib/systemd/{system/exeio.service,system/exeio.socket,user/exeio.service} \
    ./usr/local/lib/{sysusers.d,tmpfiles.d}/exeio.conf ./usr/local/share/exeio/exeio-hardened.conf \
    ./etc/default/exeio ./etc/logrotate.d/exeio "$@" | sort
}

# Without lowdown.
run install LOWDOWN=no-such-program manual="$work/none"
same "installed without lowdown" "$(expected)" "$(content)"
same "what is said without lowdown" 1 "$(grep -c 'manual pages are missing.*apt-get install lowdown' "$work/err" || true)"
run uninstall
same "left after make uninstall" "$before" "$(content)"
same "directories of exeio's own" "" "$(find "$root" -type d -name 'exeio*')"
# There is nothing to remove, and that is no fault.
run uninstall
same "left after a second one" "$before" "$(content)"

# The texts of the pages fit together, which needs no lowdown: each reference of a section leads into a page.
cat >"$work/lowdown" <<'END'
#!/bin/sh
while [ $# -gt 1 ]; do case $1 in -o) shift; out=$1 ;; esac; shift; done
cp "$1" "$out"
END
chmod +x "$work/lowdown"
LOWDOWN=$work/lowdown packaging/man/build.sh .build/release/exeio "$work/pages" || failed=1
same "the pages" "exeio-user.8 exeio.8 exeio.json.5" "$(cd "$work/pages" && echo *)"

# With pages, wherever they come from.
mkdir "$work/manual"
touch "$work"/manual/{exeio.8,exeio-user.8,exeio.json.5}
run install LOWDOWN=no-such-program manual="$work/manual"
same "installed with pages" "$(expected ./usr/local/share/man/{man8/exeio.8,man8/exeio-user.8,man5/exeio.json.5})" "$(content)"
same "what is said with pages" "" "$(grep 'manual pages' "$work/err" || true)"

# What an administrator has changed or made stays.
echo 'EXEIO_PORT=9000' >>"$root/etc/default/exeio"
mkdir -p "$root/etc/exeio" "$root/var/lib/exeio" "$root/var/log/exeio"
touch "$root/etc/exeio/api-key" "$root/var/lib/exeio/run-state" "$root/var/log/exeio/exeio.log"
run install LOWDOWN=no-such-program manual="$work/manual"
run uninstall
same "left of what an administrator had" \
  "$(printf '%s\n' "$before" ./etc/default/exeio ./etc/exeio/api-key ./var/lib/exeio/run-state ./var/log/exeio/exeio.log | sort)" "$(content)"
same "the changed option" 1 "$(grep -c '^EXEIO_PORT=9000$' "$root/etc/default/exeio")"

((!failed)) && echo "install: what make install puts down, make uninstall removes"
