import API
import Logs
import Supervision
import UV

/// The supervisor's own log, `exeio.log`: lines by level, those below the level that is wanted left
/// out. The journal gets the same lines where standard error leads to it.
final class SupervisorLog {
  let log: Log
  private let level: LogLevel
  private let journal: JournalWriter?

  /// - Parameters:
  ///   - level: the least severe level that is written.
  ///   - journal: nil if there is none.
  init(_ log: Log, level: LogLevel, journal: JournalWriter?) {
    self.log = log
    self.level = level
    self.journal = journal
  }

  /// Opens `exeio.log`.
  /// - Parameter environment: tells whether standard error leads to the journal.
  convenience init(
    _ configuration: Configuration, _ logContext: LogContext, environment: [String: String]
  ) {
    self.init(
      Log(
        path: configuration.logFile(ProcessID.reserved),
        limits: LogLimits(maxBytes: 50 << 20, maxFiles: 5),
        context: logContext),
      level: configuration.logLevel,
      journal: JournalWriter(standardErrorIf: environment["JOURNAL_STREAM"]))
  }

  /// Whether standard error gets the same lines: what else is written there would be seen twice.
  var isInJournal: Bool { journal != nil }

  /// Whether lines of this level are written: for those that cost something to make.
  func writes(_ level: LogLevel) -> Bool { level <= self.level }

  func error(_ message: String) { write(.error, message) }

  func warning(_ message: String) { write(.warning, message) }

  func info(_ message: String) { write(.info, message) }

  func debug(_ message: @autoclosure () -> String) {
    if writes(.debug) { write(.debug, message()) }
  }

  /// A warning for the journal alone: of what the file cannot take.
  func warnOutside(_ message: String) {
    if writes(.warning) { journal?.write(.warning, message) }
  }

  /// Writes a warning to standard error, for the person who starts the daemon or looks at how it
  /// ended; not if that leads to the journal, which has the line of the log.
  func warnOnStandardError(_ message: String) {
    guard !isInJournal else { return }
    StandardStreams.writeError("exeio: warning: \(message)\n")
  }

  /// A line of any level. Errors and warnings say in the file that they are.
  func write(_ level: LogLevel, _ message: String) {
    guard writes(level) else { return }
    journal?.write(level, message)
    switch level {
    case .error, .warning: log.system("\(level.rawValue): \(message)")
    case .info, .debug: log.system(message)
    }
  }
}
