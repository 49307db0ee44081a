package import Basics
package import UV

/// The log of one process: its files (``LogFiles``), what writes to them (``LogWriter``), what
/// reads pages of them (``LogReader``).
///
/// A log ends with ``close(then:)`` or ``delete(then:)``. What is handed in to be called when
/// something is done may be called at once where there is nothing to do.
package final class Log {
  let files: LogFiles
  let writer: LogWriter
  let context: LogContext
  private let opener: FileOpener
  private let inputs = LogInputs()
  /// Made when a page is asked for: most logs are not read.
  private(set) lazy var reader = LogReader(files, writer, inputs, context)

  /// Opens a log on the pool, or makes a new one; ``whenOpen(then:)`` tells what came of it. What
  /// is given until then is kept, and written then.
  ///
  /// - Parameters:
  ///   - path: of the live file; the rotated ones are `path.1` and so on.
  ///   - limits: how large it may get.
  ///   - context: what it shares with the other logs.
  package init(path: String, limits: LogLimits, context: LogContext) {
    self.context = context
    files = LogFiles(path, limits, context)
    writer = LogWriter(files, context)
    opener = FileOpener(writer, files)
    // A weak reference makes each use of an object dearer for good: lines go by the writer, and
    // never by this one.
    files.onTrouble = { [weak self] error in
      if let self { onTrouble?(self, error) }
    }
    opener.open()
  }

  /// Of the live file.
  package var path: String { files.path }

  /// How large the log may get; a change holds from the next write on.
  package var limits: LogLimits {
    get { files.limits }
    set { files.limits = newValue }
  }

  /// Called with true when more than 1 MiB waits to be written: the caller that gives lines should
  /// stop. Called with false when most of that has been written.
  package var onPressure: ((Bool) -> Void)? {
    get { writer.onPressure }
    set { writer.onPressure = newValue }
  }

  /// Called with the reason when lines begin to be lost: the log itself can only say so once there
  /// is room.
  package var onLoss: ((String) -> Void)? {
    get { writer.onLoss }
    set { writer.onLoss = newValue }
  }

  /// Called when lines are written again and the log says how many were lost, or the log ends.
  package var onLossOver: (() -> Void)? {
    get { writer.onLossOver }
    set { writer.onLossOver = newValue }
  }

  /// Called with the error when the files cannot be rotated or reopened, and with nil when that
  /// works again. The log hands itself over.
  package var onTrouble: ((Log, UVError?) -> Void)?

  /// Why there is no file: the disk took none when the log was opened, or what has the name is no
  /// log. Each write tries again, and so do ``openMissingFile()`` and ``whenOpen(then:)``; until
  /// then lines are lost and counted.
  package var openingError: UVError? { files.openingError }

  /// Whether what has the name is no log. It has none of the lines that it is given then.
  package var isRefused: Bool { openingError.map { !$0.isOfFullDisk } ?? false }

  /// Whether there is a file, so that ``whenOpen(then:)`` answers at once.
  package var isOpen: Bool { files.isOpen }

  /// Whether more than 1 MiB waits to be written.
  package var isUnderPressure: Bool { writer.isUnderPressure }

  /// How many bytes have been written into the files, since the log was opened.
  package var writtenBytes: Int { files.writtenBytes }

  /// How many lines have been lost since then, because they could not be written.
  package var droppedLines: Int { writer.losses.total }

  /// The way into the log for one stream of a run.
  ///
  /// - Parameters:
  ///   - stream: standard output or standard error.
  ///   - run: the number printed before each line of a periodic process; nil: none.
  package func input(_ stream: LogStream, run: Int?) -> LogInput {
    inputs.make(writer, stream, run: run)
  }

  /// Writes a line of the supervisor itself.
  ///
  /// - Parameter message: one line whatever it holds: control characters are written out.
  package func system(_ message: String) { writer.system(message) }

  /// Calls `then` when all that was given so far has been written, or dropped and counted.
  package func flush(then: @escaping () -> Void) {
    writer.enqueue { done in
      then()
      done()
    }
  }

  /// Calls `then` with nil once the log can be written to: at once where it is open. Else it gets
  /// why the log is refused; what has the name may be no regular file, for instance. Each call
  /// tries again. A disk that takes no file now is no reason to refuse it, see ``openingError``. A
  /// file system that does not answer is waited for without an end.
  package func whenOpen(then: @escaping (UVError?) -> Void) { opener.whenOpen(then: then) }

  /// Goes on in the file that the path names, after it was renamed or removed from outside
  /// (logrotate); a new one is made where there is none, and the directory as well. What was given
  /// before goes into the old one. When that fails, the log says so and goes on in the old one.
  package func reopen() { opener.reopen() }

  /// Tries to make the file that the disk has not taken yet.
  package func openMissingFile() { opener.makeMissingFile() }

  /// Reads some lines of the log: of what was given before, whatever happens to the files while
  /// it is read.
  ///
  /// - Parameters:
  ///   - requester: who asks; those who wait take turns.
  ///   - then: called from the loop; a failure says what to do about it, for instance
  ///     that the page has more than 8 MiB.
  package func page(
    _ query: LogQuery, for requester: PageRequester = PageRequester(),
    then: @escaping (Result<LogPage, LogFailure>) -> Void
  ) {
    reader.page(query, for: requester, then: then)
  }
}
