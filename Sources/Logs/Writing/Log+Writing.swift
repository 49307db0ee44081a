import Glibc
import UV

extension Log {
  /// Appends the lines of a batch from a place on, up to where the file is full and is rotated,
  /// then the rest.
  func write(_ batch: ByteBuffer, from start: Int) {
    guard start < batch.count else { return finish(batch) }
    prepare { [self] isReady in
      guard isReady else { return lose(batch, from: start) }
      let end = endOfPiece(of: batch, from: start)
      append(batch, from: start, to: end) { [self] end, error in
        if let error { return lose(batch, from: end, because: error) }
        write(batch, from: end)
      }
    }
  }

  /// Brings the file into a state in which the next line can be appended: ended by a newline,
  /// not full, with a line about those that were lost.
  ///
  /// - Parameter then: gets whether that was possible.
  func prepare(then: @escaping (_ isReady: Bool) -> Void) {
    guard !isClosed else { return then(false) }
    if lookAtLiveFile() == .removed {
      replaceLiveFile { [self] error in
        if let error {
          lossReason = error.reason
          return then(false)
        }
        prepare(then: then)
      }
    } else if mayEndTorn {
      mend { [self] error in
        if let error {
          lossReason = error.reason
          return then(false)
        }
        prepare(then: then)
      }
    } else if isRotationDue {
      rotate { [self] in prepare(then: then) }
    } else if lost > 0 {
      writeLossNotice { [self] in then(lost == 0) }
    } else {
      then(true)
    }
  }

  /// What a look at the live file can show.
  enum LiveFile {
    /// It is there, under this name or another one.
    case present
    /// It has no name any more: what is written to it is gone when it is closed.
    case removed
  }

  /// Notices that another program has removed the file; or emptied it or written to it: the index is made
  /// again then, and the last line may lack its end.
  func lookAtLiveFile() -> LiveFile {
    do throws(UVError) {
      let status = try file.file.statusNow()
      // Some file systems do not count names: it is the name that decides then.
      if status.links == 0,
        try FileIdentity.look(at: baseName, in: directory)
          != .file(live.identity, size: Int(status.size))
      {
        return .removed
      }
      guard Int(status.size) != live.size else { return .present }
      live.reset(toSize: Int(status.size))
      mayEndTorn = true
      return .present
    } catch {
      // On a network file system, the file may have been removed by another machine. Any other file that
      // cannot be looked at cannot be written to either: the write will tell.
      return error.code == -ESTALE ? .removed : .present
    }
  }

  /// Where the lines end that still belong into the live file: with the one that fills it.
  private func endOfPiece(of batch: ByteBuffer, from start: Int) -> Int {
    guard let limit = rotationSize, batch.count - start > limit - live.size else {
      return batch.count
    }
    let search = start + max(0, limit - live.size - 1)
    let newline = Newlines.first(batch.base + search, batch.count - search)
    return newline.map { search + $0 + 1 } ?? batch.count
  }

  /// Ends the last line with a newline if a supervisor that was killed has left it without one.
  private func mend(then: @escaping (UVError?) -> Void) {
    guard live.size > 0 else {
      mayEndTorn = false
      return then(nil)
    }
    let buffer = context.buffers.take(for: 1)
    file.file.read(into: buffer, count: 1, at: Int64(live.size - 1)) { [self] result in
      // A byte that cannot be read is taken for a torn line: an empty line does less harm than
      // two that have become one.
      if case .success(1) = result, buffer.bytes.first == Newlines.byte {
        mayEndTorn = false
        context.buffers.giveBack(buffer)
        return then(nil)
      }
      buffer.removeAll()
      buffer.append(Newlines.byte)
      append(buffer, from: 0, to: 1) { [self] _, error in
        if error == nil { mayEndTorn = false }
        context.buffers.giveBack(buffer)
        then(error)
      }
    }
  }

  /// Appends whole lines of a buffer to the live file, in as many writes as it takes.
  ///
  /// - Parameter then: gets where the first line begins that is not in the file, and why it is
  ///   not.
  func append(
    _ buffer: ByteBuffer, from start: Int, to end: Int,
    then: @escaping (Int, UVError?) -> Void
  ) {
    appendRest(of: buffer, from: start, to: end, at: start, then: then)
  }

  private func appendRest(
    of buffer: ByteBuffer, from start: Int, to end: Int, at position: Int,
    then: @escaping (Int, UVError?) -> Void
  ) {
    guard position < end else { return then(end, nil) }
    file.file.write(buffer, from: position, count: end - position) { [self] result in
      switch result {
      case .success(let count) where count > 0:
        live.append(buffer.base + position, count)
        writtenBytes += count
        appendRest(of: buffer, from: start, to: end, at: position + count, then: then)
      case .success:
        let error = UVError(code: -EIO, operation: "write", subject: path)
        cutTornLine(of: buffer, from: start, at: position, because: error, then: then)
      case .failure(let error):
        cutTornLine(of: buffer, from: start, at: position, because: error, then: then)
      }
    }
  }

  /// Takes the beginning of a line out of the file whose end could not be written.
  private func cutTornLine(
    of buffer: ByteBuffer, from start: Int, at position: Int, because error: UVError,
    then: @escaping (Int, UVError?) -> Void
  ) {
    let newline = Newlines.last(buffer.base + start, position - start)
    let lineStart = newline.map { start + $0 + 1 } ?? start
    let torn = position - lineStart
    guard torn > 0 else { return then(lineStart, error) }
    file.file.truncate(to: Int64(live.size - torn)) { [self] failure in
      // What cannot be cut off gets a newline before the next line.
      if failure == nil { live.dropTornLine(of: torn) } else { mayEndTorn = true }
      then(lineStart, error)
    }
  }
}
