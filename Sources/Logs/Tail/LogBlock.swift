package import Basics

/// Lines of a log that follow each other, for all who follow the log at its end: each form in which
/// they are sent is made once.
package final class LogBlock {
  /// Of the numbers of the lines.
  package let epoch: UInt32
  /// The lines, the oldest one first; never none.
  package let lines: [LogLine]
  /// How many bytes they have in the file.
  let size: Int
  private var renderings: [Int: [UInt8]] = [:]

  /// - Parameter size: how many bytes they have in the file.
  init(_ lines: [LogLine], size: Int, epoch: UInt32) {
    self.lines = lines
    self.size = size
    self.epoch = epoch
  }

  /// Whole lines as they were written to the file.
  ///
  /// - Parameter first: the number of the first one.
  convenience init(_ bytes: [UInt8], first: Int, epoch: UInt32) {
    var lines: [LogLine] = []
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: Newlines.byte) ?? bytes.count
      lines.append(LogLine(bytes[start..<end], number: first + lines.count))
      start = end + 1
    }
    self.init(lines, size: bytes.count, epoch: epoch)
  }

  /// The number of the first line.
  package var first: Int { lines[0].number }

  /// The number of the last line.
  package var last: Int { lines[lines.count - 1].number }

  /// The lines behind a number; nil if there are none.
  func suffix(after number: Int) -> LogBlock? {
    guard number >= first else { return self }
    guard number < last else { return nil }
    let rest = Array(lines.drop { $0.number <= number })
    return LogBlock(rest, size: rest.reduce(0) { $0 + $1.text.count + 1 }, epoch: epoch)
  }

  /// The lines in the form in which they are sent, made at the first use.
  ///
  /// - Parameter form: says which form it is.
  package func rendering(_ form: Int, _ make: (LogBlock) -> [UInt8]) -> [UInt8] {
    if let bytes = renderings[form] { return bytes }
    let bytes = make(self)
    renderings[form] = bytes
    return bytes
  }
}
