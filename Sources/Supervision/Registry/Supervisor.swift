/// All processes, and every decision about them: hears what happened, and returns what is to be
/// done.
///
/// It has no clock and does nothing itself. Whoever performs the effects performs them in their
/// order, and reports what came of them as further events.
package struct Supervisor {
  /// Everything that runs or may run, by its name: a process by its id, a copy by its own name.
  var machines: [InstanceID: ProcessMachine] = [:]
  /// By id: every process with its definition, whether it has copies or not.
  var services: [ServiceID: Service] = [:]
  /// The ids of those that have a fault, and perhaps of some that have none any more. Whether there are any is asked at each
  /// change, of thousands perhaps.
  var faulty: Set<ServiceID> = []
  /// By id: what it depends on, also by a change that is under way.
  var dependencies: [ServiceID: Set<ServiceID>] = [:]
  /// By id, whether there is such a process or not: who depends on it.
  var dependents: [ServiceID: Set<ServiceID>] = [:]
  /// By id; waiting for their save.
  var changes: [ServiceID: Change] = [:]
  /// By id.
  var removals: [ServiceID: Removal] = [:]
  /// Ids of processes that are gone, but for their definition on disk: that write failed.
  var unwrittenRemovals: Set<ServiceID> = []
  /// By the name of what ran, the id: logs that are being closed.
  var closingLogs: [InstanceID: ServiceID] = [:]
  var fanOuts: [Ticket: FanOut] = [:]
  var orders: [Ticket: OrderedCommand] = [:]
  /// By id.
  var rollings: [ServiceID: RollingRestart] = [:]
  /// By id.
  var transitions: [ServiceID: Transition] = [:]
  var reload: Reload?
  var pendingReplies: [Ticket: PendingReply] = [:]
  /// Answers to the registry's own questions that nobody has heard yet.
  var replies: [(PendingReply, Reply)] = []
  /// The machines that something has happened to in this event, and their ids.
  var dirty: [(name: InstanceID, id: ServiceID)] = []
  var saves = SaveQueue()
  /// Whether a shutdown was asked for: nothing is started any more.
  package var isShuttingDown: Bool { shutdown != .no }
  var shutdown = ProcessMachine.Shutdown.no
  /// What the program exits with: 0, unless an essential process has ended.
  var exitCode: Int32 = 0
  /// The local time of the machine.
  var zone = TimeZoneOffsets.utc
  private var hasFinished = false
  private var latestSerial: UInt64 = 0
  var latestOwnTicket: UInt64 = 0

  /// A supervisor of no process.
  package init() {}

  /// The only door: `event` happened at `now`; returns what is to be done, in this order.
  package mutating func handle(_ event: Event, at now: Moment) -> [Effect] {
    if hasFinished { return handleAfterFinish(event) }
    var effects = react(to: event, at: now)
    effects += followUp(at: now)
    guard isShuttingDown, isAllOver else { return effects }
    hasFinished = true
    return effects + dismissAll() + [.finish(exitCode: exitCode)]
  }

  private mutating func react(to event: Event, at now: Moment) -> [Effect] {
    switch event {
    case .load(let definitions):
      return load(definitions, at: now)
    case .zoneRead(let zone):
      return read(zone, at: now)
    case .command(let command, let ticket):
      return perform(command, ticket, at: now)
    case .saved(let save):
      return saved(save, at: now)
    case .saveFailed(let save, let reason, let isConflict):
      return saveFailed(save, reason, isConflict: isConflict)
    case .saveDue:
      return saveAgain()
    case .run(let run, let event):
      let wasOver = isOver(run.instance)
      let context = makeContext(now)
      let effects = machines[run.instance]?.handle(event, of: run, context)
      return finishEvent(of: run.instance, effects, wasOver: wasOver, at: now)
    case .timerFired(let timer):
      let wasOver = isOver(timer.instance)
      let context = makeContext(now)
      let effects = machines[timer.instance]?.timerFired(timer.purpose, context)
      return finishEvent(of: timer.instance, effects, wasOver: wasOver, at: now)
    case .logClosed(let name, let failure):
      return logClosed(name, failure, at: now)
    case .shutdownRequested:
      return shutDown(.orderly, at: now)
    case .killRequested:
      return shutDown(.atOnce, at: now)
    }
  }

  /// Whether a process has ended for good and by itself.
  private func isOver(_ name: InstanceID) -> Bool { machines[name]?.endedForGood != nil }

  /// Completes what a machine returned for an event. One that had ended before, and was made essential since, has not
  /// ended now.
  private mutating func finishEvent(
    of name: InstanceID, _ effects: [Effect]?, wasOver: Bool, at now: Moment
  ) -> [Effect] {
    finishCall(name, effects) + (wasOver ? [] : shutDownIfEssential(name, at: now))
  }

  /// Nothing is done any more; but whoever asks is answered.
  private func handleAfterFinish(_ event: Event) -> [Effect] {
    switch event {
    case .command(.shutdown, let ticket):
      [.reply(ticket, .done(Messages.alreadyShuttingDown))]
    case .command(_, let ticket):
      [.reply(ticket, .refused(.shuttingDown, message: Messages.shuttingDown))]
    case .load, .zoneRead, .saved, .saveFailed, .saveDue, .run, .timerFired, .logClosed,
      .shutdownRequested, .killRequested:
      []
    }
  }

  /// What each call of a machine is given.
  mutating func makeContext(_ now: Moment) -> EventContext {
    latestSerial += 1
    return EventContext(now: now, serial: latestSerial, zone: zone)
  }
}
