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
    let name = event.machine
    let wasOver = name.flatMap { machines[$0]?.endedForGood } != nil
    var effects = react(to: event, at: now)
    // One that had ended before, and was made essential since, has not ended now.
    if let name, !wasOver { effects += shutDownIfEssential(name, at: now) }
    effects += followUp(at: now)
    guard isShuttingDown, isAllOver else { return effects }
    hasFinished = true
    return effects + dismissAll() + [.finish(exitCode: exitCode)]
  }

  private mutating func react(to event: Event, at now: Moment) -> [Effect] {
    let context = makeContext(now)
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
    case .spawned(let run, let pid):
      return finishCall(run.instance, machines[run.instance]?.spawned(run, pid: pid, context))
    case .spawnFailed(let run, let reason):
      return finishCall(
        run.instance, machines[run.instance]?.spawnFailed(run, reason: reason, context))
    case .spawnCancelled(let run):
      return finishCall(run.instance, machines[run.instance]?.spawnCancelled(run, context))
    case .exited(let run, let status, let groupRemains, let oomKills):
      return finishCall(
        run.instance,
        machines[run.instance]?.exited(
          run, status, groupRemains: groupRemains, oomKills: oomKills, context))
    case .outOfMemory(let run, let oomKills):
      return finishCall(run.instance, machines[run.instance]?.outOfMemory(run, oomKills: oomKills))
    case .survivors(let run, let survivors):
      return finishCall(run.instance, machines[run.instance]?.survived(run, survivors))
    case .groupGone(let run):
      return finishCall(run.instance, machines[run.instance]?.groupGone(run, context))
    case .outputEnded(let run, let line):
      return finishCall(
        run.instance, machines[run.instance]?.outputEnded(run, lastErrorLine: line, context))
    case .timerFired(let timer):
      return finishCall(
        timer.instance, machines[timer.instance]?.timerFired(timer.purpose, context))
    case .notified(let run, let notification):
      return finishCall(run.instance, machines[run.instance]?.notified(run, notification, context))
    case .probed(let run, let failure):
      return finishCall(
        run.instance, machines[run.instance]?.probed(run, failure: failure, context))
    case .measured(let run, let bytes):
      return finishCall(
        run.instance, machines[run.instance]?.measured(run, residentBytes: bytes, context))
    case .hookEnded(let run):
      return finishCall(run.instance, machines[run.instance]?.hookEnded(run, context))
    case .logClosed(let process, let failure):
      return logClosed(process, failure, at: now)
    case .shutdownRequested:
      return shutDown(.orderly, at: now)
    case .killRequested:
      return shutDown(.atOnce, at: now)
    }
  }

  /// Nothing is done any more; but whoever asks is answered.
  private func handleAfterFinish(_ event: Event) -> [Effect] {
    switch event {
    case .command(.shutdown, let ticket):
      [.reply(ticket, .done(Messages.alreadyShuttingDown))]
    case .command(_, let ticket):
      [.reply(ticket, .refused(.shuttingDown, message: Messages.shuttingDown))]
    case .load, .saved, .saveFailed, .saveDue, .spawned, .spawnFailed, .spawnCancelled, .exited,
      .outOfMemory,
      .groupGone, .survivors, .outputEnded, .timerFired, .zoneRead, .notified, .probed, .measured,
      .hookEnded, .logClosed, .shutdownRequested,
      .killRequested:
      []
    }
  }

  /// What each call of a machine is given.
  mutating func makeContext(_ now: Moment) -> EventContext {
    latestSerial += 1
    return EventContext(now: now, serial: latestSerial, zone: zone)
  }
}
