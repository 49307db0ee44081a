extension ProcessMachine {
  /// Another definition of the same process. What runs goes on, and what is armed follows the new
  /// one; only where what a run executes is something else, one that is up is restarted, its counts
  /// afresh. One that is down stays so.
  mutating func update(_ definition: ProcessDefinition, _ context: EventContext) -> [Effect] {
    precondition(
      definition.instanceID == id, "the definition of '\(definition.id)' for process '\(id)'")
    let old = self.definition
    self.definition = definition
    var effects: [Effect] = []
    if (old.logMaxBytes, old.logMaxFiles) != (definition.logMaxBytes, definition.logMaxFiles) {
      effects.append(.log(definition.instanceID, .limit(definition)))
    }
    guard goal == .up, shutdown == .no else { return effects }
    if definition.execution != old.execution {
      return effects + restartForNewDefinition(from: old, context)
    }
    return effects + applyChange(of: old, context)
  }

  /// What a run executes is something else. A wait for the next periodic or scheduled run goes on:
  /// that will execute it. What runs is ended as its own definition has it.
  private mutating func restartForNewDefinition(
    from old: ProcessDefinition, _ context: EventContext
  ) -> [Effect] {
    switch activity {
    case .waiting(let wait):
      switch wait.reason {
      case .period, .schedule: return applyChange(of: old, context)
      case .restart:
        if isTimed { return applyChange(of: old, context) }
        restartCount = 0
        return [.disarm(timer(.nextRun))] + spawn(context)
      }
    case .preparing(let run, let definition, let isCancelled):
      wantFreshRun()
      activity = .preparing(run, definition, isCancelled: true)
      return isCancelled ? [] : [.run(run, .cancelSpawn)]
    case .starting(let run, let isCancelled):
      wantFreshRun()
      activity = .starting(run, isCancelled: true)
      return isCancelled ? [] : [.run(run, .cancelSpawn)]
    case .running(let run):
      wantFreshRun()
      return [.log(id, .write(Messages.restartingAnew))] + endGroup(of: run, as: old, context)
    case .stopping(let stopping):
      if isLeftToDefinition(stopping.run, stopping.run.exit) { return [] }
      wantFreshRun()
      return escalateStop(stopping, context)
    case .draining(let draining):
      wantFreshRun(after: draining.run, draining.exit)
      return []
    case .hook(let hook):
      wantFreshRun(after: hook.run, hook.exit)
      return []
    case .idle:
      // What kept it down may be what is other now.
      guard status == .failed, definition.schedule == nil else {
        return applyChange(of: old, context)
      }
      error = nil
      restartCount = 0
      return spawn(context)
    case .blocked, .gone:
      return applyChange(of: old, context)
    }
  }

  private mutating func wantFreshRun(after run: Run, _ exit: Run.Exit) {
    if !isLeftToDefinition(run, exit) { wantFreshRun() }
  }

  private mutating func wantFreshRun() {
    restartCount = 0
    wantsFreshRun = true
  }

  /// Whether the run that is ending is followed by what is executed now at its time, or by nothing:
  /// no request has asked for more.
  private func isLeftToDefinition(_ run: Run, _ exit: Run.Exit?) -> Bool {
    if wantsFreshRun { return false }
    if isTimed { return true }
    guard let exit else { return false }
    return !isFollowedByRestart(cause(of: run, exit))
  }

  /// What a run executes is the same, or nothing runs: what is armed follows the new definition.
  private mutating func applyChange(of old: ProcessDefinition, _ context: EventContext) -> [Effect]
  {
    switch activity {
    case .idle:
      guard let schedule = definition.schedule, schedule != old.schedule else {
        return []
      }
      error = nil
      return scheduleNext(schedule, context)
    case .waiting(let wait):
      return applyChange(of: old, whileWaiting: wait, context)
    case .running(var run):
      let effects = applyChange(of: old, whileRunning: &run, context)
      activity = .running(run)
      return effects
    case .blocked, .preparing, .starting, .stopping, .draining, .hook, .gone:
      return []
    }
  }

  private mutating func applyChange(
    of old: ProcessDefinition, whileWaiting wait: Wait, _ context: EventContext
  ) -> [Effect] {
    if let schedule = definition.schedule {
      return schedule == old.schedule ? [] : rescheduled(schedule, context)
    }
    if let period {
      return period == self.period(of: old) ? [] : waitForNewPeriod(period, wait, old, context)
    }
    switch wait.reason {
    case .restart(let cause, let end, let lasted):
      guard isFollowedByRestart(cause) else {
        error = errorWhileResting(after: cause)
        return dropNextRun()
      }
      guard definition.restartDelays != old.restartDelays else { return [] }
      let delay = RestartDelay.before(restart: restartCount + 1, lasted: lasted, definition)
      return self.wait(for: delay, from: end, wait.reason, context)
    case .period, .schedule:
      return unschedule(context)
    }
  }

  /// A new period counts from the last end; without one, it has waited for long enough.
  private mutating func waitForNewPeriod(
    _ period: Duration, _ wait: Wait, _ old: ProcessDefinition, _ context: EventContext
  ) -> [Effect] {
    switch wait.reason {
    case .period:
      let end = wait.due.advanced(by: .zero - (self.period(of: old) ?? .zero))
      return self.wait(for: period, from: end, .period, context)
    case .restart(_, let end, _):
      return self.wait(for: period, from: end, .period, context)
    case .schedule:
      guard let lastExit else { return [.disarm(timer(.nextRun))] + spawn(context) }
      let age = max(.zero, context.now.sinceEpoch - lastExit.at)
      return self.wait(for: period, from: context.now.advanced(by: .zero - age), .period, context)
    }
  }

  /// It waited for its time, and has none any more. What has never run starts, as when it is added;
  /// for the others the policy decides as it would have done after the last run.
  private mutating func unschedule(_ context: EventContext) -> [Effect] {
    guard let lastExit, !lastStartFailed else {
      return [.disarm(timer(.nextRun))] + spawn(context)
    }
    if isFollowedByRestart(.exit(lastExit.status, pid: 0)) {
      return [.disarm(timer(.nextRun))] + spawn(context)
    }
    return dropNextRun()
  }

  /// What it waited for is not to be.
  private mutating func dropNextRun() -> [Effect] {
    activity = .idle
    return [.disarm(timer(.nextRun)), .log(id, .write(Messages.nextRunDropped(id)))]
  }

  /// What is wrong where the last run was not followed by another.
  private func errorWhileResting(after cause: Cause) -> String? {
    switch cause {
    case .exit, .outOfMemory: nil
    case .forced(let forcedEnd, _): Messages.wasEnded(forcedEnd)
    case .failedStart(let reason): Messages.startFailed(reason)
    }
  }

  private func period(of definition: ProcessDefinition) -> Duration? {
    definition.isPeriodic ? definition.period : nil
  }

  /// Timers of a run that count from its beginning do so with the new definition as well.
  private func applyChange(
    of old: ProcessDefinition, whileRunning run: inout Run, _ context: EventContext
  ) -> [Effect] {
    var effects: [Effect] = []
    if definition.readyTimeout != old.readyTimeout { effects += watchReadiness(of: &run, context) }
    if definition.restartAboveMemoryBytes != old.restartAboveMemoryBytes {
      run.memoryAbove = nil
      effects += watchMemory(of: &run, context)
    }
    if definition.runTimeout != old.runTimeout || (period(of: old) != nil) != (period != nil)
      || definition.schedule != old.schedule
    {
      effects += watchDuration(of: &run, context)
    }
    if definition.schedule != old.schedule { effects += watchSchedule(during: &run, context) }
    if definition.healthCheck != old.healthCheck { effects += exchangeCheck(old, &run, context) }
    return effects
  }

  /// What is known of its health stays where the new check does the same.
  private func exchangeCheck(
    _ old: ProcessDefinition, _ run: inout Run, _ context: EventContext
  ) -> [Effect] {
    var effects = disarm(.probe, of: &run)
    if run.check.isProbing { effects.append(.run(run.id, .cancelProbe)) }
    run.check.isProbing = false
    if definition.healthCheck?.probe != old.healthCheck?.probe {
      run.check = Run.Check()
      if definition.healthCheck != nil {
        run.check.health.status = .starting
        run.check.health.since = context.now.sinceEpoch
      }
    }
    switch definition.execution.ready {
    case .notify: return effects + (run.isReady ? probe(&run) : [])
    case .spawned, .healthy: return effects + probe(&run)
    }
  }
}
