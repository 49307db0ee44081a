# Puts lowdown's roff in order: a term and its text are one .TP (lowdown moves back a line between them, which goes wrong
# at the end of a page), a heading stands on the line of its macro, and words such as EXEIO_API_KEY are not hyphenated.
# What is to be typed (\fB, \fC) has the character "-", at which no line is broken, and not a hyphen.
function typed(text,    parts, count, i, result) {
  count = split(text, parts, "\\\\f")
  result = parts[1]
  for (i = 2; i <= count; i++) {
    if (parts[i] ~ /^[BC]/) gsub(/-/, "\\-", parts[i])
    result = result "\\f" parts[i]
  }
  return result
}
function flush(    i) { for (i = 1; i <= held; i++) print hold[i]; held = 0 }
!/^\./ { $0 = typed($0) }
/^\.TH / { print; print ".nh"; print ".ad l"; next }
/^\.EE$/ { flush(); print; print ".nh"; next } # which puts hyphenation back
/^\.S[HS]$/ { flush(); macro = $0; getline; print macro " " $0; next }
/^\.LP$/ { flush(); hold[++held] = $0; next }
{ if (held) { hold[++held] = $0 } else { print; next } }
held == 7 {
  if (hold[3] == ".if n \\" && hold[7] == ".IP \"\" 5n") { print ".TP 5n"; print hold[2]; held = 0 } else flush()
}
END { flush() }
