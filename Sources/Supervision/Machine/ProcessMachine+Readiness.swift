extension ProcessMachine {
  /// A process of the present run has told something of it. What it tells before its command executes, or after
  /// its end, is of no use.
  mutating func notified(_ notification: Notification, _ context: EventContext)
    -> [Effect]
  {
    switch activity {
    case .running(var run):
      recordStatusText(notification.status, of: &run)
      if notification.hasFailed { return end(run, .watchdog, Messages.reportedFailure, context) }
      if notification.isStopping { return endAnnounced(run, context) }
      var effects: [Effect] = []
      if notification.isReady, definition.execution.ready == .notify {
        effects += becomeReady(&run, context)
      }
      if notification.isAlive, run.isArmed(.watchdog) { effects += watchLife(of: &run, context) }
      activity = .running(run)
      return effects
    case .stopping(var stopping):
      recordStatusText(notification.status, of: &stopping.run)
      activity = .stopping(stopping)
      return []
    case .idle, .waiting, .blocked, .starting, .draining, .hook, .gone:
      return []
    }
  }

  private func recordStatusText(_ status: String?, of run: inout Run) {
    guard let status else { return }
    run.statusText = status.isEmpty ? nil : status
  }

  func becomeReady(_ run: inout Run, _ context: EventContext) -> [Effect] {
    if run.isReady { return [] }
    run.isReady = true
    let line = Messages.ready(id, run.pid)
    let effects: [Effect] = [.log(id, .write(line)), .logSupervisor(line)]
    let disarm = disarm(.readyTimeout, of: &run)
    switch definition.execution.ready {
    case .notify: return effects + disarm + beginChecks(of: &run, context)
    case .spawned, .healthy: return effects + disarm
    }
  }

  /// The run has told that it ends by itself. Nobody watches over it any more, and it has as long as after a stop
  /// signal, which it does not get.
  private mutating func endAnnounced(_ run: Run, _ context: EventContext) -> [Effect] {
    var run = run
    let effects = disarmWatches(&run)
    let timeout = definition.stopTimeout
    activity = .stopping(
      Stopping(run: run, stage: .announced, deadline: context.now.monotonic + timeout))
    let line = Messages.announcedEnd(id, run.pid)
    return [.log(id, .write(line)), .logSupervisor(line)] + effects
      + [.arm(timer(.stopTimeout), after: timeout)]
  }
}
