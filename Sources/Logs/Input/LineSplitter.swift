/// The bytes of one call on their way into a log.
struct LineSplitter {
  static let longestLine = LineCursor.longestLine
  /// With one byte more than the longest line, that byte may be the `\r` of its end and be
  /// dropped; with two it is certain that there is more than one piece.
  static let certainlyTooLong = longestLine + 2

  private let writer: LogWriter
  private let prefix: LinePrefix
  private(set) var lineCursor: LineCursor
  /// The first byte that has not been used.
  private(set) var at: UnsafeRawPointer
  /// How many bytes have not been used.
  private(set) var left: Int

  init(_ writer: LogWriter, _ prefix: LinePrefix, _ bytes: UnsafeRawPointer, _ length: Int) {
    self.writer = writer
    self.prefix = prefix
    lineCursor = writer.lineCursor
    at = bytes
    left = length
  }

  /// Whether a line whose end has not been seen gives a piece already.
  static func mustBeCut(_ line: UnsafeRawPointer, _ length: Int) -> Bool {
    length >= certainlyTooLong || (length > longestLine && !endsInReturn(line, length))
  }

  @inline(__always)
  private static func endsInReturn(_ line: UnsafeRawPointer, _ length: Int) -> Bool {
    length > 0 && line.load(fromByteOffset: length - 1, as: UInt8.self) == UInt8(ascii: "\r")
  }

  /// Puts down every line that ends in these bytes, and the pieces of one that is too long; what
  /// is left then is the beginning of a line.
  mutating func putWholeLines() {
    while let length = Newlines.first(at, left) {
      putEndedLine(at, length)
      skip(length + 1)
    }
    while left > Self.longestLine, Self.mustBeCut(at, left) {
      put(at, Self.longestLine)
      skip(Self.longestLine)
    }
  }

  /// Passes over bytes.
  @inline(__always)
  mutating func skip(_ length: Int) {
    at += length
    left -= length
  }

  /// Puts down a line that stood before a `\n`, without the `\r` it may end with.
  @inline(__always)
  mutating func putEndedLine(_ line: UnsafeRawPointer, _ length: Int) {
    putLine(line, Self.endsInReturn(line, length) ? length - 1 : length)
  }

  /// Puts down a line of any length, in pieces if need be.
  @inline(__always)
  mutating func putLine(_ line: UnsafeRawPointer, _ length: Int) {
    var line = line
    var length = length
    while length > Self.longestLine {
      put(line, Self.longestLine)
      line += Self.longestLine
      length -= Self.longestLine
    }
    put(line, length)
  }

  /// Puts down one piece.
  @inline(__always)
  mutating func put(_ line: UnsafeRawPointer, _ length: Int) {
    if lineCursor.room < LineCursor.room(for: length) { nextBuffer(for: length) }
    lineCursor.put(prefix, line, length)
  }

  /// Kept out of line: it happens once in some thousand lines.
  @inline(never)
  private mutating func nextBuffer(for length: Int) {
    writer.nextBuffer(&lineCursor, for: length, ahead: left)
  }
}
