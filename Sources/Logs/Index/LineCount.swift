/// How many lines some bytes have that a file begins with.
struct LineCount: Equatable, Sendable {
  /// How many bytes were counted.
  var bytes = 0
  var newlines = 0
  /// Whether the last of the bytes is a newline; so it is where there are none.
  var endsInNewline = true

  /// How many lines there are; a last one without a newline counts.
  var lines: Int { newlines + (endsInNewline ? 0 : 1) }

  /// Counts the bytes that follow those that were counted.
  mutating func append(_ other: LineCount) {
    bytes += other.bytes
    newlines += other.newlines
    if other.bytes > 0 { endsInNewline = other.endsInNewline }
  }
}
