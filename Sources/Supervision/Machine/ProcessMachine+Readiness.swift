extension ProcessMachine {
  /// A process of the present run has told something of it. What it tells before its command executes, or after
  /// its end, is of no use.
  mutating func notified(_ id: RunID, _ notification: Notification, _ turn: Turn) -> [Effect] {
    guard id == presentRun else { return [] }
    switch activity {
    case .running(var run):
      if let status = notification.status { run.statusText = status.isEmpty ? nil : status }
      var effects: [Effect] = []
      if notification.isReady, definition.execution.ready == .notify {
        effects += becomeReady(&run)
      }
      activity = .running(run)
      return effects
    case .stopping(var stopping):
      guard let status = notification.status else { return [] }
      stopping.run.statusText = status.isEmpty ? nil : status
      activity = .stopping(stopping)
      return []
    case .idle, .waiting, .blocked, .starting, .draining, .gone:
      return []
    }
  }

  private func becomeReady(_ run: inout Run) -> [Effect] {
    if run.isReady { return [] }
    run.isReady = true
    let line = Words.ready(id, run.pid)
    return [.log(process: id, line), .logOwn(line)]
  }
}
