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
    return text(from: start)
  }

  /// What stands from a place up to here, all of it ASCII. A slice would hold the bytes, and let go
  /// of them, each time.
  private func text(from start: Int) -> String {
    do {
      return String(copying: try UTF8Span(validating: bytes.span.extracting(start..<index)))
    } catch {
      preconditionFailure("a number has other characters than those of ASCII: \(error)")
    }
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
