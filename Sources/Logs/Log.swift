package import UV

/// The log of one process: its live file and the rotated ones, the writer, the index.
///
/// Whatever is to be done to the files stands in one queue, in the order in which it was asked
/// for, and one piece of it is under way at a time: so a rotation never meets a write, and what
/// was given before a clear is gone after it.
///
/// A log ends with ``close(then:)`` or ``delete(then:)``. What is handed in to be called when
/// something is done may be called at once where there is nothing to do.
package final class Log {
  let path: String
  let context: LogContext

  /// How large the log may get; a change holds from the next write on.
  package var limits: LogLimits

  /// Called with true when more than 1 MiB waits to be written: whoever gives lines should stop.
  /// Called with false when most of that has been written.
  package var onPressure: ((Bool) -> Void)?

  /// Called with the reason when lines begin to be lost: the log itself can only say so once there is room.
  package var onLoss: ((String) -> Void)?

  /// Whether more than 1 MiB waits to be written.
  package internal(set) var isUnderPressure = false

  // The queue: Log+Queue.swift, Log+Gathering.swift.
  var queue: [Work] = []
  var isBusy = false
  var isPumping = false
  var isClosed = false
  var pen = Pen()
  /// Bytes that are not in the file yet.
  var waiting = 0
  /// Those of them that are being written.
  var underWay = 0
  var rest = Rest.none
  var lastWriteEnd = Duration.zero

  // The files: Log+Writing.swift, Log+Rotation.swift, Log+Files.swift.
  var file: OpenFile
  var live: Segment
  var rotated: [Segment] = []
  var mayEndTorn = true
  var rotationRefusedAt: Int?

  /// How many bytes have been written into the files, since the log was opened.
  package internal(set) var writtenBytes = 0
  /// How many lines have been lost since then, because they could not be written.
  package internal(set) var droppedLines = 0

  // What could not be written: Log+Losses.swift.
  var lost = 0
  var lossReason = ""

  /// Opens a log, or makes a new one.
  ///
  /// - Parameters:
  ///   - path: of the live file; the rotated ones are `path.1` and so on.
  ///   - limits: how large it may get.
  ///   - context: what it shares with the other logs.
  /// - Throws: when the file cannot be opened, or is not a regular file (links included).
  package init(path: String, limits: LogLimits, context: LogContext) throws(UVError) {
    self.path = path
    self.limits = limits
    self.context = context
    try Log.refuseAllButFiles(at: path)
    let opened = try File.openNow(path, Log.access, on: context.loop)
    (file, live) = try Log.take(opened)
  }

  /// The way into the log for one stream of a run.
  ///
  /// - Parameters:
  ///   - stream: standard output or standard error.
  ///   - run: the number printed before each line of a periodic process; nil: none.
  package func input(_ stream: LogStream, run: Int?) -> LogInput {
    LogInput(self, stream, run: run)
  }

  /// Calls `then` when all that was given so far has been written, or dropped and counted.
  package func flush(then: @escaping () -> Void) {
    enqueue { done in
      then()
      done()
    }
  }
}
