#!/usr/bin/env bash
# build.sh BUILDER PROJECT OUT: builds the package in a copy of a bare Debian and puts it into OUT as exeio.deb.
#
# What travels is what git knows of the project, with the changes that are not committed yet. The Swift toolchain, which Debian does not have, is the one
# in PATH, seen from inside by a read-only mount. Needs root.
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
builder=$1 project=$2 out=$3
command -v swift >/dev/null || {
  echo "build.sh: no 'swift' in PATH: install a Swift 6.2 (or later) toolchain, see https://www.swift.org/install/linux/" >&2
  exit 1
}
toolchain=$(readlink -f "$(command -v swift)")
toolchain=${toolchain%/usr/bin/*}

echo "# building the package in a bare Debian"
tree=$(mktemp -d /var/tmp/exeio-builder-XXXXXX)
trap 'rm -rf --one-file-system "$tree"' EXIT
cp -a --reflink=auto "$builder/." "$tree/"
mkdir -p "$tree/build/exeio"
git -c "safe.directory=$project" -C "$project" ls-files -z --cached --others --exclude-standard |
  tar -C "$project" --null --files-from=- --ignore-failed-read -cf - | tar -C "$tree/build/exeio" --no-same-owner -xf -
"$here/within.sh" "$tree" --bind "$toolchain" sh -c 'cd /build/exeio && git init -q && git add -A && make deb' >"$out/build.log" 2>&1 || {
  tail -n 30 "$out/build.log" | sed 's/^/# /'
  echo "not ok the package builds in a bare Debian"
  exit 1
}
echo "ok the package builds in a bare Debian"
cp "$tree"/build/exeio/.build/deb/exeio_*.deb "$out/exeio.deb"
