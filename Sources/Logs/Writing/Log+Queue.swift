import UV

extension Log {
  /// Something that is done to the files.
  enum Work {
    /// Whole lines that are to be appended.
    case batch(ByteBuffer)
    /// Anything else; it calls what it is given when it is done.
    case step((@escaping () -> Void) -> Void)
  }

  /// Whether a batch that is small waits for more.
  enum BatchDelay {
    /// Nothing waits.
    case none
    /// The batch at the front waits for the next time that batches are written.
    case waiting
    /// That time has come: the batch at the front is to be written.
    case over
  }

  /// A batch of this size is written at once however busy the log is.
  private static var undelayedSize: Int { 32 * 1024 }

  /// Puts a step behind all that waits. It makes what waits go out at once.
  func enqueue(_ step: @escaping (@escaping () -> Void) -> Void) {
    lineCursor = LineCursor()
    queue.append(.step(step))
    pump()
  }

  /// Starts what is next, unless something is under way. Steps that end at once are taken in
  /// turn and not one inside the other.
  func pump() {
    guard !isPumping else { return }
    isPumping = true
    defer { isPumping = false }
    while !isBusy, let work = queue.first {
      switch work {
      case .batch(let batch):
        if mustDelay(before: batch) { return }
        // Lines that come from now on gather in another buffer.
        if queue.count == 1 { lineCursor = LineCursor() }
        begin()
        underWay = batch.count
        write(batch, from: 0)
      case .step(let step):
        begin()
        step { [self] in
          isBusy = false
          pump()
        }
      }
    }
  }

  private func begin() {
    queue.removeFirst()
    isBusy = true
    batchDelay = .none
    progressAt = context.loop.now
  }

  /// A log that wrote a moment ago lets a small batch grow until the next time that batches are written, which is shared
  /// with the other logs.
  private func mustDelay(before batch: ByteBuffer) -> Bool {
    switch batchDelay {
    case .waiting:
      return queue.count == 1 && batch.count < Self.undelayedSize
    case .over:
      return false
    case .none:
      guard queue.count == 1, batch.count < Self.undelayedSize,
        !context.hasPaused(since: lastWriteEnd)
      else { return false }
    }
    do throws(UVError) {
      try context.batches.join(self) { [self] in
        guard batchDelay == .waiting else { return }
        batchDelay = .over
        pump()
      }
    } catch {
      return false  // Without a timer nothing would end the delay.
    }
    batchDelay = .waiting
    return true
  }
}
