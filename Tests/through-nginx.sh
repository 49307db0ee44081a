#!/usr/bin/env bash
# Runs the end-to-end tests, which have been built, through nginx: with exeio at a host's root, and below a path.
# At the end it says how many ran, and which are left out for what reason.
set -euo pipefail
cd "$(dirname "$0")/.."

failed=0 summary=()
for front in nginx nginx-subpath; do
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  began=$SECONDS
  EXEIO_TEST_FRONT=$front Tests/run.sh tests,nginx --filter EndToEndTests 2>&1 | tee "$log" || failed=1
  passed=$(grep -cE ' Test [A-Za-z]+\(.* passed after ' "$log") || failed=1
  reasons=$(sed -nE 's/^.* Test .* skipped: /  /p' "$log" | sort | uniq -c | sort -rn)
  summary+=("$front: $passed tests passed in $((SECONDS - began)) s; left out, and why:" "$reasons")
  rm -f "$log"
done
printf '%s\n' "${summary[@]}"
exit "$failed"
