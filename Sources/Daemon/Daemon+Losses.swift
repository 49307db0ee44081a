import UV

extension Daemon {
  /// Says that a log cannot take its lines, at most once a minute for all of them: a disk that is full is full
  /// for all. The log itself says how many are missing once there is room, and `/metrics` counts them.
  func warnOfLoss(in process: String, because reason: String) {
    guard isLossWarningDue() else { return }
    ownLog.warning("Lines of the log of process '\(process)' are being lost: \(reason)")
  }

  /// The same of the supervisor's own log, which cannot say it itself.
  func warnOfOwnLoss(because reason: String) {
    guard isLossWarningDue() else { return }
    ownLog.warnOutside("Lines of exeio.log are being lost: \(reason)")
  }

  private func isLossWarningDue() -> Bool {
    let now = SystemProcess.monotonicClock
    if let lossWarnedAt, now - lossWarnedAt < .seconds(60) { return false }
    lossWarnedAt = now
    return true
  }
}
