import UV

/// What is to be done to the files of a log, in the order in which it was asked for, one piece at a
/// time; and the batches in it that lines gather in.
///
/// It decides and does nothing: its owner does what ``next(at:)`` gives, and says when that has
/// ended.
struct WriteQueue {
  /// Something that is done to the files.
  enum Work {
    /// Whole lines that are to be appended.
    case batch(ByteBuffer)
    /// Anything else; it calls what it is given when it is done.
    case step((@escaping () -> Void) -> Void)
  }

  /// What the owner of the queue is to do.
  enum Next {
    /// Nothing before something else happens.
    case nothing
    /// To have ``endDelay()`` called the next time that batches are written.
    case delay
    /// To begin with this.
    case work(Work)
  }

  /// Whether a batch that is small waits for more.
  private enum BatchDelay {
    /// Nothing waits.
    case none
    /// The batch at the front waits for the next time that batches are written.
    case waiting
    /// That time has come: the batch at the front is to be written.
    case over
  }

  /// A batch of this size is written at once however busy the log is.
  private static let undelayedSize = 32 * 1024

  private var queue: [Work] = []
  /// Whether something is under way.
  private(set) var isBusy = false
  /// When what is under way was begun, on the loop's clock.
  private(set) var begunAt = Duration.zero
  /// Where the next line goes, in the last batch.
  private(set) var lineCursor = LineCursor()
  private var batchDelay = BatchDelay.none
  private var lastWriteEnd = Duration.zero
  private var pressure = WritePressure()

  /// Whether more than 1 MiB waits to be written.
  var isUnderPressure: Bool { pressure.isHigh }

  /// Whether so much waits that no more lines of the supervisor are taken if the file system does
  /// not answer.
  var isFull: Bool { pressure.isFull }

  /// Puts a step behind all that waits. It makes what waits go out at once.
  mutating func append(_ step: @escaping (@escaping () -> Void) -> Void) {
    lineCursor = LineCursor()
    queue.append(.step(step))
  }

  /// Puts a line ahead of all that waits.
  mutating func putFirst(_ line: ByteBuffer) {
    pressure.add(line.count)
    queue.insert(.batch(line), at: 0)
  }

  /// Gives the cursor a buffer with room for a line, behind those that are full.
  ///
  /// - Parameters:
  ///   - length: of the line.
  ///   - ahead: how many bytes are to be written in all; decides how large a buffer it is.
  mutating func nextBuffer(
    _ lineCursor: inout LineCursor, for length: Int, ahead: Int, from buffers: BufferPool
  ) {
    note(lineCursor)
    // A buffer that was filled is followed by a larger one; so is a call with much to write,
    // prefixes counted at a guess.
    var expected = max(LineCursor.room(for: length), ahead + ahead / 2)
    if lineCursor.position != nil, case .batch(let filled)? = queue.last {
      expected = filled.capacity >= BufferPool.large ? BufferPool.flood : BufferPool.large
    }
    expected = min(expected, BufferPool.flood)
    let buffer = buffers.take(for: expected)
    queue.append(.batch(buffer))
    lineCursor = LineCursor(at: buffer.base, room: buffer.capacity)
  }

  /// Takes the cursor back after lines have been written to the buffer.
  ///
  /// - Returns: whether the source of the lines is to stop from now on.
  mutating func take(back lineCursor: LineCursor) -> Bool {
    note(lineCursor)
    self.lineCursor = lineCursor
    return pressure.rises()
  }

  /// Notes how far the cursor has come in its buffer, which is the last one in the queue.
  private mutating func note(_ lineCursor: LineCursor) {
    guard let cursor = lineCursor.position, case .batch(let buffer)? = queue.last else { return }
    let count = cursor - buffer.base
    pressure.add(count - buffer.count)
    buffer.count = count
  }

  /// Takes out what is next, unless something is under way or a batch waits for more lines.
  ///
  /// - Parameter now: on the loop's clock.
  mutating func next(at now: Duration) -> Next {
    guard !isBusy, let work = queue.first else { return .nothing }
    if case .batch(let batch) = work {
      if mayGrow(batch) {
        switch batchDelay {
        case .waiting: return .nothing
        case .over: break
        case .none where now - lastWriteEnd >= LogContext.batchDelay: break
        case .none:
          batchDelay = .waiting
          return .delay
        }
      }
      // Lines that come from now on gather in another buffer.
      if queue.count == 1 { lineCursor = LineCursor() }
      pressure.begin(batch.count)
    }
    queue.removeFirst()
    isBusy = true
    batchDelay = .none
    begunAt = now
    return .work(work)
  }

  /// A log that wrote a moment ago lets a small batch grow until the next time that batches are
  /// written, which is shared with the other logs.
  private func mayGrow(_ batch: ByteBuffer) -> Bool {
    queue.count == 1 && batch.count < Self.undelayedSize
  }

  /// Ends the delay of the batch at the front.
  ///
  /// - Returns: whether one waited.
  mutating func endDelay() -> Bool {
    guard batchDelay == .waiting else { return false }
    batchDelay = .over
    return true
  }

  /// The step that was begun is done.
  mutating func endStep() { isBusy = false }

  /// Every line of the batch that was begun has been written or counted as lost.
  mutating func endBatch(_ batch: ByteBuffer, at now: Duration) {
    pressure.end(batch.count)
    lastWriteEnd = now
    isBusy = false
  }

  /// Whether the source of the lines, which was to stop, may go on from now on.
  mutating func isRelieved() -> Bool { pressure.falls() }
}
