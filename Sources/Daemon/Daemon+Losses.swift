import API
import Logs
import UV

extension Daemon {
  /// Says that a log cannot take its lines, at most once a minute for all of them: a disk that is full is full
  /// for all. The log itself says how many are missing once there is room, and `/metrics` counts them.
  func warnOfLoss(in process: String, because reason: String) {
    problems.raise(
      .linesLost, of: process, "lines of the log of process '\(process)' are being lost: \(reason)",
      level: nil)
    guard isLossWarningDue() else { return }
    supervisorLog.warning("Lines of the log of process '\(process)' are being lost: \(reason)")
  }

  /// The same of the supervisor's own log, which cannot say it itself.
  func warnOfOwnLoss(because reason: String) {
    problems.raise(
      .linesLost, of: "exeio", "lines of exeio.log are being lost: \(reason)", level: nil)
    guard isLossWarningDue() else { return }
    supervisorLog.warnOutside("Lines of exeio.log are being lost: \(reason)")
  }

  /// Has the problems of a log shown as long as there are any.
  func showProblems(of log: Log, named name: String, subject: String) {
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

  /// What was wrong with the log of a process that is no longer there.
  func forgetProblems(ofLog process: String) {
    deferredWrites.drop(.logWrite, of: process)
    problems.clear(.linesLost, of: process)
    problems.clear(.logWrite, of: process)
  }

  private func isLossWarningDue() -> Bool {
    let now = SystemProcess.monotonicClock
    if let lossWarnedAt, now - lossWarnedAt < .seconds(60) { return false }
    lossWarnedAt = now
    return true
  }
}
