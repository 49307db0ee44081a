extension ProcessMachine {
  /// Leader, group and output of a run have ended: what now?
  mutating func runIsOver(_ run: Run, _ exit: Run.Exit, _ turn: Turn) -> [Effect] {
    let seen =
      restartsAutomatically
      ? Words.monitorDetected(id, run.pid, exit.status) : Words.exited(id, run.pid, exit.status)
    var effects: [Effect] = [
      .log(process: id, seen), .logOwn(Words.exited(id, run.pid, exit.status)),
    ]
    if wasStopped {
      if restartsAutomatically {
        effects.append(.log(process: id, Words.noRestart(id, wasManualStop: true)))
      }
      return effects + stopLines() + stopWaitersAnswered() + obey(turn)
    }
    lastRunSucceeded = !isFailure(exit.status)
    if goal == .removed || shutdown != .no || wantsFreshRun {
      return effects + obey(turn)
    }
    return effects + decide(after: run, exit, turn)
  }

  /// Nothing runs any more, and what follows is somebody's wish.
  mutating func obey(_ turn: Turn) -> [Effect] {
    if goal == .removed {
      activity = .gone
      return []
    }
    if wantsFreshRun { return spawn(turn) }
    activity = .idle
    error = nil
    return []
  }

  /// No child came to be, and nobody wishes anything else: the definition decides.
  mutating func decide(afterFailedStart reason: String, _ turn: Turn) -> [Effect] {
    error = Words.startFailed(reason)
    if let period { return wait(for: period, from: turn.now, .period, turn) }
    if restartsAutomatically {
      return backOff(.failedStart(reason: reason), lasted: .zero, from: turn.now, turn)
    }
    activity = .idle
    return []
  }

  /// It ended by itself: the definition decides.
  private mutating func decide(after run: Run, _ exit: Run.Exit, _ turn: Turn) -> [Effect] {
    if let period {
      return [.log(process: id, Words.nextRun(id, in: period))]
        + wait(for: period, from: exit.at, .period, turn)
    }
    if definition.restartPolicy == .always
      || definition.restartPolicy == .onFailure && isFailure(exit.status)
    {
      let cause: Cause =
        exit.isOutOfMemory ? .outOfMemory(pid: run.pid) : .exit(exit.status, pid: run.pid)
      return backOff(cause, lasted: run.lasted(until: exit), from: exit.at, turn)
    }
    activity = .idle
    if !restartsAutomatically { return [] }
    return [.log(process: id, Words.noRestart(id, wasManualStop: false))]
  }

  private func isFailure(_ status: ExitStatus) -> Bool {
    switch status {
    case .code(let code): !definition.successExitCodes.contains(code)
    case .signal: true
    }
  }

  /// Waits for the next restart, or gives up.
  private mutating func backOff(
    _ cause: Cause, lasted: Duration, from end: Moment, _ turn: Turn
  ) -> [Effect] {
    if lasted >= RestartDelay.settlingTime { restartCount = 0 }
    if let limit = definition.maxRestarts, restartCount >= limit {
      let reason = Words.gaveUp(restartCount, cause, definition)
      error = reason
      activity = .idle
      let line = Words.gaveUp(id, reason)
      return [
        .log(process: id, Words.noRestart(id, wasManualStop: false)), .log(process: id, line),
        .logOwn(line, level: .error),
      ]
    }
    error = Words.whyBackoff(cause, definition)
    let delay = RestartDelay.before(restart: restartCount + 1, lasted: lasted)
    let lines: [Effect] = [
      .log(process: id, Words.restartDecided(id, delay)),
      .log(process: id, Words.initiating(id, cause, delay)),
    ]
    return lines + wait(for: delay, from: end, .restart(after: cause), turn)
  }

  /// Waits until `delay` after `start`, some of which may have passed already.
  private mutating func wait(
    for delay: Duration, from start: Moment, _ reason: Wait.Reason, _ turn: Turn
  ) -> [Effect] {
    let due = start.advanced(by: delay)
    activity = .waiting(Wait(due: due, reason: reason))
    return [.arm(timer(.nextRun), after: max(.zero, due.monotonic - turn.now.monotonic))]
  }

  /// Whether an operator stopped the run that is over, also where a start has been asked for since.
  var wasStopped: Bool { goal == .down || !stopWaiters.isEmpty }

  func stopLines() -> [Effect] {
    [.log(process: id, Words.stoppedManually), .logOwn(Words.stopped(id))]
  }
}
