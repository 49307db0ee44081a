extension Supervisor {
  /// A client wants a process forgotten.
  mutating func remove(
    _ id: ServiceID, deletesLog: Bool, _ ticket: Ticket, at now: Moment
  ) -> [Effect] {
    if removals[id] != nil { return removeAgain(id, deletesLog: deletesLog, ticket, at: now) }
    guard let service = services[id] else {
      if let owner = service(ofCopy: id) {
        return conflict(ticket, Messages.isCopyToRemove(id, of: owner))
      }
      return unwrittenRemovals.contains(id) ? writeRemoval(id, ticket) : noSuchProcess(id, ticket)
    }
    if let fragment = service.fragment {
      return conflict(ticket, Messages.isInFragment(id, fragment))
    }
    let dependents = dependentsThatStay(id)
    if !dependents.isEmpty { return conflict(ticket, Messages.isDependedOn(id, by: dependents)) }
    return beginRemoval(id, deletesLog: deletesLog, ticket, at: now)
  }

  /// Ends and forgets a process; the removal wins over everything else that is under way.
  mutating func beginRemoval(
    _ id: ServiceID, deletesLog: Bool, isAskedByFile: Bool = false, _ ticket: Ticket, at now: Moment
  ) -> [Effect] {
    if removals[id] != nil { return removeAgain(id, deletesLog: deletesLog, ticket, at: now) }
    guard let service = services[id] else { return answer(ticket, .done(Messages.removed(id))) }
    let superseded = Messages.supersededByRemoval(id)
    var effects = endRolling(id, superseded) + endTransition(id, .conflict, superseded)
    let isBeingWritten = changes[id].map { $0.save == saves.out } ?? false
    if let change = changes.removeValue(forKey: id) {
      effects += conflict(change.ticket, superseded)
      reindex(id)
    }
    let names = service.names.filter { machines[$0] != nil }
    let closing = closingLogs.filter { $0.value == id }.keys
    removals[id] = Removal(
      ticket, names: names + closing, instances: service.definition.instances,
      deletesLog: deletesLog)
    removals[id]?.isAskedByFile = isAskedByFile
    removals[id]?.isBeingWritten = isBeingWritten
    return effects + removeMachines(of: id, names, at: now)
  }

  private mutating func removeMachines(
    of id: ServiceID, _ names: [InstanceID], at now: Moment
  ) -> [Effect] {
    var effects: [Effect] = []
    for name in names {
      effects += leaveOrders(name, of: id, Messages.supersededByRemoval(id), at: now)
      let pending = ask(.removal(of: id, name))
      let context = makeContext(now)
      let deletesLog = removals[id]?.deletesLog ?? false
      effects += finishCall(name, machines[name]?.remove(pending, deletesLog: deletesLog, context))
    }
    return effects
  }

  /// It is on its way out already: this one is answered with the others.
  private mutating func removeAgain(
    _ id: ServiceID, deletesLog: Bool, _ ticket: Ticket, at now: Moment
  ) -> [Effect] {
    guard let removal = removals[id] else { return [] }
    // A log that is being closed already: it is too late to have it deleted.
    if deletesLog, !removal.deletesLog, removal.hasBegunToGo {
      return conflict(ticket, Messages.beingRemoved(id))
    }
    removals[id]?.tickets.append(ticket)
    removals[id]?.stuck = [:]
    if deletesLog { removals[id]?.deletesLog = true }
    return removeMachines(of: id, removal.left.filter { machines[$0] != nil }.sorted(), at: now)
  }

  /// The process is gone, and only the file has not heard of it.
  private mutating func writeRemoval(_ id: ServiceID, _ ticket: Ticket) -> [Effect] {
    var removal = Removal(ticket, names: [], instances: nil, deletesLog: false)
    removal.save = saves.want()
    removals[id] = removal
    return sendSave()
  }

  /// A machine could not be ended.
  mutating func removalAnswered(_ id: ServiceID, _ name: InstanceID, _ reply: Reply) -> [Effect] {
    guard case .refused(_, let message) = reply else { return [] }
    guard removals[id] != nil else {
      transitionStuck(id, name, message)
      return []
    }
    removals[id]?.stuck[name] = message
    return completeRemoval(id)
  }

  /// A write of `processes.json` is done, well or not: the removals that waited for it go on.
  mutating func removalsSaved(_ save: SaveID, failure: String?) -> [Effect] {
    let waiting = removals.filter { $0.value.save == save }.keys.sorted()
    return waiting.flatMap { id in
      removals[id]?.save = nil
      removals[id]?.saveFailure = failure
      if failure != nil { unwrittenRemovals.insert(id) }
      return completeRemoval(id)
    }
  }

  /// Answers those who wait for a removal, once it has come to something.
  mutating func completeRemoval(_ id: ServiceID) -> [Effect] {
    guard let removal = removals[id] else { return [] }
    if removal.isStuck {
      removals[id]?.tickets = []
      let message = removal.stuck.sorted { $0.key < $1.key }.map(\.value).joined(separator: "; ")
      return removal.tickets.flatMap { answer($0, .refused(.failure, message: message)) }
    }
    guard removal.isComplete else { return [] }
    removals[id] = nil
    Self.giveBackRoom(of: &removals)
    let reply: Reply =
      if let reason = removal.saveFailure {
        .refused(.failure, message: Messages.removedButMayComeBack(id, reason))
      } else if let reason = removal.logFailure {
        .refused(.failure, message: Messages.removedButLogStays(id, reason))
      } else {
        .done(Messages.removed(id, copies: removal.instances))
      }
    return removal.tickets.flatMap { answer($0, reply) }
  }
}
