import API
import Logs
import UV

/// The problems of the logs: a log that cannot be opened, rotated or written to is shown as long as
/// that is so.
final class LogProblems {
  private let context: DaemonContext
  private let problems: Problems
  private let deferredWrites: DeferredWrites
  /// When the last line about lost lines was written, on the monotonic clock.
  private var lossWarnedAt: Duration?
  /// A disk that is full is full for all logs.
  private static let lossWarningInterval: Duration = .seconds(60)

  init(_ context: DaemonContext, _ problems: Problems, _ deferredWrites: DeferredWrites) {
    self.context = context
    self.problems = problems
    self.deferredWrites = deferredWrites
  }

  /// Shows the problems of the log of a process from now on.
  func watch(_ log: Log, of process: String) {
    let name = "the log of process '\(process)'"
    watch(log, named: name, subject: process)
    log.onLoss = { [unowned self] reason in
      raiseLoss(of: process, "lines of \(name) are being lost: \(reason)")
      guard isLossWarningDue() else { return }
      context.log.warning("Lines of \(name) are being lost: \(reason)")
    }
  }

  /// Shows the problems of `exeio.log` from now on. That log cannot tell of its own lost lines:
  /// only the journal can.
  func watchSupervisorLog() {
    watch(context.log.log, named: "exeio.log", subject: ProcessID.reserved)
    context.log.log.onLoss = { [unowned self] reason in
      raiseLoss(of: ProcessID.reserved, "lines of exeio.log are being lost: \(reason)")
      guard isLossWarningDue() else { return }
      context.log.warnOutside("Lines of exeio.log are being lost: \(reason)")
    }
  }

  /// Forgets what was wrong with the log of a process that has been removed, and what that may tell
  /// yet: on a file system that does not answer it goes on closing.
  func forget(_ process: String, _ log: Log?) {
    log?.onLoss = nil
    log?.onLossOver = nil
    log?.onTrouble = nil
    deferredWrites.drop(.logWrite, of: process)
    problems.clear(.linesLost, of: process)
    problems.clear(.logWrite, of: process)
  }

  private func raiseLoss(of subject: String, _ message: String) {
    problems.raise(.linesLost, of: subject, message, level: nil)
  }

  private func isLossWarningDue() -> Bool {
    let now = context.now
    if let lossWarnedAt, now - lossWarnedAt < Self.lossWarningInterval { return false }
    lossWarnedAt = now
    return true
  }

  private func watch(_ log: Log, named name: String, subject: String) {
    log.onLossOver = { [unowned self] in problems.clear(.linesLost, of: subject) }
    log.onTrouble = { [unowned self] log, error in
      if let error {
        guard log.openingError != nil else {
          let message = "cannot be rotated or reopened and goes on in the file that it has"
          problems.raise(.logWrite, of: subject, "\(name) \(message): \(error)", level: nil)
          return
        }
        showMissingFile(of: log, named: name, subject: subject, error)
      } else {
        deferredWrites.drop(.logWrite, of: subject)
        problems.clear(.logWrite, of: subject)
      }
    }
  }

  private func showMissingFile(
    of log: Log, named name: String, subject: String, _ error: UVError
  ) {
    guard error.isOfFullDisk else {
      let message = "\(name) cannot be opened, and it is not started: \(error)"
      return problems.raise(.logWrite, of: subject, message, level: nil)
    }
    deferredWrites.drop(.logWrite, of: subject)
    deferredWrites.add(
      .logWrite, of: subject, "\(name) has no file, and its lines are lost: \(error)"
    ) { [weak log] then in
      log?.openMissingFile()
      then(log?.openingError)
    }
  }
}
