import Basics

/// How everything ends.
extension Supervisor {
  /// Everything is to end: in order, or at once. Nothing is started any more.
  mutating func shutDown(_ urgency: ProcessMachine.Shutdown, at now: Moment) -> [Effect] {
    if urgency.rawValue <= shutdown.rawValue { return [] }
    let isFirst = !isShuttingDown
    shutdown = urgency
    var effects: [Effect] = []
    if isFirst {
      effects += [.logSupervisor(Messages.shutdownBegins)] + dropChanges() + endJobs()
      effects += disarmSaveRetry()
    }
    // A removal that could not be written down would be undone by the next start: there is one more
    // chance.
    if saves.isBehind {
      _ = saves.want()
      effects += sendSave()
    }
    for name in machines.keys.sorted() {
      guard let id = machines[name]?.serviceID else { continue }
      effects += shutDownInTurn(name, of: id, at: now)
    }
    // The others go on until it is their turn, but nothing new starts.
    if isFirst {
      for id in services.keys.sorted() { effects += refreshStartCondition(of: id, at: now) }
    }
    return effects
  }

  /// Something has happened to a machine: it may be its turn to end now, or that of those it
  /// depends on.
  mutating func followShutdown(_ name: InstanceID, of id: ServiceID, at now: Moment) -> [Effect] {
    var effects = shutDownInTurn(name, of: id, at: now)
    for other in (dependencies[id] ?? []).sorted() {
      for name in services[other]?.names ?? [] {
        effects += shutDownInTurn(name, of: other, at: now)
      }
    }
    return effects
  }

  /// A process is gone, or will not have another definition: a shutdown looks again at what it
  /// depended on.
  mutating func releaseDependencies(of id: ServiceID) {
    guard isShuttingDown else { return }
    for other in (dependencies[id] ?? []).sorted() {
      for name in services[other]?.names ?? [] { dirty.append((name, other)) }
    }
  }

  /// Tells a machine of the shutdown, unless it runs and something that depends on it does, too.
  private mutating func shutDownInTurn(
    _ name: InstanceID, of id: ServiceID, at now: Moment
  ) -> [Effect] {
    guard let present = machines[name]?.shutdown, present.rawValue < shutdown.rawValue else {
      return []
    }
    if shutdown == .orderly, machines[name]?.isUp == true, isNeeded(id) { return [] }
    let urgency = shutdown
    let context = makeContext(now)
    return finishCall(name, machines[name]?.shutDown(urgency, context))
  }

  /// Whether something that depends on a process still runs. Those that could not be started do not
  /// count: they may be in a circle.
  private func isNeeded(_ id: ServiceID) -> Bool {
    guard let dependents = dependents[id], services[id]?.fault == nil else { return false }
    return dependents.contains { dependent in
      guard let service = services[dependent], service.fault == nil else { return false }
      return service.names.contains { !(machines[$0]?.isAtRest ?? true) }
    }
  }

  /// Sends away those whose definition is not on its way to the disk yet. The others hear what
  /// became of it.
  private mutating func dropChanges() -> [Effect] {
    let dropped = changes.values.filter { $0.save != saves.out }.sorted {
      $0.definition.serviceID < $1.definition.serviceID
    }
    return dropped.flatMap { change in
      changes[change.definition.serviceID] = nil
      reindex(change.definition.serviceID)
      return answer(change.ticket, .refused(.shuttingDown, message: Messages.shuttingDown))
    }
  }

  /// What takes several steps goes no further.
  private mutating func endJobs() -> [Effect] {
    var effects = endReloads(.shuttingDown, Messages.shuttingDown)
    for id in rollings.keys.sorted() {
      effects += endRolling(id, Messages.shuttingDown, .shuttingDown)
    }
    for id in transitions.keys.sorted() {
      effects += endTransition(id, .shuttingDown, Messages.shuttingDown)
    }
    return effects + endRestartOfAll(.shuttingDown, Messages.shuttingDown)
  }

  /// Whether nothing is left that a shutdown has to wait for.
  var isAllOver: Bool {
    saves.isIdle && closingLogs.isEmpty && removals.values.allSatisfy { $0.save == nil }
      && machines.values.allSatisfy(\.isSettled)
  }

  /// Requests that wait for something that will not happen are answered before the end.
  mutating func dismissAll() -> [Effect] {
    var waiting = Array(fanOuts.keys) + Array(orders.keys)
    for removal in removals.values { waiting += removal.tickets }
    fanOuts = [:]
    orders = [:]
    removals = [:]
    let tickets = waiting.filter { !$0.isOwn }.sorted { $0.number < $1.number }
    return tickets.map {
      Effect.reply($0, .refused(.shuttingDown, message: Messages.shuttingDown))
    }
  }

  // MARK: Essential processes

  /// Something has happened to a machine: if it is essential and has ended for good just now,
  /// everything ends. One that had ended before it was made essential ends nothing. The first one
  /// decides with which code.
  mutating func noteEnd(of name: InstanceID, at now: Moment) -> [Effect] {
    guard let machine = machines[name] else { return [] }
    let end = machine.endedForGood
    guard (end != nil) != machine.isEndNoted else { return [] }
    machines[name]?.isEndNoted = end != nil
    guard let end, !isShuttingDown, machine.definition.isEssential else { return [] }
    let (how, code): (String, Int32) =
      switch end {
      case .exit(.code(let code)): ("\(ExitStatus.code(code))", code)
      case .exit(.signal(let signal)): ("\(ExitStatus.signal(signal))", 128 + signal.number)
      case .failure: (machine.error ?? "failed", 1)
      }
    return essentialEnded(name, how, code: code, at: now)
  }

  mutating func essentialEnded(
    _ name: some ProcessName, _ how: String, code: Int32, at now: Moment
  ) -> [Effect] {
    if isShuttingDown { return [] }
    exitCode = code
    return [.logSupervisor(Messages.essentialEnded(name, how, code: code), level: .warning)]
      + shutDown(.orderly, at: now)
  }
}
