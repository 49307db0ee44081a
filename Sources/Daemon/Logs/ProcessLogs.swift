import API
import Basics
import Logs
import Supervision
import UV

/// The logs of the processes: opens, closes, clears and reopens them, and deletes those of copies
/// that are no more.
final class ProcessLogs {
  private let context: DaemonContext
  private let logContext: LogContext
  private let directory: String
  private let path: (_ process: String) -> String
  private let problems: LogProblems
  private var logs: [String: Log] = [:]
  /// Called with true when a log takes nothing more for the moment, and with false when it does
  /// again.
  var onPressure: (_ process: String, _ isCongested: Bool) -> Void = { _, _ in }

  init(
    _ context: DaemonContext, _ logContext: LogContext, _ configuration: Configuration,
    _ problems: LogProblems
  ) {
    self.context = context
    self.logContext = logContext
    directory = configuration.logDirectory
    path = configuration.logFile
    self.problems = problems
  }

  /// The log of a process; nil if there is none.
  subscript(process: String) -> Log? { logs[process] }

  /// The log of a process or, as `exeio`, that of the supervisor; nil if there is none.
  func log(named name: String) -> Log? {
    name == ProcessID.reserved ? context.log.log : logs[name]
  }

  /// Opens the log of a process that was added.
  func open(_ definition: ProcessDefinition) {
    make(definition).whenOpen { [context] error in
      // The start that follows tries again, and fails with this reason if it is still so.
      guard let error else { return }
      context.log.error("The log of process '\(definition.id)' cannot be opened: \(error)")
    }
  }

  /// The log that a run is to write to. It goes on in the file that its name leads to, which is
  /// made again if it was removed.
  func current(_ definition: ProcessDefinition) -> Log {
    guard let log = logs[definition.id] else { return make(definition) }
    // One without a file follows its name where it is waited for; one that is being opened does so
    // in this moment.
    if log.isOpen { log.reopen() }
    return log
  }

  private func make(_ definition: ProcessDefinition) -> Log {
    let process = definition.id
    let log = Log(path: path(process), limits: definition.logLimits, context: logContext)
    problems.watch(log, of: process)
    log.onPressure = { [unowned self] in onPressure(process, $0) }
    logs[process] = log
    return log
  }

  /// Applies how large the log of a process may get.
  func limit(_ definition: ProcessDefinition) { logs[definition.id]?.limits = definition.logLimits }

  /// Writes a line of the supervisor.
  func write(_ message: String, to process: String) { logs[process]?.system(message) }

  /// Closes the log of a process that was removed.
  /// - Parameter then: called once, within this call if there is no log: with why its files are not
  ///   deleted, nil if they are, or were to stay. A file system that does not answer is not waited
  ///   for without an end.
  func close(_ process: String, deletesFiles: Bool, then: @escaping (_ failure: String?) -> Void) {
    guard let log = logs.removeValue(forKey: process) else {
      problems.forget(process, nil)
      return then(nil)
    }
    logs.giveBackRoom()
    if deletesFiles {
      log.delete { [self] error in
        problems.forget(process, log)
        say(error, "deleted", process)
        then(error.map { "\($0)" })
      }
    } else {
      // One whose file system does not answer goes on closing by itself.
      log.close { [self] error in
        say(error, "closed", process)
        problems.forget(process, log)
        then(nil)
      }
    }
  }

  private func say(_ error: UVError?, _ what: String, _ process: String) {
    guard let error else { return }
    context.log.error("The log of process '\(process)' is not \(what): \(error)")
  }

  /// Closes all of them, at the end of the daemon.
  func closeAll() {
    for log in logs.values { log.close { _ in } }
  }

  /// Empties the log of a process.
  /// - Parameter then: called with why it is not empty, nil if it is.
  func clear(_ process: String, then: @escaping (_ failure: String?) -> Void) {
    guard let log = logs[process], !log.isRefused else { return then(Self.refusal(of: process)) }
    log.clear { error in
      then(error.map { "the log of process '\(process)' is not cleared: \($0)" })
    }
  }

  /// What a client is told of a log that could not be opened.
  static func refusal(of process: String) -> String {
    "the log of process '\(process)' cannot be opened: see GET /logs/exeio"
  }

  /// Opens all log files again, for a program that has renamed them, `exeio.log` included.
  /// - Parameter then: called when that is done.
  func reopenAll(because signal: Signal, then: @escaping () -> Void = {}) {
    let all = [context.log.log] + logs.values
    for log in all { log.reopen() }
    context.log.info("Log files reopened (\(signal.name))")
    var open = all.count
    for log in all {
      log.flush {
        open -= 1
        if open == 0 { then() }
      }
    }
  }

  /// Deletes the logs of copies that a process has had and has no more: cleared lines would come
  /// back with the copies.
  /// - Parameter exists: whether there is a process or copy of that name.
  func deleteLogs(ofFormerCopies id: String, exists: @escaping (String) -> Bool) {
    logContext.names(in: directory) { [self] result in
      switch result {
      case .success(let names):
        for name in Self.copies(of: id, in: names) where logs[name] == nil && !exists(name) {
          deleteFiles(name)
        }
      case .failure(let error):
        // Without a directory there are no logs.
        guard error.code != .noSuchFileOrDirectory else { return }
        context.log.error("The logs of former copies are not deleted: \(error)")
      }
    }
  }

  private func deleteFiles(_ name: String) {
    Log.deleteFiles(path(name), context: logContext) { [context] error in
      guard let error else { return }
      context.log.error("The log of the former copy '\(name)' is not deleted: \(error)")
    }
  }

  /// The copies of a process that file names tell of: `web.2` for `web.2.log` and `web.2.log.1`.
  static func copies(of id: String, in names: [String]) -> [String] {
    let copies = names.compactMap { file -> String? in
      guard file.hasPrefix("\(id)."), let end = file.firstRange(of: ".log") else { return nil }
      let number = file[..<end.lowerBound].dropFirst(id.utf8.count + 1)
      guard let value = Int(number), value >= 0, "\(value)" == number else { return nil }
      return "\(id).\(number)"
    }
    return Set(copies).sorted()
  }
}

extension ProcessDefinition {
  /// How large its log may get.
  fileprivate var logLimits: LogLimits {
    LogLimits(maxBytes: logMaxBytes, maxFiles: logMaxFiles)
  }
}
