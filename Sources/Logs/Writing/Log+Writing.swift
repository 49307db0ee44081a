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

  /// Brings the file into a state in which the next line can be appended: there, not full, with a line about those that
  /// were lost.
  ///
  /// - Parameter then: gets whether that was possible.
  func prepare(then: @escaping (_ isReady: Bool) -> Void) {
    guard !isClosed else { return then(false) }
    if file == nil {
      replaceLiveFile { [self] error in
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

  /// Where the lines end that still belong into the live file: with the one that fills it.
  private func endOfPiece(of batch: ByteBuffer, from start: Int) -> Int {
    guard let limit = rotationSize, batch.count - start > limit - live.size else {
      return batch.count
    }
    let search = start + max(0, limit - live.size - 1)
    let newline = Newlines.first(batch.base + search, batch.count - search)
    return newline.map { search + $0 + 1 } ?? batch.count
  }

  /// Appends whole lines of a buffer to the live file.
  ///
  /// - Parameter then: gets where the first line begins that is not in the file, and why it is
  ///   not.
  func append(
    _ buffer: ByteBuffer, from start: Int, to end: Int,
    then: @escaping (Int, UVError?) -> Void
  ) {
    append(buffer, from: start, to: end, isReplaced: false, then: then)
  }

  private func append(
    _ buffer: ByteBuffer, from start: Int, to end: Int, isReplaced: Bool,
    then: @escaping (Int, UVError?) -> Void
  ) {
    guard let file else { return then(start, openingError) }
    let lines = LineAppend(
      lines: buffer.piece(from: start, to: end), file: file.file.opened, name: baseName,
      identity: file.identity, size: live.size, mayEndTorn: mayEndTorn, isReplaced: isReplaced)
    onPool { directory throws(UVError) in
      lines.perform(in: directory)
    } then: { [self] result in
      switch result {
      case .success(.removed):
        replaceLiveFile { [self] error in
          if let error { return then(start, error) }
          append(buffer, from: start, to: end, isReplaced: true, then: then)
        }
      case .success(.done(let outcome)): note(outcome, of: buffer, from: start, to: end, then: then)
      case .failure(let error): then(start, error)
      }
    }
  }

  /// Notes what was appended, and by others before.
  private func note(
    _ outcome: LineAppend.Done, of buffer: ByteBuffer, from start: Int, to end: Int,
    then: @escaping (Int, UVError?) -> Void
  ) {
    if let size = outcome.foundSize {
      live.reset(toSize: size)
      mayEndTorn = true
    }
    if outcome.endsTornLine {
      [Newlines.byte].withUnsafeBytes { bytes in
        if let base = bytes.baseAddress { live.append(base, bytes.count) }
      }
      writtenBytes += 1
    }
    if outcome.isWhole { mayEndTorn = false }
    live.append(buffer.base + start, outcome.count)
    writtenBytes += outcome.count
    guard let error = outcome.error else { return then(end, nil) }
    cutTornLine(of: buffer, from: start, at: start + outcome.count, because: error, then: then)
  }

  /// Takes the beginning of a line out of the file whose end could not be written.
  private func cutTornLine(
    of buffer: ByteBuffer, from start: Int, at position: Int, because error: UVError,
    then: @escaping (Int, UVError?) -> Void
  ) {
    let newline = Newlines.last(buffer.base + start, position - start)
    let lineStart = newline.map { start + $0 + 1 } ?? start
    let torn = position - lineStart
    guard torn > 0, let file = file?.file.opened else { return then(lineStart, error) }
    let size = live.size - torn
    onPool { _ throws(UVError) in
      try file.truncate(to: size)
    } then: { [self] result in
      // What cannot be cut off gets a newline before the next line.
      if case .success = result { live.dropTornLine(of: torn) } else { mayEndTorn = true }
      then(lineStart, error)
    }
  }
}

/// Whole lines that are appended to the live file, as a thread of the pool does it: with a look at the file before, in one
/// round trip.
struct LineAppend: Sendable {
  enum Outcome: Sendable {
    /// The file has no name any more: nothing was written.
    case removed
    case done(Done)
  }

  struct Done: Sendable {
    /// The size that the file had, where another program has emptied it or written to it.
    var foundSize: Int?
    /// Whether a last line without its end has got one.
    var endsTornLine = false
    /// Whether the file was known to end with a newline before the lines came.
    var isWhole = false
    /// How many bytes of the lines are in the file.
    var count = 0
    /// Why not all are.
    var error: UVError?
  }

  let lines: ByteBuffer.Piece
  let file: OpenedFile
  let name: String
  let identity: FileIdentity
  /// What the file has as far as is known.
  let size: Int
  /// Whether a program that was killed may have left the last line without its end.
  let mayEndTorn: Bool
  /// Whether the file has just been made because the last one was removed.
  let isReplaced: Bool

  func perform(in directory: HeldDirectory) -> Outcome {
    var done = Done()
    var size = size
    do throws(UVError) {
      let status = try file.status()
      if !isReplaced, try LiveFile(status, identity, name, in: directory) == .removed {
        return .removed
      }
      if Int(status.size) != size {
        size = Int(status.size)
        done.foundSize = size
      }
    } catch {
      // On a network file system, the file may have been removed by another machine. Any other file that
      // cannot be looked at cannot be written to either: the write will tell.
      if error.code == .staleFileHandle { return .removed }
    }
    // A byte that cannot be read is taken for a torn line: an empty line does less harm than two that have become one.
    if mayEndTorn || done.foundSize != nil, size > 0, file.byte(at: size - 1) != Newlines.byte {
      do throws(UVError) {
        try file.append(Newlines.byte)
        done.endsTornLine = true
      } catch {
        done.error = error
        return .done(done)
      }
    }
    done.isWhole = true
    (done.count, done.error) = file.append(lines)
    return .done(done)
  }
}
