import UV

/// Makes the index of what was in a file before us: reads it piece by piece on the pool and
/// counts on the loop, a piece at a time, so that neither is held for long.
final class SegmentScan {
  /// Counting a piece takes about a tenth of a millisecond.
  private static let piece = 1024 * 1024

  private let segment: Segment
  private let generation: Int
  private let open: OpenFile
  private let end: Int
  private let buffer: ByteBuffer
  private let isWanted: () -> Bool
  private var index = LineIndex()
  private var waiting: [(UVError?) -> Void] = []
  /// When a piece was read last, on the loop's clock.
  private(set) var progressAt: Duration

  /// Begins to scan a segment that has something unscanned.
  ///
  /// - Parameters:
  ///   - open: the segment's file; released at the end.
  ///   - isWanted: asked before each piece; where it is not, the scan is over in vain.
  init(_ segment: Segment, _ open: OpenFile, isWanted: @escaping () -> Bool) {
    self.isWanted = isWanted
    self.segment = segment
    self.open = open
    generation = segment.generation
    end = segment.unscanned
    buffer = ByteBuffer(capacity: min(Self.piece, max(1, end)))
    progressAt = open.file.now
  }

  /// Has `then` called when the scan is over, whatever came of it: who waits looks again.
  func wait(_ then: @escaping (UVError?) -> Void) {
    waiting.append(then)
  }

  func next() {
    let count = min(buffer.capacity, end - index.size)
    guard count > 0, isWanted() else { return finish() }
    open.file.read(into: buffer, count: count, at: Int64(index.size)) { [self] result in
      switch result {
      case .failure(let error): finish(error)
      case .success(0): finish()
      case .success(let count):
        progressAt = open.file.now
        index.append(buffer.base, count)
        next()
      }
    }
  }

  /// A file that has become shorter meanwhile leaves the index as it is: who looks again sees it.
  private func finish(_ error: UVError? = nil) {
    if index.size == end, generation == segment.generation { segment.complete(with: index) }
    segment.scan = nil
    open.release()
    let waiting = self.waiting
    self.waiting = []
    for then in waiting { then(error) }
  }
}
