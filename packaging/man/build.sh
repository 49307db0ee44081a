#!/bin/sh
# Makes the manual pages from the texts beside this script, those of docs/ and what the program says of its options.
#   build.sh PROGRAM DIRECTORY        LOWDOWN: the program that turns Markdown into them
set -eu
program=$1
output=$2
here=$(dirname "$0")
top=$here/../..

version=$("$program" --version)
changed=$(sed -n 's/^ -- .*>  //p' "$here/../debian/changelog" "$top/debian/changelog" 2>/dev/null | head -n 1)
mkdir -p "$output"
"$program" --help >"$output/help"
for page in exeio.8 exeio.json.5 exeio-user.8; do
  title=${page%.*}
  case $page in
    exeio.8) there=exeio.json.5 other='**exeio.json**(5)' ;;
    *) there=exeio.8 other='**exeio**(8)' ;;
  esac
  awk -v top="$top" -v help="$output/help" -v other="$other" -f "$here/page.awk" \
    scan=here "$here/$page.md" scan=there "$here/$there.md" scan= "$here/$page.md" >"$output/$page.md"
  "${LOWDOWN:-lowdown}" -s -Tman --nroff-nolinks --out-no-smarty -M "title=$(echo "$title" | tr '[:lower:]' '[:upper:]')" \
    -M "section=${page##*.}" -M "date=$(LC_ALL=C date -u -d "$changed" +%Y-%m-%d)" -M "source=$version" \
    -o "$output/$page.raw" "$output/$page.md"
  awk -f "$here/roff.awk" "$output/$page.raw" >"$output/$page"
  rm "$output/$page.md" "$output/$page.raw"
done
rm "$output/help"
