/// Where a text stops being JSON (RFC 8259), what should stand there and what does.
package struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  /// From 1; lines end in `\n`.
  package let line: Int
  /// From 1, in Unicode scalars; a byte that is not UTF-8 counts as one.
  package let column: Int
  package let expected: String
  package let found: String

  /// `line 3, column 12: expected a value, found ']'`
  package var description: String {
    "line \(line), column \(column): expected \(expected), found \(found)"
  }

  /// The error at a byte of a text, from 0; at its end where `offset` is the count of its bytes.
  init(at offset: Int, in bytes: [UInt8], expected: String, found: String) {
    var line = 1
    var column = 1
    for byte in bytes[..<offset] {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    self.line = line
    self.column = column
    self.expected = expected
    self.found = found
  }
}
