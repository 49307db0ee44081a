extension ProcessMachine {
  /// The child of the run that is starting executes its command.
  mutating func spawned(_ id: RunID, pid: Int32, _ turn: Turn) -> [Effect] {
    guard id == presentRun else { return [] }
    switch activity {
    case .starting(_, let isCancelled):
      var run = Run(id: id, pid: pid, startedAt: turn.now)
      run.isReady = definition.execution.ready == .spawned
      runCount += 1
      lastRun = turn.now.sinceEpoch
      error = nil
      lastRunSucceeded = false
      lastStartFailed = false
      if isCancelled { return endGroup(of: run, turn) }
      let watches = beginWatching(&run, turn)
      activity = .running(run)
      return announce(pid) + answerStarters(pid, turn) + watches
    case .running, .stopping, .draining, .hook:
      impossible("spawned")
    case .idle, .waiting, .blocked, .gone:
      return []
    }
  }

  /// The run that is starting could not; the reason is in words.
  mutating func spawnFailed(_ id: RunID, reason: String, _ turn: Turn) -> [Effect] {
    guard id == presentRun else { return [] }
    switch activity {
    case .starting(_, let isCancelled):
      lastStartFailed = true
      let line = Words.failedToStart(self.id, reason)
      var effects: [Effect] = [.log(process: self.id, line), .logOwn(line, level: .error)]
      if isCancelled {
        if wasStopped { effects += stopLines() }
        return effects + stopWaitersAnswered() + obey(turn)
      }
      effects += decide(afterFailedStart: reason, turn)
      return effects + refuseStarters(reason, turn)
    case .running, .stopping, .draining, .hook:
      impossible("spawnFailed")
    case .idle, .waiting, .blocked, .gone:
      return []
    }
  }

  /// The run that is starting was taken back in time: no child came to be.
  mutating func spawnCancelled(_ id: RunID, _ turn: Turn) -> [Effect] {
    guard id == presentRun else { return [] }
    switch activity {
    case .starting(_, isCancelled: true):
      return (wasStopped ? stopLines() : []) + stopWaitersAnswered() + obey(turn)
    case .starting, .running, .stopping, .draining, .hook:
      impossible("spawnCancelled")
    case .idle, .waiting, .blocked, .gone:
      return []
    }
  }

  private func announce(_ pid: Int32) -> [Effect] {
    var effects = [Effect.logOwn(Words.started(id, pid))]
    if restartsAutomatically {
      effects.append(.log(process: id, Words.monitorStarted(id, pid)))
    }
    return effects
  }

  mutating func answerStarters(_ pid: Int32, _ turn: Turn) -> [Effect] {
    defer { startWaiters = [] }
    return startWaiters.map { waiter in
      switch waiter.command {
      case .add:
        .reply(waiter.ticket, .created(entry(at: turn.now), message: Words.added(id, pid)))
      case .start:
        .reply(waiter.ticket, .done(Words.started(id, pid)))
      case .restart:
        .reply(waiter.ticket, .done(Words.restarted(id, pid)))
      }
    }
  }

  /// What was added stays added, also when its first start failed.
  private mutating func refuseStarters(_ reason: String, _ turn: Turn) -> [Effect] {
    defer { startWaiters = [] }
    let next = whatComesNext(turn)
    return startWaiters.map { waiter in
      switch waiter.command {
      case .add:
        let message = Words.addedButNotStarted(id, reason, next: next)
        return .reply(waiter.ticket, .created(entry(at: turn.now), message: message))
      case .start, .restart:
        let message = Words.couldNotStart(id, reason, next: next)
        return .reply(waiter.ticket, .refused(.conflict, message: message))
      }
    }
  }

  /// Tells what follows a failed start.
  private func whatComesNext(_ turn: Turn) -> String? {
    switch activity {
    case .waiting(let wait):
      switch wait.reason {
      case .schedule: Words.triedAgain(in: Words.whole(wait.due.sinceEpoch - turn.now.sinceEpoch))
      case .period, .restart: Words.triedAgain(in: wait.due.monotonic - turn.now.monotonic)
      }
    case .idle, .blocked, .starting, .running, .stopping, .draining, .hook, .gone: nil
    }
  }
}
