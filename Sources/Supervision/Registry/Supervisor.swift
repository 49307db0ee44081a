/// All processes, and every decision about them: hears what happened, and returns what is to be
/// done.
///
/// It has no clock and does nothing itself. Whoever performs the effects performs them in their
/// order, and reports what came of them as further events.
package struct Supervisor {
  var machines: [String: ProcessMachine] = [:]
  /// By id; waiting for their save.
  var additions: [String: Addition] = [:]
  /// By id; waiting for their log and their save.
  var removals: [String: Removal] = [:]
  var commandsToAll: [Ticket: CommandToAll] = [:]
  var saves = SaveQueue()
  /// Whether a shutdown was asked for: nothing is started any more.
  package var isShuttingDown: Bool { shutdown != .no }
  var shutdown = ProcessMachine.Shutdown.no
  /// The local time of the machine.
  var zone = TimeZoneOffsets.utc
  private var hasFinished = false
  private var latestSerial: UInt64 = 0

  /// A supervisor of no process.
  package init() {}

  /// How many processes there are.
  package var processCount: Int { machines.count }

  /// All processes, sorted by id.
  package func entries(at now: Moment) -> [ProcessEntry] {
    machines.values.map { $0.entry(at: now) }.sorted { $0.definition.id < $1.definition.id }
  }

  /// One process; nil if there is none of that id.
  package func entry(_ id: String, at now: Moment) -> ProcessEntry? {
    machines[id]?.entry(at: now)
  }

  /// The run of a process whose leader is alive; nil if none is.
  package func run(of id: String) -> RunID? {
    machines[id]?.liveRun?.id
  }

  /// The only door: `event` happened at `now`; returns what is to be done, in this order.
  package mutating func handle(_ event: Event, at now: Moment) -> [Effect] {
    if hasFinished { return handleAfterFinish(event) }
    let effects = react(to: event, at: now)
    guard isShuttingDown, saves.isIdle, removals.isEmpty, machines.values.allSatisfy(\.isSettled)
    else {
      return effects
    }
    hasFinished = true
    return effects + [.finish(exitCode: 0)]
  }

  private mutating func react(to event: Event, at now: Moment) -> [Effect] {
    let turn = makeTurn(now)
    switch event {
    case .load(let definitions):
      return load(definitions.map(\.definition), at: now)
    case .zoneRead(let zone):
      return read(zone, at: now)
    case .command(let command, let ticket):
      return perform(command, ticket, at: now)
    case .saved(let save):
      return saved(save, at: now)
    case .saveFailed(let save, let reason):
      return saveFailed(save, reason)
    case .spawned(let run, let pid):
      return settle(run.process, machines[run.process]?.spawned(run, pid: pid, turn))
    case .spawnFailed(let run, let reason):
      return settle(
        run.process, machines[run.process]?.spawnFailed(run, reason: reason, turn))
    case .spawnCancelled(let run):
      return settle(run.process, machines[run.process]?.spawnCancelled(run, turn))
    case .exited(let run, let status, let groupRemains, let oomKills):
      return settle(
        run.process,
        machines[run.process]?.exited(
          run, status, groupRemains: groupRemains, oomKills: oomKills, turn))
    case .outOfMemory(let run, let oomKills):
      return settle(run.process, machines[run.process]?.outOfMemory(run, oomKills: oomKills))
    case .survivors(let run, let survivors):
      return settle(run.process, machines[run.process]?.survived(run, survivors))
    case .groupGone(let run):
      return settle(run.process, machines[run.process]?.groupGone(run, turn))
    case .outputEnded(let run):
      return settle(run.process, machines[run.process]?.outputEnded(run, turn))
    case .timerFired(let timer):
      return settle(timer.process, machines[timer.process]?.timerFired(timer.purpose, turn))
    case .notified(let run, let notification):
      return settle(run.process, machines[run.process]?.notified(run, notification, turn))
    case .probed(let run, let failure):
      return settle(run.process, machines[run.process]?.probed(run, failure: failure, turn))
    case .measured(let run, let bytes):
      return settle(
        run.process, machines[run.process]?.measured(run, residentBytes: bytes, turn))
    case .hookEnded(let run):
      return settle(run.process, machines[run.process]?.hookEnded(run, turn))
    case .logClosed(let process, let failure):
      return logClosed(process, failure)
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
      [.reply(ticket, .done(Words.alreadyShuttingDown))]
    case .command(_, let ticket):
      [.reply(ticket, .refused(.shuttingDown, message: Words.shuttingDown))]
    case .load, .saved, .saveFailed, .spawned, .spawnFailed, .spawnCancelled, .exited, .outOfMemory,
      .groupGone, .survivors, .outputEnded, .timerFired, .zoneRead, .notified, .probed, .measured,
      .hookEnded, .logClosed, .shutdownRequested,
      .killRequested:
      []
    }
  }

  /// What each call of a machine is given.
  mutating func makeTurn(_ now: Moment) -> Turn {
    latestSerial += 1
    return Turn(now: now, serial: latestSerial, zone: zone)
  }

  /// Completes what a machine returned: gathers the answers to commands to all, and forgets a
  /// process that is gone. Nil stands for a process that is not there any more: what it was told
  /// came too late.
  mutating func settle(_ id: String, _ effects: [Effect]?) -> [Effect] {
    guard let effects else { return [] }
    let gathered = commandsToAll.isEmpty ? effects : gather(effects, of: id)
    return gathered + forgetIfGone(id)
  }
}
