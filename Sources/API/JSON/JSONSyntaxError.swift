/// Where a text stops being JSON (RFC 8259), what should stand there and what does.
package struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  package let place: JSONPlace
  package let expected: String
  package let found: String

  /// `line 3, column 12: expected a value, found ']'`
  package var description: String { "\(place): expected \(expected), found \(found)" }

  /// The error at a byte of a text, from 0; at its end where `offset` is the count of its bytes.
  init(at offset: Int, in bytes: [UInt8], expected: String, found: String) {
    place = JSONPlace(of: offset, in: bytes)
    self.expected = expected
    self.found = found
  }
}
