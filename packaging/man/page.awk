# Turns a page's text (exeio.8.md, exeio.json.5.md) into Markdown that lowdown(1) makes a manual page of: it fills in
#   @section HEADING        the text below that heading of README.md, tables as lists of terms
#   @section HEADING tables the same, tables as they are
#   @synopsis               the line of use in `exeio --help`
#   @options                what it says of the options
# so that neither the options nor the fields of a process are written down twice.
# Variables: readme, help: paths; other: the name of the other page; scan: "here" or "there" while this page or the other
# is only looked through for its headings, so that a reference names the one that stands on the page.

function fail(message) { print "page.awk: " message >"/dev/stderr"; failed = 1; exit 1 }

# A line of README.md for the reader of a page: a link to a section is the heading that it has on the pages.
function plain(text,    link, word, target) {
  while (match(text, /\[[^]]*\]\([^)]*\)/)) {
    link = substr(text, RSTART, RLENGTH)
    word = substr(link, 2, index(link, "](") - 2)
    target = substr(link, index(link, "](") + 2)
    sub(/\)$/, "", target)
    if (target ~ /^#/) word = place(substr(target, 2))
    else if (target ~ /^https?:/) word = word " (" target ")"
    text = substr(text, 1, RSTART - 1) word substr(text, RSTART + RLENGTH)
  }
  return text
}

# Where the reader of this page finds that section of README.md.
function place(section) {
  if (("here", section) in headings) return headings["here", section]
  if (!(("there", section) in headings)) fail("a reference to a section that no page has: #" section)
  section = headings["there", section]
  return (section == "DESCRIPTION" ? "" : section " in ") other
}

# What a link calls a heading.
function anchor(text) { text = tolower(text); gsub(/[^a-z0-9 _-]/, "", text); gsub(/ /, "-", text); return text }

# What stands in backquotes, in bold.
function bold(text,    parts, count, i, result) {
  count = split(text, parts, "`")
  for (i = 1; i <= count; i++) {
    if (i % 2 == 0) { gsub(/[_*<>]/, "\\\\&", parts[i]); parts[i] = "**" parts[i] "**" }
    result = result parts[i]
  }
  return result
}

function trimmed(text) { gsub(/^ +| +$/, "", text); return text }

# Splits a row of a table into cells[1...]; `\|` is not a border.
function row(line, cells,    count, i) {
  gsub(/\\\|/, "\001", line)
  sub(/^\|/, "", line); sub(/\| *$/, "", line)
  count = split(line, cells, "|")
  for (i = 1; i <= count; i++) { gsub(/\001/, "|", cells[i]); cells[i] = trimmed(cells[i]) }
  return count
}

function term(line,    cells, count, i, text, value) {
  count = row(line, cells)
  if (count != columns) fail("a row of " count " cells in a table of " columns ": " line)
  for (i = 2; i < count; i++)
    if (cells[i] != "") text = text (header[i] ? toupper(substr(header[i], 1, 1)) substr(header[i], 2) ": " : "") cells[i] ". "
  value = toupper(substr(cells[count], 1, 1)) substr(cells[count], 2)
  text = trimmed(text (value == "" ? "" : value (value ~ /[.:!?]$/ ? "" : ".")))
  print bold(cells[1]); print ""; print ": " (text == "" ? "(no default)" : text); print ""
}

function section(heading, asTables,    line, found, code, rows) {
  while ((state = (getline line <readme)) > 0) {
    if (line ~ /^```/) code = !code
    if (!code && line ~ /^#+ /) {
      if (found) break
      sub(/^#+ /, "", line)
      found = (line == heading)
      continue
    }
    if (!found) continue
    if (code || line ~ /^```/) { print line; continue }
    line = plain(line)
    if (line !~ /^\|/ || asTables) { rows = 0; print line; continue }
    rows++
    if (rows == 1) {
      columns = row(line, header)
      # A head over the first column alone says what the table is about.
      if (columns == 2 && header[2] == "") { print toupper(substr(header[1], 1, 1)) substr(header[1], 2) ":"; print "" }
    } else if (rows > 2) term(line)
  }
  if (state < 0) fail("cannot read " readme)
  close(readme)
  if (!found) fail("README.md has no section '" heading "'")
}

function options(    line, left, count) {
  while ((state = (getline line <help)) > 0) {
    if (line ~ /^ +-/) {
      line = trimmed(line)
      if (!match(line, /  +/)) fail("an option without a word of help: " line)
      if (count++) print ""
      print "**" substr(line, 1, RSTART - 1) "**"; print ""
      print ": " substr(line, RSTART + RLENGTH) "."
    } else if (count && line ~ /^ +\[EXEIO_/) {
      line = trimmed(line)
      line = substr(line, 2, length(line) - 2)
      gsub(/, /, "`, `", line)
      print "  Environment: `" line "`."
    }
  }
  if (state < 0) fail("cannot read " help)
  close(help)
  if (!count) fail("no option in " help)
  print ""
}

function synopsis(    line, found) {
  while ((getline line <help) > 0) {
    if (line ~ /^Usage: /) found = 1
    else if (found && line !~ /^ /) break
    sub(/^Usage: /, "", line); line = trimmed(line)
    if (found) { sub(/^exeio/, "**exeio**", line); gsub(/OPTIONS/, "*OPTION* ...", line); print line; print "" }
  }
  close(help)
  if (!found) fail("no line of use in " help)
}

scan {
  if (sub(/^#+ /, "")) title = $0
  else if (sub(/^@section /, "")) { sub(/ tables$/, ""); headings[scan, anchor($0)] = title }
  next
}
/^@synopsis$/ { synopsis(); next }
/^@options$/ { options(); next }
/^@section / {
  heading = substr($0, 10)
  asTables = sub(/ tables$/, "", heading)
  section(heading, asTables)
  next
}
/^@/ { fail("unknown line: " $0) }
{ print }
END { if (failed) exit 1 }
