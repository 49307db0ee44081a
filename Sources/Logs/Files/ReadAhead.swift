import UV

/// The bytes of the live file that a page will need unless others have done something to the files:
/// the look at the files reads them in passing, where the kernel has them in its memory, which
/// saves the page a second piece of work.
///
/// It belongs to one step of the log's queue, in which the live file stays what it is.
final class ReadAhead {
  /// The most that is read so; out of memory it takes no time that the writer, who waits for the
  /// look, would notice.
  private static let limit = BufferPool.large

  private let segment: Segment
  private let generation: Int
  private let bytes: Range<Int>
  /// Holds what was read. The reader that uses the bytes gives it back.
  let buffer: ByteBuffer
  /// How many bytes have been read.
  var count = 0

  /// Takes a buffer for lines of the live file; nil if they may have too many bytes.
  init?(_ live: Segment, lines: Range<Int>, _ buffers: BufferPool) {
    bytes = live.index.floor(of: lines.lowerBound).offset..<live.index.ceiling(of: lines.upperBound)
    guard !bytes.isEmpty, bytes.count <= Self.limit else { return nil }
    segment = live
    generation = live.generation
    buffer = buffers.take(for: BufferPool.large)
  }

  /// What a thread of the pool is to read, and where.
  struct Wanted: Sendable {
    let piece: ByteBuffer.Piece
    let offset: Int64
  }

  var wanted: Wanted {
    Wanted(piece: buffer.piece(from: 0, to: bytes.count), offset: Int64(bytes.lowerBound))
  }

  /// Whether the first of these bytes have been read, of that file, as that generation of it was.
  func serves(_ bytes: Range<Int>, of segment: Segment, generation: Int) -> Bool {
    count > 0 && self.segment === segment && self.generation == generation && self.bytes == bytes
  }
}
