import Basics

extension ProcessMachine {
  /// Leader, group and output of a run have ended: its hook is next.
  mutating func runIsOver(_ run: Run, _ exit: Run.Exit, _ context: EventContext) -> [Effect] {
    let seen =
      restartsAutomatically
      ? Messages.monitorDetected(id, run.pid, exit.status)
      : Messages.exited(id, run.pid, exit.status)
    let effects: [Effect] = [
      .log(id, .write(seen)), .logSupervisor(Messages.exited(id, run.pid, exit.status)),
    ]
    return effects + runHook(after: run, exit, context)
  }

  /// Nothing of a run is left, and its hook has ended: what now?
  mutating func afterRun(_ run: Run, _ exit: Run.Exit, _ context: EventContext) -> [Effect] {
    var effects: [Effect] = []
    if wasStopped {
      if restartsAutomatically {
        effects.append(.log(id, .write(Messages.noRestart(id, wasManualStop: true))))
      }
      return effects + stopLines() + answerStopWaiters(killedAfter: run.killedAfter)
        + applyGoal(context)
    }
    lastRunSucceeded = run.forcedEnd == nil && !isFailure(exit.status)
    if lastRunSucceeded { tally.lastSuccess = exit.at.sinceEpoch }
    if goal == .removed || shutdown != .no || wantsFreshRun { return applyGoal(context) }
    return decide(after: run, exit, context)
  }

  /// Nothing runs any more, and what follows is the operator's wish.
  mutating func applyGoal(_ context: EventContext) -> [Effect] {
    if goal == .removed {
      activity = .gone
      return []
    }
    if wantsFreshRun { return spawn(context) }
    activity = .idle
    error = nil
    return []
  }

  /// No child came to be, and the operator wishes nothing else: the definition decides.
  mutating func decide(afterFailedStart reason: String, _ context: EventContext) -> [Effect] {
    error = Messages.startFailed(reason)
    if let schedule = definition.schedule { return scheduleNext(schedule, context) }
    if let period { return wait(for: period, from: context.now, .period, context) }
    if restartsAutomatically {
      return backOff(.failedStart(reason: reason), lasted: .zero, from: context.now, context)
    }
    activity = .idle
    return []
  }

  /// It ended by itself: the definition decides.
  private mutating func decide(after run: Run, _ exit: Run.Exit, _ context: EventContext)
    -> [Effect]
  {
    if isTimed {
      error = run.forcedEnd.map(Messages.wasEnded)
      return scheduleNext(after: run, exit, context)
    }
    let cause = cause(of: run, exit)
    if isFollowedByRestart(cause) {
      let effects = backOff(cause, lasted: run.lasted(until: exit), from: exit.at, context)
      if isFailure(exit.status) { error = Messages.withLastErrorLine(error, run.lastErrorLine) }
      return effects
    }
    activity = .idle
    error = run.forcedEnd.map(Messages.wasEnded)
    if !restartsAutomatically { return [] }
    return [.log(id, .write(Messages.noRestart(id, wasManualStop: false)))]
  }

  /// The next run of a periodic or scheduled process; where its time came during the last one, that
  /// may be now.
  private mutating func scheduleNext(after run: Run, _ exit: Run.Exit, _ context: EventContext)
    -> [Effect]
  {
    if let schedule = definition.schedule {
      var run = run
      let lines = noteOverlap(of: &run, context)
      return lines + (run.isFollowed ? spawn(context) : scheduleNext(schedule, context))
    }
    let period = definition.period ?? .zero
    return [.log(id, .write(Messages.nextRun(id, in: period)))]
      + wait(for: period, from: exit.at, .period, context)
  }

  func cause(of run: Run, _ exit: Run.Exit) -> Cause {
    if let forcedEnd = run.forcedEnd { return .forced(forcedEnd, pid: run.pid) }
    return exit.isOutOfMemory ? .outOfMemory(pid: run.pid) : .exit(exit.status, pid: run.pid)
  }

  /// Whether the definition has a process restarted after this.
  func isFollowedByRestart(_ cause: Cause) -> Bool {
    switch definition.restartPolicy {
    case .always: return true
    case .onFailure, .never: break
    }
    switch cause {
    case .forced(let forcedEnd, _):
      return forcedEnd.restartsAlways || definition.restartPolicy == .onFailure
    case .exit(let status, _):
      return definition.restartPolicy == .onFailure && isFailure(status)
    case .outOfMemory, .failedStart:
      return definition.restartPolicy == .onFailure
    }
  }

  /// Whether its definition takes such an end for a failure.
  func isFailure(_ status: ExitStatus) -> Bool {
    switch status {
    case .code(let code): !definition.successExitCodes.contains(code)
    case .signal: true
    }
  }

  /// Waits for the next restart, or gives up.
  private mutating func backOff(
    _ cause: Cause, lasted: Duration, from end: Moment, _ context: EventContext
  ) -> [Effect] {
    if lasted >= definition.restartReset { restartCount = 0 }
    if let limit = definition.maxRestarts, restartCount >= limit {
      let reason = Messages.gaveUp(restartCount, cause, definition)
      error = reason
      activity = .idle
      let line = Messages.gaveUp(id, reason)
      return [
        .log(id, .write(Messages.noRestart(id, wasManualStop: false))), .log(id, .write(line)),
        .logSupervisor(line, level: .error),
      ]
    }
    error = Messages.whyBackoff(cause, definition)
    let delay = RestartDelay.before(restart: restartCount + 1, lasted: lasted, definition)
    let lines: [Effect] = [
      .log(id, .write(Messages.restartDecided(id, delay))),
      .log(id, .write(Messages.initiating(id, cause, delay))),
    ]
    let reason = Wait.Reason.restart(after: cause, end: end, lasted: lasted)
    return lines + wait(for: delay, from: end, reason, context)
  }

  /// Waits until `delay` after `start`, some of which may have passed already.
  mutating func wait(
    for delay: Duration, from start: Moment, _ reason: Wait.Reason, _ context: EventContext
  ) -> [Effect] {
    let due = start.advanced(by: delay)
    activity = .waiting(Wait(due: due, reason: reason))
    return [.arm(timer(.nextRun), after: max(.zero, due.monotonic - context.now.monotonic))]
  }

  /// Whether an operator stopped the run that is over, also where a start has been asked for since.
  var wasStopped: Bool { goal == .down || !stopWaiters.isEmpty }

  func stopLines() -> [Effect] {
    [.log(id, .write(Messages.stoppedManually)), .logSupervisor(Messages.stopped(id))]
  }
}
