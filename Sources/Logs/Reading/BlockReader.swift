import UV

/// Reads as many whole lines at a time as its buffer holds.
final class BlockReader {
  /// What a line may have at most for a search; ours have 64 KiB, but a file may hold others.
  private static let longest = 16 * 1024 * 1024

  /// Whole lines in memory, valid until the next read.
  struct Lines {
    let start: UnsafeRawPointer
    let length: Int
  }

  private let buffers: BufferPool
  private let ownBuffer: ByteBuffer
  private var buffer: ByteBuffer

  init(_ buffers: BufferPool) {
    self.buffers = buffers
    ownBuffer = buffers.take(for: BufferPool.large)
    buffer = ownBuffer
  }

  /// Gives the buffer back.
  func end() {
    buffers.giveBack(ownBuffer)
  }

  /// Reads the lines that begin at an offset.
  ///
  /// - Parameters:
  ///   - end: where the last line that is wanted ends; it may lack its newline there.
  ///   - then: gets at least one line, or why there is none.
  func readLines(
    of part: PagePart, from offset: Int, upTo end: Int,
    then: @escaping (Result<Lines, PageEnd>) -> Void
  ) {
    let count = min(buffer.capacity, end - offset)
    part.open.file.read(into: buffer, count: count, at: Int64(offset)) { [self] result in
      switch result {
      case .failure(let error):
        then(.failure(.failure(LogFailure(because: error))))
      case .success(let count):
        guard count > 0, part.isIntact else { return then(.failure(.changed)) }
        if offset + count == end {
          return then(.success(Lines(start: buffer.base, length: count)))
        }
        if let newline = Newlines.last(buffer.base, count) {
          return then(.success(Lines(start: buffer.base, length: newline + 1)))
        }
        guard buffer.capacity < Self.longest else {
          let message = "The log has a line of more than 16 MiB, which cannot be searched."
          return then(.failure(.failure(LogFailure(message: message))))
        }
        buffer = ByteBuffer(capacity: buffer.capacity * 4)
        readLines(of: part, from: offset, upTo: end, then: then)
      }
    }
  }
}
