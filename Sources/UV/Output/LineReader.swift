/// Cuts what a child writes into lines of text. What is not UTF-8 becomes U+FFFD.
package final class LineReader {
  private let onLine: (String) -> Void
  private var line: [UInt8] = []
  /// What is longer is cut into pieces of this length, in bytes.
  package static let longest = 64 * 1024

  /// - Parameter onLine: gets each line, without its end.
  package init(onLine: @escaping (String) -> Void) {
    self.onLine = onLine
  }

  /// Takes bytes that the child has written.
  package func write(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { bytes in
      for byte in bytes {
        if byte == UInt8(ascii: "\n") {
          put()
        } else {
          if line.count == Self.longest { put() }
          line.append(byte)
        }
      }
    }
  }

  /// Says that nothing more comes: a last line without an end is one too.
  package func end() {
    if !line.isEmpty { put() }
  }

  private func put() {
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    onLine(String(decoding: line, as: UTF8.self))
    line.removeAll(keepingCapacity: true)
  }
}
