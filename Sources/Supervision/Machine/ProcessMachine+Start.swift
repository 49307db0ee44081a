extension ProcessMachine {
  /// The first start of a process that was added, or loaded (then nobody waits). A scheduled one waits until it
  /// is due.
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
    case .starting(_, isCancelled: false), .blocked: Messages.alreadyStarting(id)
    case .starting(_, isCancelled: true), .stopping, .draining, .hook:
      wantsFreshRun ? Messages.alreadyStarting(id) : nil
    case .idle, .waiting, .gone: nil
    }
  }

  private var refusalOfStart: String? {
    if goal == .removed { return Messages.beingRemoved(id) }
    if let alreadyUp { return alreadyUp }
    switch activity {
    case .stopping, .draining, .hook: return goal == .up ? Messages.stillEnding(id) : nil
    case .idle, .waiting, .blocked, .starting, .running, .gone: return nil
    }
  }

  /// Leads to a new run by the shortest way, its counts afresh.
  private mutating func bringUp(_ waiter: StartWaiter, _ context: EventContext) -> [Effect] {
    startWaiters.append(waiter)
    goal = .up
    staysDown = false
    restartCount = 0
    error = nil
    switch activity {
    case .idle, .blocked:
      return spawn(context)
    case .waiting:
      return [.disarm(timer(.nextRun))] + spawn(context)
    case .starting(_, let isCancelled):
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
    case .idle, .waiting, .starting, .running, .stopping, .draining, .hook, .gone:
      return []
    }
  }

  /// Starts a run now, or as soon as the start condition is met.
  mutating func spawn(_ context: EventContext) -> [Effect] {
    wantsFreshRun = false
    if case .unmet(let reason) = startCondition { return awaitStartCondition(reason, context) }
    // What kept it from starting does so no longer; why it was restarted stays until the child is there.
    if case .blocked = activity { error = nil }
    let run = RunID(id, serial: context.serial)
    activity = .starting(run, isCancelled: false)
    return [
      .log(id, .write(Messages.starting(id, run: runCount + 1))),
      .run(run, .spawn(definition, run: runCount + 1)),
    ]
  }

  /// Whoever asked for the start is not kept waiting for what others have to do first.
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
}
