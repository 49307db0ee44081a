extension JSONScanner {
  /// The error at the present place.
  func failure(expected: String) -> JSONSyntaxError {
    failure(at: index, expected: expected, found: found)
  }

  /// The error at another place.
  func failure(at offset: Int, expected: String, found: String) -> JSONSyntaxError {
    JSONSyntaxError(at: offset, in: bytes, expected: expected, found: found)
  }

  /// What stands at the present place, in words.
  private var found: String {
    guard let byte = peek() else { return "the end of the text" }
    if byte == UInt8(ascii: "/"), index + 1 < bytes.count,
      bytes[index + 1] == UInt8(ascii: "/") || bytes[index + 1] == UInt8(ascii: "*")
    {
      return "a comment, which JSON does not have"
    }
    guard case .wellFormed(let count) = UTF8Sequence.at(index, in: bytes.span) else {
      return "the byte 0x\(String(byte, radix: 16, uppercase: true))"
    }
    let text = String(decoding: bytes[index..<index + count], as: UTF8.self)
    return text == "'" ? "a single quote" : "'\(printable(text))'"
  }
}
