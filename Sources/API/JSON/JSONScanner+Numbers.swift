import Basics

extension JSONScanner {
  /// Scans a number: RFC 8259 section 6. The result is how it is written.
  mutating func number() throws(JSONSyntaxError) -> String {
    let start = index
    _ = skip(UInt8(ascii: "-"))
    if skip(UInt8(ascii: "0")) {
      guard !isAtDigit else { throw failure(expected: "no digit after a leading 0") }
    } else {
      try digits()
    }
    if skip(UInt8(ascii: ".")) { try digits() }
    if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
      if !skip(UInt8(ascii: "+")) { _ = skip(UInt8(ascii: "-")) }
      try digits()
    }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private mutating func digits() throws(JSONSyntaxError) {
    guard isAtDigit else { throw failure(expected: "a digit") }
    while isAtDigit { index += 1 }
  }

  private var isAtDigit: Bool {
    guard let byte = peek() else { return false }
    return byte.isDigit
  }
}
