import Basics
import UV

/// The newest lines of a log in memory, as long as it is followed: those who are at its end take
/// them from here, and those who are behind read the files.
final class LogTail {
  /// How many bytes of lines are kept, as they are in the file; the newest block stays in any case.
  private static let limit = 512 * 1024
  /// How many bytes a block has, and the rest of a line: it is sent as a whole.
  private static let blockSize = 32 * 1024

  private var blocks: [LogBlock] = []
  private var size = 0
  /// Changes with each write to the files.
  private(set) var generation = 0
  /// What is called after each write, by reader.
  private var readers: [ObjectIdentifier: () -> Void] = [:]
  /// Whether the log has closed.
  private(set) var hasEnded = false

  /// Whether there are readers.
  var isFollowed: Bool { !readers.isEmpty }

  /// Adds a reader.
  ///
  /// - Parameter wake: called when something has been written, or the log has closed.
  func join(_ reader: ObjectIdentifier, wake: @escaping () -> Void) { readers[reader] = wake }

  /// Forgets a reader.
  func leave(_ reader: ObjectIdentifier) {
    readers[reader] = nil
    guard readers.isEmpty else { return }
    blocks = []
    size = 0
  }

  /// Notes whole lines that are in the file now.
  ///
  /// - Parameters:
  ///   - first: the number of the first one; nil if it is not known.
  ///   - epoch: of the number.
  func append(_ bytes: [UInt8], first: Int?, epoch: UInt32?) {
    generation += 1
    guard isFollowed else { return }
    if let first, let epoch {
      var next = first
      for piece in Self.pieces(of: bytes) {
        let block = LogBlock(piece, first: next, epoch: epoch)
        keep(block)
        next = block.last + 1
      }
    } else {
      blocks = []
      size = 0
    }
    wake()
  }

  /// Whole lines in pieces of whole lines.
  private static func pieces(of bytes: [UInt8]) -> [[UInt8]] {
    guard bytes.count > blockSize else { return [bytes] }
    var pieces: [[UInt8]] = []
    var start = 0
    while start < bytes.count {
      let least = min(start + blockSize, bytes.count) - 1
      let end = bytes[least...].firstIndex(of: Newlines.byte).map { $0 + 1 } ?? bytes.count
      pieces.append(Array(bytes[start..<end]))
      start = end
    }
    return pieces
  }

  private func keep(_ block: LogBlock) {
    if let newest = blocks.last, newest.epoch != block.epoch || newest.last + 1 != block.first {
      blocks = []
      size = 0
    }
    blocks.append(block)
    size += block.size
    while size > Self.limit, blocks.count > 1 { size -= blocks.removeFirst().size }
  }

  /// The log has closed: nothing more comes.
  func end() {
    hasEnded = true
    wake()
  }

  private func wake() {
    for wake in readers.values { wake() }
  }

  /// What comes behind a line.
  enum Position {
    /// These lines.
    case behind(LogBlock)
    /// Nothing: it is the newest line.
    case atEnd
    /// That is not known here.
    case unknown
  }

  /// Where a line is.
  func position(of cursor: LogCursor) -> Position {
    guard let oldest = blocks.first, let newest = blocks.last, oldest.epoch == cursor.epoch,
      cursor.number + 1 >= oldest.first
    else { return .unknown }
    guard cursor.number < newest.last else { return .atEnd }
    // Those at the end want the last ones.
    let index = blocks.lastIndex { $0.first <= cursor.number + 1 } ?? 0
    return blocks[index].suffix(after: cursor.number).map { .behind($0) } ?? .unknown
  }
}
