import Basics
import UV

extension Log {
  private static var highWater: Int { 1024 * 1024 }
  private static var lowWater: Int { 512 * 1024 }
  /// What waits at the most while the file system does not answer and the supervisor goes on giving lines of its own;
  /// processes wait from ``highWater`` on.
  private static var brim: Int { 2 * highWater }
  private static var patience: Duration { .seconds(1) }

  /// How many bytes wait behind the write that is under way.
  private var gathered: Int { waiting - underWay }

  /// Gives the cursor a buffer with room for a line, behind those that are full.
  ///
  /// - Parameters:
  ///   - length: of the line.
  ///   - ahead: how many bytes are to be written in all; decides how large a buffer it is.
  func nextBuffer(_ lineCursor: inout LineCursor, for length: Int, ahead: Int) {
    guard !isClosed else {
      context.droppedLines += 1
      droppedLines += 1
      lineCursor = LineCursor()
      return
    }
    note(lineCursor)
    // A buffer that was filled is followed by a larger one; so is a call with much to write,
    // prefixes counted at a guess.
    var expected = max(LineCursor.room(for: length), ahead + ahead / 2)
    if lineCursor.position != nil, case .batch(let filled)? = queue.last {
      expected = filled.capacity >= BufferPool.large ? BufferPool.flood : BufferPool.large
    }
    expected = min(expected, BufferPool.flood)
    let buffer = context.buffers.take(for: expected)
    queue.append(.batch(buffer))
    lineCursor = LineCursor(at: buffer.base, room: buffer.capacity)
  }

  /// Takes the cursor back after lines have been written to the buffer, and sees that they are written.
  func commit(_ lineCursor: LineCursor) {
    take(back: lineCursor)
    pump()
  }

  private func take(back lineCursor: LineCursor) {
    note(lineCursor)
    self.lineCursor = lineCursor
    if gathered > Self.highWater, !isUnderPressure {
      isUnderPressure = true
      onPressure?(true)
    }
  }

  /// Notes how far the cursor has come in its buffer, which is the last one in the queue.
  private func note(_ lineCursor: LineCursor) {
    guard let cursor = lineCursor.position, case .batch(let buffer)? = queue.last else { return }
    let count = cursor - buffer.base
    waiting += count - buffer.count
    buffer.count = count
  }

  /// Gives a batch back of which every line has been written or counted as lost.
  func finish(_ batch: ByteBuffer) {
    waiting -= batch.count
    underWay = 0
    context.buffers.giveBack(batch)
    lastWriteEnd = context.loop.now
    isBusy = false
    // The next write first: whoever may write on now fills the batch after it.
    pump()
    if isUnderPressure, gathered < Self.lowWater {
      isUnderPressure = false
      onPressure?(false)
    }
  }

  /// Writes a line of the supervisor itself.
  ///
  /// - Parameter message: one line whatever it holds: control characters are written out.
  package func system(_ message: String) {
    if gathered >= Self.brim, stalledFor >= Self.patience { return refuseLine() }
    let text = SystemText.escaped(message)
    var prefix = context.stamp()
    prefix.append(stream: .system, run: nil)
    var lineCursor = self.lineCursor
    var start = 0
    repeat {
      let end = min(text.count, start + LineSplitter.longestLine)
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
}
