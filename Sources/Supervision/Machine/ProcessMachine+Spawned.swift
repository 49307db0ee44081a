extension ProcessMachine {
  /// The child of the run that is starting executes its command.
  mutating func spawned(pid: Int32, _ context: EventContext) -> [Effect] {
    switch activity {
    case .starting(let id, let isCancelled):
      var run = Run(id: id, pid: pid, startedAt: context.now)
      run.isReady = definition.execution.ready == .spawned
      runCount += 1
      lastRun = context.now.sinceEpoch
      error = nil
      lastRunSucceeded = false
      lastStartFailed = false
      if isCancelled { return endGroup(of: run, context) }
      let watches = beginWatching(&run, context)
      activity = .running(run)
      return announce(pid) + answerStarters(pid, context) + watches
    case .running, .stopping, .draining, .hook:
      impossible("spawned")
    case .idle, .waiting, .blocked, .gone:
      return []
    }
  }

  /// The run that is starting could not; the reason is in words.
  mutating func spawnFailed(reason: String, _ context: EventContext) -> [Effect] {
    switch activity {
    case .starting(_, let isCancelled):
      lastStartFailed = true
      let line = Messages.failedToStart(id, reason)
      var effects: [Effect] = [.log(id, .write(line)), .logSupervisor(line, level: .error)]
      if isCancelled {
        if wasStopped { effects += stopLines() }
        return effects + answerStopWaiters() + applyGoal(context)
      }
      effects += decide(afterFailedStart: reason, context)
      return effects + refuseStarters(reason, context)
    case .running, .stopping, .draining, .hook:
      impossible("spawnFailed")
    case .idle, .waiting, .blocked, .gone:
      return []
    }
  }

  /// The run that is starting was taken back in time: no child came to be.
  mutating func spawnCancelled(_ context: EventContext) -> [Effect] {
    switch activity {
    case .starting(_, isCancelled: true):
      return (wasStopped ? stopLines() : []) + answerStopWaiters() + applyGoal(context)
    case .starting, .running, .stopping, .draining, .hook:
      impossible("spawnCancelled")
    case .idle, .waiting, .blocked, .gone:
      return []
    }
  }

  private func announce(_ pid: Int32) -> [Effect] {
    var effects = [Effect.logSupervisor(Messages.started(id, pid))]
    if restartsAutomatically {
      effects.append(.log(id, .write(Messages.monitorStarted(id, pid))))
    }
    return effects
  }

  mutating func answerStarters(_ pid: Int32, _ context: EventContext) -> [Effect] {
    defer { startWaiters = [] }
    return startWaiters.map { waiter in
      switch waiter.command {
      case .add:
        .reply(waiter.ticket, .created(entry(at: context.now), message: Messages.added(id, pid)))
      case .start:
        .reply(waiter.ticket, .done(Messages.started(id, pid)))
      case .restart:
        .reply(waiter.ticket, .done(Messages.restarted(id, pid)))
      }
    }
  }

  /// What was added stays added, also when its first start failed.
  private mutating func refuseStarters(_ reason: String, _ context: EventContext) -> [Effect] {
    defer { startWaiters = [] }
    let next = whatComesNext(context)
    return startWaiters.map { waiter in
      switch waiter.command {
      case .add:
        let message = Messages.addedButNotStarted(id, reason, next: next)
        return .reply(waiter.ticket, .created(entry(at: context.now), message: message))
      case .start, .restart:
        let message = Messages.couldNotStart(id, reason, next: next)
        return .reply(waiter.ticket, .refused(.conflict, message: message))
      }
    }
  }

  /// Tells what follows a failed start.
  private func whatComesNext(_ context: EventContext) -> String? {
    switch activity {
    case .waiting(let wait):
      switch wait.reason {
      case .schedule:
        Messages.triedAgain(in: Messages.whole(wait.due.sinceEpoch - context.now.sinceEpoch))
      case .period, .restart: Messages.triedAgain(in: wait.due.monotonic - context.now.monotonic)
      }
    case .idle, .blocked, .starting, .running, .stopping, .draining, .hook, .gone: nil
    }
  }
}
