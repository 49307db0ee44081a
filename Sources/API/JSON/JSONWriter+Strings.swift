extension JSONWriter {
  /// Adds a string in quotes.
  mutating func append(escaping text: String) {
    append(byte: UInt8(ascii: "\""))
    append(contentOf: text)
    append(byte: UInt8(ascii: "\""))
  }

  /// Adds what stands between the quotes of a string. Most hold nothing that needs an escape and
  /// are copied whole.
  mutating func append(contentOf text: String) {
    let utf8 = text.utf8
    if Self.isPlain(utf8.span) { append(utf8) } else { append(contentOf: Array(utf8)[...]) }
  }

  /// Adds bytes between the quotes of a string: control characters, those of C1 too, become
  /// escapes, and each maximal subpart of what is not UTF-8 one U+FFFD.
  mutating func append(contentOf text: ArraySlice<UInt8>) {
    let span = text.span
    var index = 0
    /// From here to `index` is what needs no escape and is not yet added.
    var start = 0
    while index < span.count {
      let byte = span[index]
      if Self.isPlain(byte), byte < 0x80 {
        index += 1
        continue
      }
      let sequence = UTF8Sequence.at(index, in: span)
      if case .wellFormed(let count) = sequence, !Self.isControl(at: index, in: span) {
        index += count
        continue
      }
      append(text[text.startIndex + start..<text.startIndex + index])
      switch sequence {
      case .illFormed(let count):
        append("\u{FFFD}")
        index += count
      case .wellFormed(1):
        append(escapeOf: byte)
        index += 1
      case .wellFormed(let count):
        append(unicodeEscapeOf: span[index + count - 1])
        index += count
      }
      start = index
    }
    append(text[(text.startIndex + start)...])
  }

  private mutating func append(escapeOf byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): append("\\\"")
    case UInt8(ascii: "\\"): append("\\\\")
    case 0x08: append("\\b")
    case 0x09: append("\\t")
    case 0x0A: append("\\n")
    case 0x0C: append("\\f")
    case 0x0D: append("\\r")
    default: append(unicodeEscapeOf: byte)
    }
  }

  /// `\u001b`, for the characters up to U+00FF.
  private mutating func append(unicodeEscapeOf byte: UInt8) {
    append("\\u00")
    for digit in [byte >> 4, byte & 0x0F] {
      append(byte: digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
  }

  /// Whether the character there, which is well-formed, has to become an escape: quotes,
  /// backslashes and the control characters C0, DEL and C1 (0xC2 0x80 to 0xC2 0x9F), which
  /// terminals obey.
  private static func isControl(at index: Int, in text: Span<UInt8>) -> Bool {
    text[index] < 0x80 ? !isPlain(text[index]) : text[index] == 0xC2 && text[index + 1] < 0xA0
  }

  /// Whether the text, which is UTF-8, may stand in a string as it is.
  private static func isPlain(_ text: Span<UInt8>) -> Bool {
    for index in text.indices where !isPlain(text[index]) { return false }
    return true
  }

  /// Whether a byte of UTF-8 begins nothing that needs an escape. 0xC2 may begin a C1 control
  /// character.
  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != 0x22 && byte != 0x5C && byte != 0x7F && byte != 0xC2
  }
}
