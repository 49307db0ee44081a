extension ProcessMachine {
  /// An operator wants it down; answered when its run is over.
  mutating func stop(_ ticket: Ticket, _ context: EventContext) -> [Effect] {
    if goal == .removed {
      return [.reply(ticket, .refused(.conflict, message: Messages.beingRemoved(id)))]
    }
    switch activity {
    case .idle:
      staysDown = true
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
    case .starting, .running, .stopping, .draining, .hook:
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
  /// that whoever asks is answered in finite time.
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

  /// These processes of the present run have outlived `SIGKILL`: whoever waits for its end is told.
  mutating func survived(_ survivors: [Survivor]) -> [Effect] {
    switch activity {
    case .stopping(let stopping):
      guard stopping.stage == .counted else { impossible("survivors") }
      let run = stopping.run
      activity = .stopping(Stopping(run: run, stage: .unkillable, deadline: stopping.deadline))
      let line = Messages.unkillable(id, run.pid, survivors)
      return [.log(id, .write(line)), .logSupervisor(line, level: .error)] + refuseAll(line)
    case .starting, .running:
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
}
