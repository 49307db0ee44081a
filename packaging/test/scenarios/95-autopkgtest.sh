# shellcheck disable=SC2154  # helpers.sh and scenario set what is used here
# The package's own autopkgtest scripts, run as autopkgtest runs them: on an installed package, each by itself.

control=$tests/debian/tests/control
check "the package has tests of its own" test -s "$control"
[[ -s $control ]] || return 0
names=$(sed -n 's/^Tests: *//p' "$control" | tr -s ', ' '\n')
check "the control file names them" test -n "$names"
for name in $names; do
  fresh
  AUTOPKGTEST_TMP=$(mktemp -d)
  AUTOPKGTEST_ARTIFACTS=$(mktemp -d)
  export AUTOPKGTEST_TMP AUTOPKGTEST_ARTIFACTS
  check "autopkgtest $name" timeout 300 "$tests/debian/tests/$name"
done
clean
