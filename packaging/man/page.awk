# Turns a page's text (exeio.8.md, exeio.json.5.md) into Markdown that lowdown(1) makes a manual page of: it fills in
#   @page FILE              the text of a page of the manual (docs/FILE) below its title, tables as lists of terms
#   @page FILE tables       the same, tables as they are
#   @section FILE HEADING   the text below that heading of a file, up to the next one
#   @synopsis               the line of use in `exeio --help`
#   @options                what it says of the options
# so that neither the options nor the fields of a process are written down twice.
# Variables: top, help: paths; other: the name of the other page; scan: "here" or "there" while this page or the other
# is only looked through for what it has, so that a reference names the page that it stands on.

function fail(message) { print "page.awk: " message >"/dev/stderr"; failed = 1; exit 1 }

# A line of the manual for the reader of a page: a link becomes a reference to the heading that it leads to.
function plain(text,    link, word, target, before) {
  while (match(text, /\[[^]]*\]\([^)]*\)/)) {
    link = substr(text, RSTART, RLENGTH)
    word = substr(link, 2, index(link, "](") - 2)
    target = substr(link, index(link, "](") + 2)
    sub(/\)$/, "", target)
    before = substr(text, 1, RSTART - 1)
    text = before reference(word, target, before ~ /[Ss]ee $/) substr(text, RSTART + RLENGTH)
  }
  return text
}

# What is behind a "see" is the name alone.
function reference(word, target, isNamed,    file, section, name) {
  if (target ~ /^https?:/) return word " (" target ")"
  file = section = target
  sub(/#.*/, "", file); sub(/^[^#]*#?/, "", section)
  if (file == "") file = current
  name = heading(file, section)
  if (("here", file) in titles) name = section == "" ? titles["here", file] : name
  else if (("there", file) in titles) name = (section == "" ? titles["there", file] : name) " in " other
  else name = file " in /usr/share/doc/exeio/docs"
  return isNamed || tolower(word) == tolower(name) ? name : word " (see " name ")"
}

# The heading of a page of the manual that an anchor stands for; the title for none.
function heading(file, section,    path, line, code, found) {
  if (!((file, "") in headings)) {
    # Under another name than copy() reads it by, which may be in the middle of it.
    path = top "/docs/./" file
    while ((state = (getline line <path)) > 0) {
      if (line ~ /^```/) code = !code
      if (code || line !~ /^#+ /) continue
      found = line
      sub(/^#+ /, "", found)
      if (!((file, "") in headings)) headings[file, ""] = found
      headings[file, anchor(found)] = found
    }
    close(path)
    if (state < 0) fail("cannot read docs/" file)
  }
  if (!((file, section) in headings)) fail("docs/" current " refers to docs/" file "#" section ", which there is not")
  return headings[file, section]
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
  value = cells[count]
  if (value !~ /^exeio /) value = toupper(substr(value, 1, 1)) substr(value, 2)
  text = trimmed(text (value == "" ? "" : value (value ~ /[.:!?]$/ ? "" : ".")))
  print bold(cells[1]); print ""; print ": " (text == "" ? "(no default)" : text); print ""
}

# Prints the text of a file: below its title, or below a heading up to the next one.
function copy(file, wanted, asTables,    path, line, found, code, rows) {
  path = top "/" (wanted == "" ? "docs/" : "") file
  current = file
  while ((state = (getline line <path)) > 0) {
    if (line ~ /^```/) code = !code
    if (!code && line ~ /^#+ /) {
      if (wanted == "" && line ~ /^# /) { found = 1; continue }
      if (wanted != "") {
        if (found) break
        sub(/^#+ /, "", line)
        found = (line == wanted)
        continue
      }
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
  close(path)
  if (state < 0) fail("cannot read " path)
  if (!found) fail(path " has no " (wanted == "" ? "title" : "heading '" wanted "'"))
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
  else if ($1 == "@page") titles[scan, $2] = title
  next
}
/^@synopsis$/ { synopsis(); next }
/^@options$/ { options(); next }
/^@page / { copy($2, "", $3 == "tables"); next }
/^@section / {
  wanted = $0
  sub(/^@section [^ ]+ /, "", wanted)
  copy($2, wanted, 0)
  next
}
/^@/ { fail("unknown line: " $0) }
{ print }
END { if (failed) exit 1 }
