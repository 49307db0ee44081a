extension ProcessMachine {
  /// A timer of this process has fired. One that no longer matters does nothing; one that fires
  /// before its time (an older firing that was under way, or a coarser clock) is armed again for
  /// the rest.
  mutating func timerFired(_ purpose: TimerID.Purpose, _ context: EventContext) -> [Effect] {
    switch activity {
    case .waiting(let wait) where purpose == .nextRun:
      return early(purpose, wait.due.monotonic, context) ?? begin(wait, context)
    case .running(let run):
      guard let watch = run.watches.first(where: { $0.purpose == purpose }) else { return [] }
      return early(purpose, watch.due, context) ?? watchFired(purpose, run, context)
    case .stopping(let stopping) where purpose == stopping.armedTimer:
      return early(purpose, stopping.deadline, context) ?? giveUpOn(stopping, context)
    case .draining(let draining) where purpose == .outputGrace && !draining.isClosing:
      return early(purpose, draining.deadline, context) ?? cutOff(draining)
    case .idle, .waiting, .blocked, .starting, .stopping, .draining, .hook, .gone:
      return []
    }
  }

  private func early(
    _ purpose: TimerID.Purpose, _ deadline: Duration, _ context: EventContext
  ) -> [Effect]? {
    let rest = deadline - context.now.monotonic
    return rest > .zero ? [.arm(timer(purpose), after: rest)] : nil
  }

  private mutating func begin(_ wait: Wait, _ context: EventContext) -> [Effect] {
    switch wait.reason {
    case .period:
      return spawn(context)
    case .schedule:
      return lookAtSchedule(wait, context)
    case .restart(let cause, _, _):
      restartCount += 1
      restartTotal += 1
      return [.log(id, .write(Messages.autoRestarting(id, cause, definition)))] + spawn(context)
    }
  }

  /// The group has not gone in the time it had.
  private mutating func giveUpOn(_ stopping: Stopping, _ context: EventContext) -> [Effect] {
    var run = stopping.run
    switch stopping.stage {
    case .announced, .asked:
      run.killedAfter = run.stopTimeout ?? definition.stopTimeout
      let line = Messages.killing(id, run.pid, definition, stopping.stage)
      return [.log(id, .write(line)), .logSupervisor(line, level: .warning)]
        + killGroup(of: run, context)
    case .killed:
      activity = .stopping(Stopping(run: run, stage: .counted, deadline: stopping.deadline))
      return [.run(run.id, .findSurvivors)]
    case .counted, .unkillable:
      impossible("a timer fired")
    }
  }

  private mutating func cutOff(_ draining: Draining) -> [Effect] {
    var draining = draining
    draining.isClosing = true
    activity = .draining(draining)
    return [.log(id, .write(Messages.outputCutOff)), .run(draining.run.id, .closeOutput)]
  }
}
