import Logs
import Supervision
import UV

/// Says why a start failed, to everybody who should know.
enum StartFailure {
  /// Writes the reason to standard error, with its priority where that is the journal, and tells
  /// the service manager.
  /// - Parameters:
  ///   - level: a warning where it has not failed yet.
  ///   - errorNumber: the errno behind it, where there is one.
  static func report(
    _ message: String, level: LogLevel = .error, errorNumber: Int32? = nil,
    environment: [String: String]
  ) {
    if let journal = JournalWriter(standardErrorIf: environment["JOURNAL_STREAM"]) {
      journal.write(level, message)
    } else {
      let warning = level == .warning ? "warning: " : ""
      StandardStreams.writeError("exeio: \(warning)\(message)\n")
    }
    guard let name = environment["NOTIFY_SOCKET"], !name.isEmpty else { return }
    let status = String(decoding: SystemText.escaped(message), as: UTF8.self)
    let errno = errorNumber.map { "\nERRNO=\($0)" } ?? ""
    do {
      try NotifySocket(name).send("STATUS=\(status)\(errno)")
    } catch {
      // The reason stands on standard error; that no service manager listens there does not change
      // it.
    }
  }
}

extension JournalWriter {
  /// Writes a message: each of its lines as one, with the priority of the level in front. What
  /// could command a terminal is written out.
  func write(_ level: LogLevel, _ message: String) {
    for line in message.split(separator: "\n", omittingEmptySubsequences: false) {
      write(SystemText.escaped(String(line)), priority: level.priority)
    }
  }
}
