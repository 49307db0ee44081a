# shellcheck shell=sh
# Read by the tests beside it. They run on a machine with systemd where the package is installed, as root, and leave
# the daemon as they found it: enabled, running, without a process of theirs.

url=http://127.0.0.1:8080

fail() {
  echo "FAIL: $*" >&2
  journalctl --unit exeio --no-pager --lines 20 >&2 || true
  exit 1
}

# api METHOD PATH [JSON] [CURL-OPTION ...]: what the daemon answers, with the key of the package.
api() {
  method=$1 path=$2 body=${3-}
  shift 2
  [ $# -eq 0 ] || shift
  curl --silent --show-error --max-time 60 --request "$method" --header "exeio-api-key: $(cat /etc/exeio/api-key)" \
    ${body:+--data "$body"} "$@" "$url$path"
}

# status METHOD PATH [CURL-OPTION ...]: the status of the answer to a request without a key.
status() {
  method=$1 path=$2
  shift 2
  curl --silent --show-error --max-time 60 --output /dev/null --write-out '%{http_code}' --request "$method" "$@" "$url$path"
}

# expect TEXT ANSWER
expect() {
  case $2 in
    *"$1"*) ;;
    *) fail "expected '$1' in: $2" ;;
  esac
}

# field NAME ANSWER: the number that stands first under that name.
field() {
  printf '%s\n' "$2" | grep -o "\"$1\":[0-9]*" | head -n 1 | cut -d: -f2
}

# equal WHAT EXPECTED FOUND
equal() {
  [ "$2" = "$3" ] || fail "$1: expected '$2', found '$3'"
}
