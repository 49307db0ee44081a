#!/usr/bin/env bash
# older.sh PACKAGE OLDER: makes a package of the same content with a lower version, to upgrade from.
set -euo pipefail

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
dpkg-deb --raw-extract "$1" "$tree/package"
# A tilde sorts before everything, even the end.
sed -i 's/^Version: .*/&~before/' "$tree/package/DEBIAN/control"
dpkg-deb --root-owner-group --build "$tree/package" "$2" >/dev/null
