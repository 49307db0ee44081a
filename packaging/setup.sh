#!/bin/sh
# Installs the Debian packages that exeio is built with, where they are missing.
#   setup.sh [--links DIRECTORY] [tests] [programs] [metrics] [nginx] [bench] [package]
#     tests      also the programs that the tests start
#     programs   also the servers that the tests of real programs supervise
#     metrics    also the Prometheus that scrapes the daemon in the tests of metrics
#     nginx      also what the end-to-end tests through nginx need
#     bench      also what the benchmarks are written in, and the peers beside them
#     package    also what a Debian package is built and checked with
#   --links      puts a link into DIRECTORY to each program that is named for these purposes
# The tests find the programs that are named here, and no others: Tests/run.sh.
set -eu

links=
if [ "${1-}" = --links ]; then
  links=${2:?setup: --links needs a directory}
  shift 2
fi

# "file that proves it" "package"
missing='' programs=''
need() { [ -e "$1" ] || missing="$missing $2"; }
# The same for a program that tests start, by its path.
program() {
  need "$1" "$2"
  programs="$programs $1"
}
# "package" "program" ...: programs of /usr/bin.
all_of() {
  from=$1
  shift
  for name; do program "/usr/bin/$name" "$from"; done
}
need /usr/include/uv.h libuv1-dev
need /usr/include/http_parser.h libhttp-parser-dev
need /usr/include/crypt.h libcrypt-dev
need /usr/include/ares.h libc-ares-dev
for purpose; do
  case $purpose in
    tests)
      all_of dash sh
      all_of bash bash
      all_of coreutils cat chmod chown cp date dd echo env false head id install ln ls mkdir mkfifo mv nice od pwd readlink rm \
        seq sleep sort stat stdbuf tail test timeout touch tr true uname wc yes
      all_of grep grep
      all_of sed sed
      all_of mawk awk
      all_of mount mount
      all_of perl-base perl
      all_of procps pgrep pkill ps
      all_of strace strace
      all_of systemd systemd-notify
      all_of util-linux prlimit setpriv setsid unshare
      ;;
    programs)
      program /usr/sbin/nginx nginx-light
      program /usr/bin/redis-server redis-server
      program /usr/bin/redis-cli redis-tools
      need /usr/lib/postgresql postgresql
      program /usr/bin/psql postgresql-client
      program /usr/bin/gunicorn gunicorn
      program /usr/bin/wrk wrk
      program /usr/bin/faketime faketime
      ;;
    metrics)
      all_of prometheus prometheus promtool
      ;;
    nginx)
      program /usr/sbin/nginx nginx-light
      program /usr/bin/openssl openssl
      program /usr/bin/curl curl
      program /usr/bin/socat socat
      ;;
    bench)
      all_of python3 python3
      all_of wrk wrk
      all_of s6 s6-svscan
      program /usr/sbin/nginx nginx-light
      ;;
    package)
      need /usr/bin/dpkg-buildpackage dpkg-dev
      need /usr/bin/dh debhelper
      need /usr/bin/lintian lintian
      need /usr/bin/lowdown lowdown
      ;;
    *)
      echo "setup: unknown purpose '$purpose'; there are: tests, programs, metrics, nginx, bench, package" >&2
      exit 2
      ;;
  esac
done

command -v swift >/dev/null || {
  echo "exeio: no 'swift' in PATH: install a Swift 6.2 (or later) toolchain, see https://www.swift.org/install/linux/" >&2
  exit 1
}

install_missing() {
  as_root=
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      echo "exeio: missing Debian packages:$missing; run as root: apt-get install$missing" >&2
      exit 1
    }
    as_root=sudo
  fi
  command -v apt-get >/dev/null || {
    echo "exeio: missing:$missing (Debian's names); this system has no apt-get, so install them by hand" >&2
    exit 1
  }
  echo "exeio: installing$missing"
  # shellcheck disable=SC2086  # both are lists of words
  $as_root env DEBIAN_FRONTEND=noninteractive sh -c "apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null" || {
    echo "exeio: could not install$missing; install them by hand: apt-get install$missing" >&2
    exit 1
  }
}
# shellcheck disable=SC2086  # a list of words
[ -z "$missing" ] || missing=$(printf ' %s\n' $missing | sort -u | tr -d '\n')
[ -z "$missing" ] || install_missing
[ -n "$links" ] || exit 0

# Debian keeps the servers of PostgreSQL out of the way, a directory a version; the newest one counts.
case " $* " in
  *' programs '*)
    for directory in /usr/lib/postgresql/*/bin; do
      servers="$directory/initdb $directory/postgres"
    done
    programs="$programs $servers"
    ;;
esac
for program in $programs; do
  [ -x "$program" ] || {
    echo "setup: $program is not there, although its package is installed" >&2
    exit 1
  }
  ln -sf "$program" "$links/${program##*/}"
done
