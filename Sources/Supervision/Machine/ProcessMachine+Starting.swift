/// How a run begins: from the wish for one to the child that executes the command.
extension ProcessMachine {
  /// The first start of a process that was added, or loaded (then no request waits). A scheduled
  /// one waits until it is due.
  mutating func startFirst(answering ticket: Ticket?, _ context: EventContext) -> [Effect] {
    if let schedule = definition.schedule {
      let effects = scheduleNext(schedule, context)
      let message =
        error.map { Messages.addedNeverDue(id, $0) } ?? Messages.addedToWait(id, schedule)
      return effects
        + (ticket.map { [.reply($0, .created(entry(at: context.now), message: message))] } ?? [])
    }
    if let ticket { startWaiters.append(StartWaiter(.add, ticket)) }
    return spawn(context)
  }

  /// An operator wants it up.
  mutating func start(_ ticket: Ticket, _ context: EventContext) -> [Effect] {
    if let reason = refusalOfStart {
      return [.reply(ticket, .refused(.conflict, message: reason))]
    }
    return bringUp(StartWaiter(.start, ticket), context)
  }

  /// An operator wants a new run, whatever there is now.
  mutating func restart(_ ticket: Ticket, _ context: EventContext) -> [Effect] {
    if goal == .removed {
      return [.reply(ticket, .refused(.conflict, message: Messages.beingRemoved(id)))]
    }
    return bringUp(StartWaiter(.restart, ticket), context)
  }

  /// Says that it is up or on its way; nil if a start has something to do.
  var alreadyUp: String? {
    switch activity {
    case .running(let run): Messages.alreadyRunning(id, run.pid)
    case .preparing(_, _, isCancelled: false), .starting(_, isCancelled: false), .blocked:
      Messages.alreadyStarting(id)
    case .preparing(_, _, isCancelled: true), .starting(_, isCancelled: true), .stopping,
      .draining, .hook:
      wantsFreshRun ? Messages.alreadyStarting(id) : nil
    case .idle, .waiting, .gone: nil
    }
  }

  private var refusalOfStart: String? {
    if goal == .removed { return Messages.beingRemoved(id) }
    if let alreadyUp { return alreadyUp }
    switch activity {
    case .stopping, .draining, .hook: return goal == .up ? Messages.stillEnding(id) : nil
    case .idle, .waiting, .blocked, .preparing, .starting, .running, .gone: return nil
    }
  }

  /// Leads to a new run by the shortest way, its counts afresh.
  private mutating func bringUp(_ waiter: StartWaiter, _ context: EventContext) -> [Effect] {
    startWaiters.append(waiter)
    goal = .up
    restartCount = 0
    error = nil
    switch activity {
    case .idle, .blocked:
      return spawn(context)
    case .waiting:
      return [.disarm(timer(.nextRun))] + spawn(context)
    case .preparing(_, _, let isCancelled), .starting(_, let isCancelled):
      wantsFreshRun = isCancelled
      return []
    case .running(let run):
      wantsFreshRun = true
      return [.log(id, .write(Messages.restarting))] + endGroup(of: run, context)
    case .stopping(let stopping):
      wantsFreshRun = true
      return escalateStop(stopping, context)
    case .draining, .hook:
      wantsFreshRun = true
      return []
    case .gone:
      impossible("start")
    }
  }

  /// The start condition of the process from now on.
  mutating func setStartCondition(_ startCondition: StartCondition, _ context: EventContext)
    -> [Effect]
  {
    self.startCondition = startCondition
    switch activity {
    case .blocked:
      return spawn(context)
    case .idle, .waiting, .preparing, .starting, .running, .stopping, .draining, .hook, .gone:
      return []
    }
  }

  /// Starts a run now, or as soon as the start condition is met.
  mutating func spawn(_ context: EventContext) -> [Effect] {
    wantsFreshRun = false
    if case .unmet(let reason) = startCondition { return awaitStartCondition(reason, context) }
    // What kept it from starting does so no longer; why it was restarted stays until the child is
    // there.
    if case .blocked = activity { error = nil }
    let run = RunID(id, serial: context.serial)
    let line: Effect = .log(id, .write(Messages.starting(id, run: runCount + 1)))
    if let excess = definition.excess(overControllers: context.limitControllers) {
      return [line] + startFailed(excess, isCancelled: false, context)
    }
    if definition.beforeStart != nil {
      activity = .preparing(run, shared, isCancelled: false)
      return [line, .run(run, .runBeforeStart(definition))]
    }
    activity = .starting(run, isCancelled: false)
    return [line, .run(run, .spawn(definition, run: runCount + 1))]
  }

  /// The request for the start is not kept waiting for what others have to do first.
  private mutating func awaitStartCondition(_ reason: String, _ context: EventContext) -> [Effect] {
    var line: [Effect] = [.log(id, .write(Messages.blocked(id, reason)))]
    // What it waits for now is in `error`; the log has that it waits.
    if case .blocked = activity { line = [] }
    activity = .blocked
    error = reason
    defer { startWaiters = [] }
    return line
      + startWaiters.map { waiter in
        switch waiter.command {
        case .add:
          .reply(
            waiter.ticket,
            .created(entry(at: context.now), message: Messages.addedButBlocked(id, reason)))
        case .start, .restart:
          .reply(waiter.ticket, .done(Messages.blocked(id, reason)))
        }
      }
  }

  /// It can never be started, as it is defined; says why.
  mutating func cannotStart(_ reason: String) -> [Effect] {
    error = reason
    let line = Messages.failedToStart(id, reason)
    return [.log(id, .write(line)), .logSupervisor(line, level: .error)]
  }

  // MARK: The child

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
    case .preparing, .running, .stopping, .draining, .hook:
      impossible("spawned")
    case .idle, .waiting, .blocked, .gone:
      return []
    }
  }

  /// The hook before the run that is to start has ended, well or not.
  mutating func beforeStartEnded(failure: String?, _ context: EventContext) -> [Effect] {
    switch activity {
    case .preparing(let run, let definition, let isCancelled):
      if let failure { return startFailed(failure, isCancelled: isCancelled, context) }
      if isCancelled { return startWasCancelled(context) }
      activity = .starting(run, isCancelled: false)
      return [.run(run, .spawn(definition.value, run: runCount + 1))]
    case .starting, .running, .stopping, .draining, .hook:
      impossible("beforeStartEnded")
    case .idle, .waiting, .blocked, .gone:
      return []
    }
  }

  /// The run that is starting could not; the reason is in words.
  mutating func spawnFailed(reason: String, _ context: EventContext) -> [Effect] {
    switch activity {
    case .starting(_, let isCancelled):
      return startFailed(reason, isCancelled: isCancelled, context)
    case .preparing, .running, .stopping, .draining, .hook:
      impossible("spawnFailed")
    case .idle, .waiting, .blocked, .gone:
      return []
    }
  }

  /// The run that is starting was taken back in time: no child came to be.
  mutating func spawnCancelled(_ context: EventContext) -> [Effect] {
    switch activity {
    case .preparing(_, _, isCancelled: true), .starting(_, isCancelled: true):
      return startWasCancelled(context)
    case .preparing, .starting, .running, .stopping, .draining, .hook:
      impossible("spawnCancelled")
    case .idle, .waiting, .blocked, .gone:
      return []
    }
  }

  private mutating func startFailed(
    _ reason: String, isCancelled: Bool, _ context: EventContext
  ) -> [Effect] {
    lastStartFailed = true
    let line = Messages.failedToStart(id, reason)
    var effects: [Effect] = [.log(id, .write(line)), .logSupervisor(line, level: .error)]
    if isCancelled {
      if wasStopped { effects += stopLines() }
      return effects + answerStopWaiters() + applyGoal(context)
    }
    effects += decide(afterFailedStart: reason, context)
    return effects + refuseStarters(reason, context)
  }

  private mutating func startWasCancelled(_ context: EventContext) -> [Effect] {
    (wasStopped ? stopLines() : []) + answerStopWaiters() + applyGoal(context)
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
    case .idle, .blocked, .preparing, .starting, .running, .stopping, .draining, .hook, .gone: nil
    }
  }

  // MARK: What became of it

  /// What has become of a start that was asked for, and under way; nil while that is open.
  var startOutcome: Reply.Outcome? {
    switch activity {
    case .preparing(_, _, isCancelled: false), .starting(_, isCancelled: false): nil
    case .running(let run):
      Reply.Outcome(id, success: true, message: Messages.started(id, run.pid))
    case .blocked:
      Reply.Outcome(id, success: true, message: Messages.blocked(id, error ?? ""))
    case .stopping where isAtRest:
      Reply.Outcome(id, success: false, message: Messages.cannotBeEnded(id))
    case .preparing(_, _, isCancelled: true), .starting(_, isCancelled: true), .stopping,
      .draining, .hook:
      wantsFreshRun ? nil : outcomeAtRest
    case .waiting(let wait):
      waitOutcome(wait)
    case .idle, .gone: outcomeAtRest
    }
  }

  private func waitOutcome(_ wait: Wait) -> Reply.Outcome {
    switch wait.reason {
    case .schedule:
      guard let schedule = definition.schedule, !lastStartFailed else { return outcomeAtRest }
      return Reply.Outcome(id, success: true, message: Messages.waitsForNextRun(id, schedule))
    case .period, .restart: return outcomeAtRest
    }
  }

  private var outcomeAtRest: Reply.Outcome {
    switch goal {
    case .removed:
      Reply.Outcome(id, success: false, message: Messages.supersededByRemoval(id))
    case .down:
      Reply.Outcome(id, success: false, message: Messages.supersededByStop(id))
    case .up, .stayDown:
      if let error {
        Reply.Outcome(id, success: false, message: Messages.rests(id, error))
      } else {
        Reply.Outcome(id, success: true, message: Messages.startedAndEnded(id))
      }
    }
  }
}
