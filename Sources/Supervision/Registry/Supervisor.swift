package import Basics

/// All processes, and every decision about them: hears what happened, and returns what is to be
/// done.
///
/// It has no clock and does nothing itself. The caller performs the effects in their
/// order, and reports what came of them as further events.
package struct Supervisor {
  /// Everything that runs or may run, by its name: a process by its id, a copy by its own name.
  var machines: [InstanceID: ProcessMachine] = [:]
  /// By id: every process with its definition, whether it has copies or not.
  var services: [ServiceID: Service] = [:]
  /// The ids of those that have a fault, and perhaps of some that have none any more. Whether there
  /// are any is asked at each change, of thousands perhaps.
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
  var reloads = ReloadQueue()
  /// The reload that is being carried out.
  var reload: Reload?
  var pendingReplies = PendingReplies()
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
  private let limitControllers: Set<CgroupController>
  let configDirectory: String
  private var end = End.none
  /// Whether what an earlier supervisor left is still being ended.
  private var hasLeftovers = false
  private var latestSerial: UInt64 = 0

  /// A supervisor of no process.
  /// - Parameters:
  ///   - limitControllers: the controllers of cgroup v2 that keep limits of processes here.
  ///   - configDirectory: where the files of definitions are, for messages.
  package init(limitControllers: Set<CgroupController>, configDirectory: String) {
    self.limitControllers = limitControllers
    self.configDirectory = configDirectory
  }

  /// The only door: `event` happened at `now`; returns what is to be done, in this order.
  package mutating func handle(_ event: Event, at now: Moment) -> [Effect] {
    if end != .none { return handleAtEnd(event) }
    var effects = react(to: event, at: now)
    effects += followUp(at: now) + beginReloads(at: now)
    guard isShuttingDown, isAllOver else { return effects }
    end = .endingLeftovers
    return effects + dismissAll() + endHelpersIfNext()
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
    case .run(let run, let event):
      let context = makeContext(now)
      return finishCall(
        run.instance, machines[run.instance]?.handle(event, of: run, context))
    case .timerFired(let timer):
      return timerFired(timer, at: now)
    case .definitionFilesRead(let files):
      return filesRead(files, at: now)
    case .logClosed(let name, let failure):
      return logClosed(name, failure, at: now)
    case .leftoversFound:
      hasLeftovers = true
      return []
    case .leftoversEnded:
      hasLeftovers = false
      return []
    case .helpersEnded:
      return []
    case .shutdownRequested:
      return shutDown(.orderly, at: now)
    case .killRequested:
      return [.killLeftovers, .endHelpers] + shutDown(.atOnce, at: now)
    }
  }

  private mutating func timerFired(_ timer: TimerID, at now: Moment) -> [Effect] {
    switch timer {
    case .process(let name, let purpose):
      let context = makeContext(now)
      return finishCall(name, machines[name]?.timerFired(purpose, context))
    case .saveRetry: return saveAgain()
    case .definitionFiles: return giveUpFiles(at: now)
    }
  }

  // MARK: The end

  /// How far the end has come, once no process is left.
  private enum End {
    case none
    /// What an earlier supervisor left ends before this one goes.
    case endingLeftovers
    /// Then hooks and probes do.
    case endingHelpers
    case finished
  }

  /// Nothing is done any more but to end what runs beside the processes; requests are answered.
  private mutating func handleAtEnd(_ event: Event) -> [Effect] {
    switch event {
    case .command(.shutdown, let ticket):
      return [.reply(ticket, .done(Messages.alreadyShuttingDown))]
    case .command(_, let ticket):
      return [.reply(ticket, .refused(.shuttingDown, message: Messages.shuttingDown))]
    case .leftoversEnded:
      hasLeftovers = false
      return endHelpersIfNext()
    case .helpersEnded:
      guard end == .endingHelpers else { return [] }
      end = .finished
      return [.finish(exitCode: exitCode)]
    case .killRequested:
      return end == .finished ? [] : [.killLeftovers, .endHelpers]
    case .load, .zoneRead, .saved, .saveFailed, .run, .timerFired, .definitionFilesRead, .logClosed,
      .leftoversFound, .shutdownRequested:
      return []
    }
  }

  private mutating func endHelpersIfNext() -> [Effect] {
    guard end == .endingLeftovers, !hasLeftovers else { return [] }
    end = .endingHelpers
    return [.endHelpers]
  }

  /// What each call of a machine is given.
  mutating func makeContext(_ now: Moment) -> EventContext {
    latestSerial += 1
    return EventContext(
      now: now, serial: latestSerial, zone: zone, limitControllers: limitControllers)
  }

  /// The local time of the machine was read: what is due by it may be due at another time.
  mutating func read(_ zone: TimeZoneOffsets, at now: Moment) -> [Effect] {
    if zone == self.zone { return [] }
    self.zone = zone
    return machines.keys.sorted().flatMap { id in
      let context = makeContext(now)
      return finishCall(id, machines[id]?.zoneChanged(context))
    }
  }

  // MARK: What follows

  /// Completes what a machine returned. Nil stands for one that is not there any more: what it was
  /// told came too late.
  mutating func finishCall(_ name: InstanceID, _ effects: [Effect]?) -> [Effect] {
    guard let effects, let id = machines[name]?.serviceID else { return [] }
    dirty.append((name, id))
    if services[id]?.definition.execution.listen.isEmpty == false { noteSockets(of: id, effects) }
    return pendingReplies.take(from: effects) + forgetIfGone(name, of: id)
  }

  /// What follows from what has happened: jobs get their answers, start conditions change, and what
  /// waits for the end or the start of a process goes on.
  private mutating func followUp(at now: Moment) -> [Effect] {
    var effects: [Effect] = []
    var nextDirty = 0
    var nextEnd = 0
    while true {
      if nextEnd < dirty.count {
        // Before anything else follows from the end: where all is to end, nothing starts.
        effects += noteEnd(of: dirty[nextEnd].name, at: now)
        nextEnd += 1
      } else if let (question, reply) = pendingReplies.next() {
        effects += resume(question, reply, at: now)
      } else if nextDirty < dirty.count {
        let (name, id) = dirty[nextDirty]
        nextDirty += 1
        effects += reevaluate(name, of: id, at: now)
      } else {
        pendingReplies.giveBackRoom()
        dirty.removeAll(keepingCapacity: dirty.count < 64)
        return effects
      }
    }
  }

  /// Something has happened to a machine, or it is gone: all that looks at it looks again.
  private mutating func reevaluate(
    _ name: InstanceID, of id: ServiceID, at now: Moment
  ) -> [Effect] {
    var effects: [Effect] = []
    if let dependents = dependents[id] {
      for dependent in dependents.sorted() {
        effects += refreshStartCondition(of: dependent, at: now)
      }
    }
    if rollings[id] != nil { effects += advanceRolling(id, at: now) }
    if transitions[id] != nil { effects += advanceTransition(id) }
    for job in orderTickets { effects += advanceOrder(job, name, of: id, at: now) }
    if isShuttingDown { effects += followShutdown(name, of: id, at: now) }
    return effects + closeSocketsOfIdle(id)
  }

  /// Answers a command; the answer to a question of a job is kept for it.
  mutating func answer(_ ticket: Ticket, _ reply: Reply) -> [Effect] {
    guard ticket.isOwn else { return [.reply(ticket, reply)] }
    pendingReplies.keep(reply, to: ticket)
    return []
  }

  /// An answer has come: the job that asked goes on. One that is over by now does not hear it.
  private mutating func resume(
    _ question: PendingReply, _ reply: Reply, at now: Moment
  ) -> [Effect] {
    switch question {
    case .fanOut(let job, let name): advanceFanOut(job, name, reply, at: now)
    case .order(let job, let name): advanceOrder(job, name, reply, at: now)
    case .rolling(let job, let name): advanceRolling(job, name, reply, at: now)
    case .removal(let id, let name): cannotEnd(name, of: id, reply)
    case .reload(let job, let id): advanceReload(job, id, reply, at: now)
    }
  }

  // MARK: Sockets

  /// A service with `listen` has started something: it has sockets from now on.
  private mutating func noteSockets(of id: ServiceID, _ effects: [Effect]) {
    for effect in effects {
      if case .run(_, .spawn) = effect { services[id]?.hasSockets = true }
    }
  }

  /// Has the sockets of a service closed once nothing of it runs or is to run.
  private mutating func closeSocketsOfIdle(_ id: ServiceID) -> [Effect] {
    guard let service = services[id], service.hasSockets,
      service.names.allSatisfy({ machines[$0]?.isAtRestForGood ?? true })
    else { return [] }
    services[id]?.hasSockets = false
    return [.closeSockets(id)]
  }
}
