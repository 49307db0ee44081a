#!/usr/bin/env bash
# Builds the Debian package from the tracked files as they are in the work tree, and has lintian look at it.
#   deb.sh [VERSION]    VERSION: another than the changelog's, for instance 2.0.0-2
# The result is in .build/deb. Swift's own build directory there is kept, which makes the next package a matter of
# seconds; it is thrown away when something has changed that SwiftPM does not notice.
set -euo pipefail
cd "$(dirname "$0")/.."

version=${1-}
out=$PWD/.build/deb
stage=$out/exeio
scratch=$out/swift
mkdir -p "$stage"

# What is unchanged is not copied again, so that its time stamp tells Swift so.
list=$(mktemp)
trap 'rm -f "$list"' EXIT
git ls-files >"$list"
while IFS= read -r file; do
  [[ -f $file ]] || continue # deleted in the work tree
  target=$stage/$file
  [[ $file != packaging/debian/* ]] || target=$stage/${file#packaging/}
  cmp -s "$file" "$target" || install -D -m "$(stat -c %a "$file")" -p "$file" "$target"
  echo "${target#"$stage/"}"
done <"$list" | sort >"$stage.files"
(cd "$stage" && find . -type f -printf '%P\n' | sort | comm -13 "$stage.files" - | xargs -r -d '\n' rm -f
  find . -mindepth 1 -type d -empty -delete)
rm "$stage.files"

if [[ -n $version ]]; then
  {
    printf 'exeio (%s) unstable; urgency=medium\n\n  * Built by make deb.\n\n' "$version"
    printf ' -- The exeio authors <authors@exeio.example>  %s\n\n' "$(date -R)"
    cat packaging/debian/changelog
  } >"$stage/debian/changelog"
fi
version=$(dpkg-parsechangelog -l "$stage/debian/changelog" -S Version)

# SwiftPM does not look into the headers of system libraries.
state=$({
  swift --version
  dpkg-query -W libc-ares-dev libcrypt-dev libhttp-parser-dev libuv1-dev
  find "$stage" \( -name '*.h' -o -name '*.modulemap' -o -name Package.swift \) -exec sha256sum {} +
} 2>/dev/null | sort | sha256sum)
[[ $(cat "$scratch/.state" 2>/dev/null) == "$state" ]] || rm -rf "$scratch"
mkdir -p "$scratch"
echo "$state" >"$scratch/.state"

(cd "$stage" && SCRATCH=$scratch dpkg-buildpackage --build=binary --no-sign --no-pre-clean)
changes=$out/exeio_${version}_$(dpkg --print-architecture).changes
# Not meant for Debian's own archive: its first version has no bug to close there.
lintian --pedantic --display-info --fail-on error,warning,info,pedantic --tag-display-limit 0 \
  --suppress-tags initial-upload-closes-no-bugs "$changes"
echo "exeio: built"
sed -n '/^Files:/,$s/^ .* \(.*\.u\?deb\)$/  \1/p' "$changes" | sed "s|^  |  $out/|"
