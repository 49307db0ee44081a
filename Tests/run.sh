#!/bin/sh
# Runs tests that have been built, where they find no programs but those that packaging/setup.sh names for these purposes.
#   run.sh PURPOSE[,PURPOSE ...] [--filter PATTERN ...]    BUILD_FLAGS: what `swift build --build-tests` was given
# Without this, a test may pass because of a program that happens to be on the machine of its author.
set -eu
cd "$(dirname "$0")/.."
purposes=$(echo "$1" | tr , ' ')
shift

# shellcheck disable=SC2086  # a list of words
tests=$(${SWIFT:-swift} build --show-bin-path ${BUILD_FLAGS:-})/exeioPackageTests.xctest
# Not below the checkout: some tests run as users who may not get there.
bin=$(mktemp -d "${TMPDIR:-/tmp}/exeio-programs-XXXXXX")
trap 'rm -rf "$bin"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
chmod 0755 "$bin"
# shellcheck disable=SC2086  # a list of words
packaging/setup.sh --links "$bin" $purposes
status=0
# Tests/lsan.supp has names of functions, and no program in that path finds them.
ASAN_SYMBOLIZER_PATH=$(command -v llvm-symbolizer || true)
export ASAN_SYMBOLIZER_PATH
# As `swift test` starts it, which itself would not get far without a linker in its path.
env PATH="$bin" EXEIO_TEST_PROGRAMS="$purposes" "$tests" --testing-library swift-testing "$@" || status=$?
exit "$status"
