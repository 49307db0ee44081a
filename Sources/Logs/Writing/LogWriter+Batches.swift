import UV

extension LogWriter {
  /// Appends the lines of a batch from a place on, up to where the file is full and is rotated,
  /// then the rest.
  func write(_ batch: ByteBuffer, from start: Int) {
    guard start < batch.count else { return finish(batch) }
    // Most writes need nothing before, and no memory for a closure.
    if isReady { return append(batch, from: start) }
    prepare { [self] isReady in
      if isReady { append(batch, from: start) } else { lose(batch, from: start) }
    }
  }

  private func append(_ batch: ByteBuffer, from start: Int) {
    let end = files.endOfPiece(of: batch, from: start)
    files.append(batch, from: start, to: end) { [self] end, error in
      if let error { return lose(batch, from: end, because: error) }
      write(batch, from: end)
    }
  }

  /// Whether the next line can be appended as things are.
  private var isReady: Bool {
    !isClosed && files.isOpen && losses.lines == 0 && !files.isRotationDue
  }

  /// Brings the file into a state in which the next line can be appended: there, not full, with a
  /// line about those that were lost.
  ///
  /// - Parameter then: gets whether that was possible.
  func prepare(then: @escaping (_ isReady: Bool) -> Void) {
    guard !isClosed else { return then(false) }
    if !files.isOpen {
      files.replaceLiveFile { [self] error in
        if let error {
          losses.note(error.reason)
          return then(false)
        }
        prepare(then: then)
      }
    } else if files.isRotationDue {
      files.rotate { [self] in prepare(then: then) }
    } else if losses.lines > 0 {
      writeLossNotice { [self] in then(losses.lines == 0) }
    } else {
      then(true)
    }
  }

  /// A line of the supervisor that goes into the file ahead of all that waits.
  func systemLine(_ message: String) -> ByteBuffer {
    let line =
      context.systemStamp().array + context.origin + Array(": ".utf8) + SystemText.escaped(message)
      + [Newlines.byte]
    let buffer = context.buffers.take(for: line.count)
    line.withUnsafeBytes { buffer.append($0) }
    return buffer
  }
}
