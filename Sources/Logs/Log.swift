package import Basics
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
  /// Of the live file.
  package let path: String
  let directory: SharedDirectory
  /// The name of the live file in its directory.
  let baseName: String
  let context: LogContext

  /// How large the log may get; a change holds from the next write on.
  package var limits: LogLimits {
    didSet { areNumbersKnown = false }
  }

  /// Called with true when more than 1 MiB waits to be written: whoever gives lines should stop.
  /// Called with false when most of that has been written.
  package var onPressure: ((Bool) -> Void)?

  /// Called with the reason when lines begin to be lost: the log itself can only say so once there is room.
  package var onLoss: ((String) -> Void)?

  /// Called when lines are written again and the log says how many were lost, or the log ends.
  package var onLossOver: (() -> Void)?

  /// Called with the error when the files cannot be rotated or reopened, and with nil when that works again.
  /// The log hands itself over: a closure that refers to it weakly makes each use of the log dearer for good.
  package var onTrouble: ((Log, UVError?) -> Void)?

  /// Why there is no file: the disk took none when the log was opened, or what has the name is no log. Each write tries
  /// again, and so do ``openMissingFile()`` and ``whenOpen(then:)``; until then lines are lost and counted.
  package internal(set) var openingError: UVError?

  /// Whether what has the name is no log. It has none of the lines that it is given then.
  package var isRefused: Bool { openingError.map { !$0.isOfFullDisk } ?? false }

  /// Whether there is a file, so that ``whenOpen(then:)`` answers at once.
  package var isOpen: Bool { file != nil }

  /// Whether more than 1 MiB waits to be written.
  package internal(set) var isUnderPressure = false

  // The queue: Log+Queue.swift, Log+Buffers.swift.
  var queue: [Work] = []
  var isBusy = false
  var isPumping = false
  var isPumpPostponed = false
  var isClosed = false
  var lineCursor = LineCursor()
  /// Bytes that are not in the file yet.
  var waiting = 0
  /// Those of them that are being written.
  var underWay = 0
  var batchDelay = BatchDelay.none
  var lastWriteEnd = Duration.zero
  /// When what is under way was begun, or last got an answer of the file system, on the loop's clock.
  var progressAt = Duration.zero
  /// Whether a step waits that opens the log, or follows its name, or makes the file that is missing.
  var isOpeningQueued = false
  var isReopenQueued = false
  var isMissingFileQueued = false
  var openWaiters: [(UVError?) -> Void] = []

  // The files: Log+Writing.swift, Log+Rotation.swift, Log+Files.swift.
  /// The live file; nil as long as there is none.
  var file: OpenFile?
  var live = Segment(.none, unscanned: 0)
  var rotated: [Segment] = []
  /// The numbers of rotated files that the directory's listing has shown beyond those that are kept.
  var listedNumbers: [Int] = []
  /// Whether the directory has been listed since it may have changed.
  var areNumbersKnown = false
  var mayEndTorn = true
  var rotationRefusedAt: Int?
  /// The pages that the file system has something of, with the time since when, on the loop's clock; each is looked at once
  /// a second.
  var hangingPages: [ObjectIdentifier: Duration] = [:]
  /// Whether the index of files from before is being made without anybody who waits for it.
  var isIndexing = false
  /// Whether ``onTrouble`` was last told of an error.
  var isInTrouble = false

  /// How many bytes have been written into the files, since the log was opened.
  package internal(set) var writtenBytes = 0
  /// How many lines have been lost since then, because they could not be written.
  package internal(set) var droppedLines = 0

  /// The streams of runs that may have a line without its end.
  private var inputs: [InputEntry] = []

  private struct InputEntry {
    let id: ObjectIdentifier
    /// One that goes takes its entry out. A weak reference would make each use of it dearer.
    unowned let input: LogInput
  }

  // What could not be written: Log+Losses.swift.
  var lost = 0
  var lossReason = ""
  /// Lines of the supervisor that were not taken because too much waits.
  var refused = 0

  /// Opens a log on the pool, or makes a new one; ``whenOpen(then:)`` tells what came of it. What is given until then is
  /// kept, and written then.
  ///
  /// - Parameters:
  ///   - path: of the live file; the rotated ones are `path.1` and so on.
  ///   - limits: how large it may get.
  ///   - context: what it shares with the other logs.
  package init(path: String, limits: LogLimits, context: LogContext) {
    self.path = path
    self.limits = limits
    self.context = context
    let (folder, name) = Log.parts(of: path)
    directory = context.directory(folder)
    baseName = name
    context.take(self)
    enqueueOpening()
  }

  /// The way into the log for one stream of a run.
  ///
  /// - Parameters:
  ///   - stream: standard output or standard error.
  ///   - run: the number printed before each line of a periodic process; nil: none.
  package func input(_ stream: LogStream, run: Int?) -> LogInput {
    let input = LogInput(self, stream, run: run)
    inputs.append(InputEntry(id: ObjectIdentifier(input), input: input))
    return input
  }

  /// Forgets an input that is there no longer.
  func forgetInput(_ id: ObjectIdentifier) {
    inputs.removeAll { $0.id == id }
  }

  /// The lines whose ends have not come yet.
  var partialLines: [PartialLine] { inputs.compactMap(\.input.partialLine) }

  /// Calls `then` when all that was given so far has been written, or dropped and counted.
  package func flush(then: @escaping () -> Void) {
    enqueue { done in
      then()
      done()
    }
  }
}
