import Basics

/// How a run is made to end, or kept from beginning: for a client, a removal, a shutdown.
extension ProcessMachine {
  /// An operator wants it down; answered when its run is over.
  mutating func stop(_ ticket: Ticket, _ context: EventContext) -> [Effect] {
    if goal == .removed {
      return [.reply(ticket, .refused(.conflict, message: Messages.beingRemoved(id)))]
    }
    switch activity {
    case .idle:
      if goal == .up { goal = .stayDown }
      return [.reply(ticket, .done(Messages.wasNotRunning(id)))]
    case .waiting:
      let effects = bringDown(context)
      goal = .down
      error = nil
      return effects + stopLines() + [.reply(ticket, .done(Messages.nextRunCancelled(id)))]
    case .blocked:
      let effects = bringDown(context)
      goal = .down
      error = nil
      return effects + stopLines() + [.reply(ticket, .done(Messages.startCancelled(id)))]
    case .preparing, .starting, .running, .stopping, .draining, .hook:
      goal = .down
      wantsFreshRun = false
      stopWaiters.append(ticket)
      let effects = bringDown(context)
      return effects + answerAdders(context)
        + refuseAllStarters(.conflict, Messages.supersededByStop(id))
    case .gone:
      impossible("stop")
    }
  }

  /// Leads to rest by the shortest way: a wait ends, a start is cancelled, a group is told to end.
  mutating func bringDown(_ context: EventContext) -> [Effect] {
    switch activity {
    case .idle:
      return []
    case .waiting:
      activity = .idle
      return [.disarm(timer(.nextRun))]
    case .blocked:
      activity = .idle
      return []
    case .preparing(let run, let definition, let isCancelled):
      if isCancelled { return [] }
      activity = .preparing(run, definition, isCancelled: true)
      return [.run(run, .cancelSpawn)]
    case .starting(let run, let isCancelled):
      if isCancelled { return [] }
      activity = .starting(run, isCancelled: true)
      return [.run(run, .cancelSpawn)]
    case .running(let run):
      return endGroup(of: run, context)
    case .stopping(let stopping):
      return escalateStop(stopping, context)
    case .draining(let draining):
      return shutdown == .atOnce ? closeOutput(draining) : []
    case .hook(let hook):
      return shutdown == .atOnce ? cancel(hook) : []
    case .gone:
      impossible("an end was asked for")
    }
  }

  /// Tells a group to end: by its stop signal, or by `SIGKILL` when there is no time.
  ///
  /// - Parameter old: The definition that the run was started with, where there is another by now.
  mutating func endGroup(
    of run: Run, as old: ProcessDefinition? = nil, _ context: EventContext
  ) -> [Effect] {
    if shutdown == .atOnce { return killGroup(of: run, context) }
    var run = run
    let effects = disarmWatches(&run)
    let definition = old ?? self.definition
    let timeout = definition.stopTimeout
    run.stopTimeout = timeout
    activity = .stopping(
      Stopping(run: run, stage: .asked, deadline: context.now.monotonic + timeout))
    return effects + [
      .run(run.id, .signal(definition.stopSignal, thenContinue: true)),
      .arm(timer(.stopTimeout), after: timeout),
    ]
  }

  /// Ends a group without asking it.
  mutating func killGroup(of run: Run, _ context: EventContext) -> [Effect] {
    var run = run
    let effects = disarmWatches(&run)
    activity = .stopping(
      Stopping(run: run, stage: .killed, deadline: context.now.monotonic + Self.killTimeout))
    return effects + [
      .run(run.id, .signal(.kill)), .arm(timer(.killTimeout), after: Self.killTimeout),
    ]
  }

  /// An end that is under way was asked for again: a group that outlived `SIGKILL` gets another, so
  /// that the client is answered in finite time.
  mutating func escalateStop(_ stopping: Stopping, _ context: EventContext) -> [Effect] {
    switch stopping.stage {
    case .announced:
      return [.disarm(timer(.stopTimeout))] + endGroup(of: stopping.run, context)
    case .asked:
      guard shutdown == .atOnce else { return [] }
      return [.disarm(timer(.stopTimeout))] + killGroup(of: stopping.run, context)
    case .killed, .counted:
      return []
    case .unkillable:
      return killGroup(of: stopping.run, context)
    }
  }

  /// These processes of the present run have outlived `SIGKILL`: the requests that wait for its end
  /// are told.
  mutating func survived(_ survivors: [Survivor]) -> [Effect] {
    switch activity {
    case .stopping(let stopping):
      guard stopping.stage == .counted else { impossible("survivors") }
      let run = stopping.run
      activity = .stopping(Stopping(run: run, stage: .unkillable, deadline: stopping.deadline))
      let line = Messages.unkillable(id, run.pid, survivors)
      return [.log(id, .write(line)), .logSupervisor(line, level: .error)] + refuseAll(line)
    case .preparing, .starting, .running:
      impossible("survivors")
    case .idle, .waiting, .blocked, .draining, .hook, .gone:
      return []
    }
  }

  /// Has what is in the pipes read, and the pipes closed.
  mutating func closeOutput(_ draining: Draining) -> [Effect] {
    if draining.isClosing { return [] }
    var draining = draining
    draining.isClosing = true
    activity = .draining(draining)
    return [.disarm(timer(.outputGrace)), .run(draining.run.id, .closeOutput)]
  }

  /// The group has not gone in the time it had.
  mutating func giveUpOn(_ stopping: Stopping, _ context: EventContext) -> [Effect] {
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

  // MARK: Removal, shutdown, signals

  /// An operator wants it forgotten: wins over all other wishes. The supervisor answers when
  /// `isGone`.
  mutating func remove(_ ticket: Ticket, deletesLog: Bool, _ context: EventContext) -> [Effect] {
    goal = .removed
    wantsFreshRun = false
    self.deletesLog = self.deletesLog || deletesLog
    removeWaiters.append(ticket)
    var effects = bringDown(context)
    effects += refuseAllStarters(.conflict, Messages.supersededByRemoval(id))
    let stoppers = stopWaiters
    stopWaiters = []
    effects += stoppers.map {
      .reply($0, .refused(.conflict, message: Messages.supersededByRemoval(id)))
    }
    switch activity {
    case .idle: activity = .gone
    case .waiting, .blocked, .preparing, .starting, .running, .stopping, .draining, .hook, .gone:
      break
    }
    return effects
  }

  /// The supervisor shuts down, in order or at once. Being told again has effect only if it is more
  /// urgent.
  mutating func shutDown(_ urgency: Shutdown, _ context: EventContext) -> [Effect] {
    if urgency.rawValue <= shutdown.rawValue { return [] }
    let isLeftAlone = shutdown != .no && isSettled
    shutdown = urgency
    wantsFreshRun = false
    if isLeftAlone { return [] }
    let effects = bringDown(context)
    let message = definition.isSaved ? Messages.startsNextTime(id) : Messages.shuttingDown
    return effects + refuseAllStarters(.shuttingDown, message)
  }

  /// An operator sends a signal to the leader of the present run, or to everything that belongs to
  /// it. What follows from it is as if another program had sent it to the run.
  func signal(_ signal: Signal, toGroup: Bool, _ ticket: Ticket) -> [Effect] {
    guard let run = signallableRun(inGroup: toGroup) else {
      return [.reply(ticket, .refused(.conflict, message: Messages.nothingToSignal(id)))]
    }
    let line = Messages.signalled(id, run.pid, signal, toGroup: toGroup)
    return [
      .log(id, .write(line)), .logSupervisor(line),
      toGroup ? .run(run.id, .signal(signal)) : .run(run.id, .signalLeader(signal)),
      .reply(ticket, .done(line)),
    ]
  }

  private func signallableRun(inGroup: Bool) -> Run? {
    switch activity {
    case .running(let run): run
    case .stopping(let stopping): inGroup || stopping.run.exit == nil ? stopping.run : nil
    case .idle, .waiting, .blocked, .preparing, .starting, .draining, .hook, .gone: nil
    }
  }

  // MARK: Answers

  /// Answers those who wait for the end of the run that is over, and says if it had to be killed.
  mutating func answerStopWaiters(killedAfter timeout: Duration? = nil) -> [Effect] {
    defer { stopWaiters = [] }
    return stopWaiters.map { .reply($0, .done(Messages.stopped(id, killedAfter: timeout))) }
  }

  /// Sends away those who wait for a start that will not be.
  mutating func refuseAllStarters(_ refusal: Reply.Refusal, _ message: String) -> [Effect] {
    defer { startWaiters = [] }
    return startWaiters.map { .reply($0.ticket, .refused(refusal, message: message)) }
  }

  /// Answers the clients that added it, when a stop came before the first start: it was added all
  /// the same.
  mutating func answerAdders(_ context: EventContext) -> [Effect] {
    let adders = startWaiters.filter { $0.command == .add }
    startWaiters.removeAll { $0.command == .add }
    return adders.map {
      .reply($0.ticket, .created(entry(at: context.now), message: Messages.addedButStopped(id)))
    }
  }

  /// Sends everyone away: the group cannot be ended.
  mutating func refuseAll(_ message: String) -> [Effect] {
    let tickets = stopWaiters + startWaiters.map(\.ticket) + removeWaiters
    stopWaiters = []
    startWaiters = []
    removeWaiters = []
    return tickets.map { .reply($0, .refused(.failure, message: message)) }
  }
}
