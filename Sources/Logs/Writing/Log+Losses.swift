import Basics
import UV

extension Log {
  /// Drops the lines of a batch from a place on, and counts them.
  func lose(_ batch: ByteBuffer, from start: Int, because error: UVError? = nil) {
    let lines = Newlines.count(batch.base + start, batch.count - start)
    context.droppedLines += lines
    droppedLines += lines
    if !isClosed {
      let isFirst = lost == 0
      lost += lines
      if let error { lossReason = error.reason }
      if isFirst { onLoss?(lossReason) }
      retryLater()
    }
    finish(batch)
  }

  /// Tries to say in the log how many lines are missing there, and why.
  func writeLossNotice(then: @escaping () -> Void) {
    let lines = lost
    let subject = lines == 1 ? "1 line was" : "\(lines) lines were"
    let buffer = systemLine("\(subject) lost: \(lossReason)")
    append(buffer, from: 0, to: buffer.count) { [self] _, error in
      context.buffers.giveBack(buffer)
      if let error {
        lossReason = error.reason
        retryLater()
      } else {
        // More lines may have been lost while this was written.
        if lost == lines { endLoss() } else { lost -= lines }
      }
      then()
    }
  }

  /// Counts a line of the supervisor that is not taken, since more waits than is kept. How many they are stands in the log
  /// behind what waits now.
  func refuseLine() {
    context.droppedLines += 1
    droppedLines += 1
    refused += 1
    guard refused == 1 else { return }
    if lost == 0 { onLoss?(Self.fullQueue) }
    enqueue { [self] done in
      lost += refused
      refused = 0
      lossReason = Self.fullQueue
      // What follows tries again where this cannot be written.
      prepare { _ in done() }
    }
  }

  private static var fullQueue: String { "too much waits to be written" }

  /// Notes that lines are written again.
  func endLoss() {
    guard lost > 0 else { return }
    lost = 0
    onLossOver?()
  }

  /// A line of the supervisor that goes into the file ahead of all that waits.
  func systemLine(_ message: String) -> ByteBuffer {
    var prefix = context.stamp()
    prefix.append(stream: .system, run: nil)
    let line =
      prefix.array + context.origin + Array(": ".utf8) + SystemText.escaped(message)
      + [Newlines.byte]
    let buffer = context.buffers.take(for: line.count)
    line.withUnsafeBytes { buffer.append($0) }
    return buffer
  }

  /// While lines are missing and no others come, the notice is tried from time to time.
  private func retryLater() {
    do throws(UVError) {
      try context.retries.join(self) { [self] in
        enqueue { [self] done in
          guard lost > 0 else { return done() }
          prepare { _ in done() }
        }
      }
    } catch {
      return  // Without a timer, the next line that is written brings the notice with it.
    }
  }
}
