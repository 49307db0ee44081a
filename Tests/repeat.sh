#!/usr/bin/env bash
# Runs every test again and again while other work keeps the cores busy, and names what failed in each round.
#   N=10 repeat.sh                 ten rounds, which is what it does where N is not given
#   SANITIZE=address repeat.sh     three rounds of the AddressSanitizer build
# `make test-repeat` is the way to call it. FILTER chooses among the tests. Exit status: 0 where each round passed.
set -euo pipefail
cd "$(dirname "$0")/.."

sanitize=${SANITIZE:-}
rounds=${N:-$([[ -z $sanitize ]] && echo 10 || echo 3)}
[[ $rounds =~ ^[1-9][0-9]*$ ]] || { echo "test-repeat: N is '$rounds'; it has to be a number from 1" >&2; exit 2; }
swift=${SWIFT:-swift}
case $sanitize in
  "")
    ${MAKE:-make} build
    "$swift" build --build-tests
    export EXEIO_BINARY=$PWD/${RELEASE:-.build/release/exeio}
    ;;
  address)
    packaging/setup.sh
    export BUILD_FLAGS="--sanitize=address --scratch-path .build/asan"
    # shellcheck disable=SC2086  # a list of words
    "$swift" build --build-tests $BUILD_FLAGS
    export EXEIO_SANITIZED=1 ASAN_OPTIONS=detect_leaks=1 LSAN_OPTIONS="suppressions=$PWD/Tests/lsan.supp:print_suppressions=0"
    ;;
  *)
    echo "test-repeat: SANITIZE is '$sanitize'; allowed is address" >&2
    exit 2
    ;;
esac
mapfile -t filter < <([[ -z ${FILTER:-} ]] || printf '%s\n' --filter "$FILTER")

logs=.build/test-repeat
rm -rf "$logs"
mkdir -p "$logs"
load=()
# The load ends with this script, whatever ends that.
finish() { ((${#load[@]} == 0)) || kill "${load[@]}" 2>/dev/null || true; }
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
for ((core = 0; core < 2; core++)); do
  # It looks whether its parent is still there: SIGKILL leaves no time to end it.
  bash -c 'while kill -0 "$1" 2>/dev/null; do for ((i = 0; i < 100000; i++)); do :; done; done' busy $$ &
  load+=($!)
done

# A program that crashes leaves the daemons of its tests behind, which would be a load on the rounds after it.
apart=(unshare --pid --fork --kill-child --mount-proc)
"${apart[@]}" true 2>/dev/null || apart=()

failed=0
for ((round = 1; round <= rounds; round++)); do
  log=$logs/$round.log
  began=$SECONDS status=0
  NO_COLOR=1 "${apart[@]}" Tests/run.sh tests "${filter[@]}" >"$log" 2>&1 || status=$?
  # Colours in front of the marks of Swift Testing.
  names=$(sed -nE 's/^[^A-Za-z]*Test ([^ ]*\(.*\)|".*")( with [0-9]+ test cases?)? failed after .*/\1/p' "$log" | sort -u)
  passed=$(grep -cE '^[^A-Za-z]*Test .* passed after ' "$log" || true)
  if ((status == 0 && passed > 0)); then
    echo "round $round of $rounds: $passed tests passed in $((SECONDS - began)) s"
  else
    ((++failed))
    echo "round $round of $rounds: failed after $((SECONDS - began)) s (exit status $status, $passed tests passed); see $log"
    # A run that has crashed names no test: these had begun and not ended.
    [[ -n $names ]] || names=$(comm -23 \
      <(sed -nE 's/^[^A-Za-z]*Test ([^ ]*\(.*\)) started\.$/\1/p' "$log" | sort -u) \
      <(sed -nE 's/^[^A-Za-z]*Test ([^ ]*\(.*\))( with [0-9]+ test cases?)? (passed|failed) after .*/\1/p' "$log" | sort -u))
    [[ -z $names ]] || printf '  %s\n' "${names//$'\n'/$'\n'  }"
  fi
done
echo "test-repeat: $((rounds - failed)) of $rounds rounds passed"
((failed == 0))
