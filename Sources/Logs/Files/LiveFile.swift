import UV

/// The live file of a log while it is open, and what is known of its lines.
final class LiveFile {
  private let directory: LogDirectory
  /// Nil as long as there is none.
  private(set) var open: OpenFile?
  private(set) var segment = Segment(.none, unscanned: 0)
  /// Whether a program that was killed may have left the last line without its end.
  private var mayEndTorn = true
  /// How many bytes have been written, since the log was opened.
  private(set) var writtenBytes = 0

  init(_ directory: LogDirectory) {
    self.directory = directory
  }

  /// How an attempt to append lines ends.
  enum Append {
    /// The file has no name any more: nothing was written.
    case removed
    /// Where the first line begins that is not in the file, and why it is not.
    case upTo(Int, UVError?)
  }

  /// Goes on in a file that a thread of the pool has opened.
  ///
  /// - Parameters:
  ///   - first: the number of its first line.
  ///   - counted: the lines of it that have been counted.
  func adopt(_ opened: OpenedLogFile, first: Int?, counted: LineCount) {
    open?.release()
    let identity = FileIdentity(opened.status)
    open = OpenFile(directory.fileForWriting(opened.file), identity)
    segment = Segment(identity, unscanned: Int(opened.status.size))
    segment.first = first
    segment.note(counted)
    mayEndTorn = true
  }

  func wasEmptied() {
    segment.reset(toSize: 0)
    mayEndTorn = false
  }

  /// Notes that another program has emptied the file or written to it.
  func wasChanged(toSize size: Int) {
    segment.reset(toSize: size)
    mayEndTorn = true
  }

  /// Ends the use of the file by the writer. It is still known, for those that ask whether there
  /// was one.
  ///
  /// - Parameter then: called when it is closed, or used on by a page; at once if there is none.
  func release(then: @escaping () -> Void) {
    guard let open else { return then() }
    // The writes have told what they had to tell; closing adds nothing that can be mended.
    open.release { [directory] _ in
      directory.noteAnswer()
      then()
    }
  }

  /// Appends whole lines of a buffer.
  ///
  /// - Parameters:
  ///   - open: the file, of this object.
  ///   - isReplaced: whether the file has just been made because the last one was removed.
  ///   - numbering: of the lines of the log, if they have numbers.
  func append(
    _ buffer: ByteBuffer, from start: Int, to end: Int, into open: OpenFile, isReplaced: Bool,
    numbering: LogNumbering?, then: @escaping (Append) -> Void
  ) {
    let lines = LineAppend(
      lines: buffer.piece(from: start, to: end), file: open.file.opened, name: directory.baseName,
      identity: open.identity, size: segment.size, mayEndTorn: mayEndTorn, isReplaced: isReplaced,
      numbers: numbering?.write(before: segment), areOutdated: numbering?.isOutdated ?? false)
    directory.run { directory throws(UVError) in
      lines.perform(in: directory)
    } then: { [self] result in
      switch result {
      case .success(.removed): then(.removed)
      case .success(.done(let outcome)):
        if let areWritten = outcome.areNumbersWritten { numbering?.wasWritten(areWritten) }
        note(outcome, of: buffer, from: start, to: end, then: then)
      case .failure(let error): then(.upTo(start, error))
      }
    }
  }

  /// Notes what was appended, and by others before.
  private func note(
    _ outcome: LineAppend.Done, of buffer: ByteBuffer, from start: Int, to end: Int,
    then: @escaping (Append) -> Void
  ) {
    if let size = outcome.foundSize { wasChanged(toSize: size) }
    if outcome.endsTornLine {
      [Newlines.byte].withUnsafeBytes { bytes in
        if let base = bytes.baseAddress { segment.append(base, bytes.count) }
      }
      writtenBytes += 1
    }
    if outcome.isWhole { mayEndTorn = false }
    segment.append(buffer.base + start, outcome.count)
    writtenBytes += outcome.count
    guard let error = outcome.error else { return then(.upTo(end, nil)) }
    cutTornLine(of: buffer, from: start, at: start + outcome.count, because: error, then: then)
  }

  /// Takes the beginning of a line out of the file whose end could not be written.
  private func cutTornLine(
    of buffer: ByteBuffer, from start: Int, at position: Int, because error: UVError,
    then: @escaping (Append) -> Void
  ) {
    let newline = Newlines.last(buffer.base + start, position - start)
    let lineStart = newline.map { start + $0 + 1 } ?? start
    let torn = position - lineStart
    guard torn > 0, let file = open?.file.opened else { return then(.upTo(lineStart, error)) }
    let size = segment.size - torn
    directory.run { _ throws(UVError) in
      try file.truncate(to: size)
    } then: { [self] result in
      // What cannot be cut off gets a newline before the next line.
      if case .success = result { segment.dropTornLine(of: torn) } else { mayEndTorn = true }
      then(.upTo(lineStart, error))
    }
  }
}
