import UV

/// Writes the lines of one log: has the queue of what is to be done to its files, and does one
/// piece after the other.
///
/// Whatever is to be done to the files stands in this queue, in the order in which it was asked
/// for, and one piece of it is under way at a time: so a rotation never meets a write, and what was
/// given before a clear is gone after it.
final class LogWriter {
  let files: LogFiles
  let context: LogContext
  var losses = LossTally()
  private var queue = WriteQueue()
  private var isPumping = false
  private var isPumpPostponed = false
  /// Whether lines that come are dropped and counted.
  private(set) var isClosed = false

  /// Called with true when more than 1 MiB waits to be written, and with false when most of that
  /// has been.
  var onPressure: ((Bool) -> Void)?
  /// Called with the reason when lines begin to be lost.
  var onLoss: ((String) -> Void)?
  /// Called when lines are written again and the log says how many were lost, or the log ends.
  var onLossOver: (() -> Void)?

  private static let patience = Duration.seconds(1)

  init(_ files: LogFiles, _ context: LogContext) {
    self.files = files
    self.context = context
    // What the files report comes of a step of the queue, which keeps the writer.
    files.onReport = { [unowned self] message in queue.putFirst(systemLine(message)) }
  }

  /// By what the timers that all logs share know this one.
  var id: ObjectIdentifier { ObjectIdentifier(self) }

  /// Whether more than 1 MiB waits to be written.
  var isUnderPressure: Bool { queue.isUnderPressure }

  /// How long what is under way has waited for the file system.
  var stalledFor: Duration {
    queue.isBusy ? context.loop.now - max(queue.begunAt, files.answeredAt) : .zero
  }

  /// Whether a client that asks now is told at once that the file system does not answer.
  var isStalled: Bool { stalledFor >= LogStall.limit }

  /// Where the next line goes.
  var lineCursor: LineCursor { queue.lineCursor }

  /// Gives the cursor a buffer with room for a line, behind those that are full.
  ///
  /// - Parameters:
  ///   - length: of the line.
  ///   - ahead: how many bytes are to be written in all; decides how large a buffer it is.
  func nextBuffer(_ lineCursor: inout LineCursor, for length: Int, ahead: Int) {
    guard !isClosed else {
      context.droppedLines += 1
      losses.count(1)
      lineCursor = LineCursor()
      return
    }
    queue.nextBuffer(&lineCursor, for: length, ahead: ahead, from: context.buffers)
  }

  /// Takes the cursor back after lines have been written to the buffer, and sees that they are
  /// written.
  func commit(_ lineCursor: LineCursor) {
    take(back: lineCursor)
    pump()
  }

  private func take(back lineCursor: LineCursor) {
    if queue.take(back: lineCursor) { onPressure?(true) }
  }

  /// Writes a line of the supervisor itself.
  ///
  /// - Parameter message: one line whatever it holds: control characters are written out.
  func system(_ message: String) {
    if queue.isFull, stalledFor >= Self.patience { return refuseLine() }
    let text = SystemText.escaped(message)
    let prefix = context.systemStamp()
    var lineCursor = queue.lineCursor
    var start = 0
    repeat {
      let end = min(text.count, start + LineCursor.longestLine)
      let line = context.origin + Array(": ".utf8) + text[start..<end]
      line.withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        if lineCursor.room < LineCursor.room(for: bytes.count) {
          nextBuffer(&lineCursor, for: bytes.count, ahead: bytes.count)
        }
        lineCursor.put(prefix, base, bytes.count)
      }
      start = end
    } while start < text.count
    take(back: lineCursor)
    guard !isPumpPostponed else { return }
    isPumpPostponed = true
    // What the line is about goes first: a client waits for its answer.
    context.loop.beforeWaiting { [self] in
      isPumpPostponed = false
      pump()
    }
  }

  /// Puts a step behind all that waits. It makes what waits go out at once.
  func enqueue(_ step: @escaping (@escaping () -> Void) -> Void) {
    queue.append(step)
    pump()
  }

  /// Starts what is next, unless something is under way. Steps that end at once are taken in
  /// turn and not one inside the other.
  private func pump() {
    guard !isPumping else { return }
    isPumping = true
    defer { isPumping = false }
    while true {
      switch queue.next(at: context.loop.now) {
      case .nothing: return
      case .delay: delayBatch()
      case .work(.batch(let batch)): write(batch, from: 0)
      case .work(.step(let step)):
        step { [self] in
          queue.endStep()
          pump()
        }
      }
    }
  }

  private func delayBatch() {
    do throws(UVError) {
      try context.batches.join(id) { [self] in if queue.endDelay() { pump() } }
    } catch {
      _ = queue.endDelay()  // Without a timer nothing else would end it.
    }
  }

  /// Gives a batch back of which every line has been written or counted as lost.
  func finish(_ batch: ByteBuffer) {
    queue.endBatch(batch, at: context.loop.now)
    context.buffers.giveBack(batch)
    // The next write first: the caller that may write on now fills the batch after it.
    pump()
    if queue.isRelieved() { onPressure?(false) }
  }

  /// Says for the last time what was lost, and closes, within a step of the queue.
  func shutDown(then: @escaping () -> Void) {
    guard !isClosed else { return then() }
    let close = { [self] in
      isClosed = true
      endLoss()
      context.batches.leave(id)
      context.retries.leave(id)
      files.tail.end()
      files.close(then: then)
    }
    if losses.lines > 0 { prepare { _ in close() } } else { close() }
  }
}
