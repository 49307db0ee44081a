import Basics

extension JSONScanner {
  /// Scans a string that begins here; the result is what stands between its quotes, as it is
  /// written.
  mutating func string() throws(JSONSyntaxError) -> Range<Int> {
    index += 1
    let start = index
    while let byte = peek() {
      switch byte {
      case UInt8(ascii: "\""):
        index += 1
        return start..<(index - 1)
      case UInt8(ascii: "\\"):
        try escape()
      case 0x00..<0x20:
        throw failure(expected: "control characters in a string to be written as escapes")
      default:
        guard case .wellFormed(let count) = UTF8Sequence.at(index, in: bytes.span) else {
          throw failure(expected: "UTF-8")
        }
        index += count
      }
    }
    throw failure(expected: "'\"' at the end of the string")
  }

  /// Scans an escape: RFC 8259 section 7, and no half of a surrogate pair without the other.
  private mutating func escape() throws(JSONSyntaxError) {
    let start = index
    index += 1
    switch peek() {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      index += 1
    case UInt8(ascii: "u"):
      index += 1
      let unit = try hexDigits()
      guard (0xD800...0xDFFF).contains(unit) else { return }
      guard unit < 0xDC00, skip(UInt8(ascii: "\\")), skip(UInt8(ascii: "u")),
        (0xDC00...0xDFFF).contains(try hexDigits())
      else {
        throw failure(
          at: start, expected: "both halves of a surrogate pair (\\ud83d\\ude00)", found: "one half"
        )
      }
    default:
      throw failure(expected: "one of \" \\ / b f n r t u after '\\'")
    }
  }

  private mutating func hexDigits() throws(JSONSyntaxError) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek(), let digit = byte.hexadecimalValue else {
        throw failure(expected: "four hexadecimal digits after '\\u'")
      }
      unit = unit << 4 | UInt32(digit)
      index += 1
    }
    return unit
  }

  /// The text that a scanned string stands for.
  func text(of range: Range<Int>) -> String {
    let written = bytes[range]
    guard written.contains(UInt8(ascii: "\\")) else {
      return String(decoding: written, as: UTF8.self)
    }
    var units: [UInt16] = []
    var rest = String(decoding: written, as: UTF8.self).utf16[...]
    while let unit = rest.popFirst() {
      guard unit == UInt16(UInt8(ascii: "\\")), let letter = rest.popFirst() else {
        units.append(unit)
        continue
      }
      switch Unicode.Scalar(letter) {
      case "b": units.append(0x08)
      case "f": units.append(0x0C)
      case "n": units.append(0x0A)
      case "r": units.append(0x0D)
      case "t": units.append(0x09)
      case "u":
        units.append(UInt16(String(rest.prefix(4)) ?? "", radix: 16) ?? 0xFFFD)
        rest = rest.dropFirst(4)
      default: units.append(letter)
      }
    }
    return String(decoding: units, as: UTF16.self)
  }
}
