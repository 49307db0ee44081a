/// What a run says of itself, and what probes say of it.
extension ProcessMachine {
  /// A process of the present run has told something of it. What it tells before its command
  /// executes, or after its end, is of no use.
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
    case .idle, .waiting, .blocked, .preparing, .starting, .draining, .hook, .gone:
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

  /// The run has told that it ends by itself. It is not watched any more, and it has as long as
  /// after a stop signal, which it does not get.
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

  // MARK: Probes

  /// Begins a probe, where there is a check: the first one as soon as the run has begun, or is
  /// ready where it tells that itself, and each further one some time after the end of the last. So
  /// there is never more than one.
  func probe(_ run: inout Run) -> [Effect] {
    guard definition.healthCheck != nil else { return [] }
    run.check.isProbing = true
    return [.run(run.id, .probe(definition))]
  }

  /// A probe of the present run has ended. One that was cancelled is not waited for.
  mutating func probed(_ result: ProbeResult, _ context: EventContext) -> [Effect] {
    switch activity {
    case .running(var run):
      guard run.check.isProbing, let check = definition.healthCheck else { return [] }
      run.check.isProbing = false
      var effects: [Effect]
      switch result {
      case .succeeded:
        effects = probeSucceeded(&run, context)
      case .failed(let failure):
        effects = probeFailed(failure, &run, check, context)
        if run.check.failures >= check.retries, check.onFailure == .restart {
          return effects
            + end(run, .unhealthy, Messages.unhealthy(run.check.failures, failure), context)
        }
      case .unknown(let reason):
        effects = [.logSupervisor(Messages.probeNotMade(id, reason), level: .warning)]
      }
      effects += arm(.probe, of: &run, after: check.interval, context)
      activity = .running(run)
      return effects
    case .preparing, .starting:
      impossible("probed")
    case .idle, .waiting, .blocked, .stopping, .draining, .hook, .gone:
      return []
    }
  }

  private func probeSucceeded(_ run: inout Run, _ context: EventContext) -> [Effect] {
    run.check.failures = 0
    run.check.hasSucceeded = true
    run.check.health.error = nil
    var effects: [Effect] = []
    if run.check.health.status != .healthy {
      let line = Messages.healthy(id, run.pid, again: run.check.health.status == .unhealthy)
      effects += [.log(id, .write(line)), .logSupervisor(line)]
      run.check.health.status = .healthy
      run.check.health.since = context.now.sinceEpoch
    }
    if definition.execution.ready == .healthy { effects += becomeReady(&run, context) }
    return effects
  }

  /// Failures do not count while it may still be starting.
  private func probeFailed(
    _ failure: String, _ run: inout Run, _ check: HealthCheck, _ context: EventContext
  ) -> [Effect] {
    run.check.health.error = failure
    let age = context.now.monotonic - run.startedAt.monotonic
    if !run.check.hasSucceeded, age < check.startPeriod { return [] }
    run.check.failures += 1
    guard run.check.failures >= check.retries, run.check.health.status != .unhealthy else {
      return []
    }
    run.check.health.status = .unhealthy
    run.check.health.since = context.now.sinceEpoch
    let line = Messages.isUnhealthy(id, run.pid, Messages.unhealthy(run.check.failures, failure))
    return [.log(id, .write(line)), .logSupervisor(line, level: .warning)]
  }
}
