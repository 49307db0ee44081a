#!/bin/sh
# Installs the Debian packages that exeio is built with, where they are missing.
#   setup.sh [package] [nginx] [programs]    `package`: also what a Debian package is built and checked with;
#                                            `nginx`: also what the end-to-end tests through nginx run on;
#                                            `programs`: also the programs that end-to-end tests supervise
set -eu

# "file that proves it" "package"
missing=
need() { [ -e "$1" ] || missing="$missing $2"; }
need /usr/include/uv.h libuv1-dev
need /usr/include/http_parser.h libhttp-parser-dev
need /usr/include/crypt.h libcrypt-dev
for purpose; do
  case $purpose in
    package)
      need /usr/bin/dpkg-buildpackage dpkg-dev
      need /usr/bin/dh debhelper
      need /usr/bin/lintian lintian
      need /usr/bin/lowdown lowdown
      ;;
    nginx)
      need /usr/sbin/nginx nginx-light
      need /usr/bin/openssl openssl
      need /usr/bin/curl curl
      need /usr/bin/socat socat
      ;;
    programs)
      need /usr/sbin/nginx nginx-light
      need /usr/bin/redis-server redis-server
      need /usr/bin/redis-cli redis-tools
      need /usr/lib/postgresql postgresql
      need /usr/bin/psql postgresql-client
      need /usr/bin/gunicorn gunicorn
      need /usr/bin/wrk wrk
      need /usr/bin/faketime faketime
      ;;
    *)
      echo "setup: unknown purpose '$purpose'; there are: package, nginx, programs" >&2
      exit 2
      ;;
  esac
done

command -v swift >/dev/null || {
  echo "exeio: no 'swift' in PATH: install a Swift 6.2 (or later) toolchain, see https://www.swift.org/install/linux/" >&2
  exit 1
}
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "exeio: missing Debian packages:$missing; run as root: apt-get install$missing" >&2
    exit 1
  }
  as_root=sudo
fi
command -v apt-get >/dev/null || {
  echo "exeio: missing libraries:$missing (Debian's names); this system has no apt-get, so install them by hand" >&2
  exit 1
}
echo "exeio: installing$missing"
# shellcheck disable=SC2086  # both are lists of words
$as_root env DEBIAN_FRONTEND=noninteractive sh -c "apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null" || {
  echo "exeio: could not install$missing; install them by hand: apt-get install$missing" >&2
  exit 1
}
