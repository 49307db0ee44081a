import Glibc

/// The last line of a stream that is not blank, or its beginning: what an operator wants to see of
/// a run that has failed.
///
/// It looks at bytes from their end, once for each piece that was read, so that its cost does not
/// depend on how many lines there are.
struct LineTail {
  /// How many characters are shown.
  private static let longest = 200
  /// How many bytes are kept for them.
  private static let kept = 4 * (longest + 1)
  /// After how many blank lines the look ends.
  private static let patience = 16

  private var bytes: [UInt8] = []

  /// Notes whole lines; the last one may lack its newline.
  mutating func note(_ start: UnsafeRawPointer, _ length: Int) {
    var end = length
    for _ in 0..<Self.patience where end > 0 {
      if start.load(fromByteOffset: end - 1, as: UInt8.self) == Newlines.byte { end -= 1 }
      let begin = Newlines.last(start, end).map { $0 + 1 } ?? 0
      let line = UnsafeRawBufferPointer(start: start + begin, count: min(end - begin, Self.kept))
      if line.contains(where: { $0 > UInt8(ascii: " ") }) {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: line)
        return
      }
      end = begin
    }
  }

  /// The line as text: what is not UTF-8 becomes U+FFFD, control characters are written out, and
  /// what is too long ends in an ellipsis.
  var text: String? {
    guard !bytes.isEmpty else { return nil }
    var line = bytes[...]
    while let last = line.last, last <= UInt8(ascii: " ") { line.removeLast() }
    let text = String(
      decoding: SystemText.escaped(String(decoding: line, as: UTF8.self)), as: UTF8.self)
    return text.count > Self.longest ? text.prefix(Self.longest) + "…" : text
  }
}
