import UV

extension LogWriter {
  /// Drops the lines of a batch from a place on, and counts them.
  func lose(_ batch: ByteBuffer, from start: Int, because error: UVError? = nil) {
    let lines = Newlines.count(batch.base + start, batch.count - start)
    context.droppedLines += lines
    losses.count(lines)
    if !isClosed {
      if losses.add(lines, because: error?.reason) { onLoss?(losses.reason) }
      retryLater()
    }
    finish(batch)
  }

  /// Tries to say in the log how many lines are missing there, and why.
  func writeLossNotice(then: @escaping () -> Void) {
    let lines = losses.lines
    let buffer = systemLine(losses.notice)
    files.append(buffer, from: 0, to: buffer.count) { [self] _, error in
      context.buffers.giveBack(buffer)
      if let error {
        losses.note(error.reason)
        retryLater()
      } else if losses.wereNoted(lines) {
        onLossOver?()
      }
      then()
    }
  }

  /// Counts a line of the supervisor that is not taken, since more waits than is kept. How many
  /// they are stands in the log behind what waits now.
  func refuseLine() {
    context.droppedLines += 1
    losses.count(1)
    guard losses.refuse() else { return }
    if losses.lines == 0 { onLoss?(LossTally.fullQueue) }
    enqueue { [self] done in
      losses.addRefused()
      // What follows tries again where this cannot be written.
      prepare { _ in done() }
    }
  }

  /// Notes that lines are written again.
  func endLoss() {
    if losses.end() { onLossOver?() }
  }

  /// While lines are missing and no others come, the notice is tried from time to time.
  private func retryLater() {
    do throws(UVError) {
      try context.retries.join(id) { [self] in
        enqueue { [self] done in
          guard losses.lines > 0 else { return done() }
          prepare { _ in done() }
        }
      }
    } catch {
      return  // Without a timer, the next line that is written brings the notice with it.
    }
  }
}
