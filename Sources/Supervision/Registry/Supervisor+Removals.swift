import Basics

/// Removals, and what becomes of machines that are gone.
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
      service.definition, ticket, left: names + closing, deletesLog: deletesLog,
      isAskedByFile: isAskedByFile, isBeingWritten: isBeingWritten)
    return effects + deleteFormerLogs(of: id) + removeMachines(of: id, names, at: now)
  }

  /// Those of copies that were scaled away go with the logs of the others.
  private func deleteFormerLogs(of id: ServiceID) -> [Effect] {
    guard removals[id]?.deletesLog == true, services[id]?.definition.instances != nil else {
      return []
    }
    return [.deleteFormerLogs(of: id)]
  }

  private mutating func removeMachines(
    of id: ServiceID, _ names: [InstanceID], at now: Moment
  ) -> [Effect] {
    var effects: [Effect] = []
    for name in names {
      effects += leaveOrders(name, of: id, nil, Messages.supersededByRemoval(id), at: now)
      let ticket = pendingReplies.ask(.removal(of: id, name))
      let context = makeContext(now)
      let deletesLog = removals[id]?.deletesLog ?? false
      effects += finishCall(name, machines[name]?.remove(ticket, deletesLog: deletesLog, context))
    }
    return effects
  }

  /// It is on its way out already: this one is answered with the others.
  private mutating func removeAgain(
    _ id: ServiceID, deletesLog: Bool, _ ticket: Ticket, at now: Moment
  ) -> [Effect] {
    guard let left = removals[id]?.join(ticket, deletesLog: deletesLog) else {
      return conflict(ticket, Messages.beingRemoved(id))
    }
    let former = deletesLog ? deleteFormerLogs(of: id) : []
    return former + removeMachines(of: id, left.filter { machines[$0] != nil }, at: now)
  }

  /// The process is gone, and only the file has not heard of it.
  private mutating func writeRemoval(_ id: ServiceID, _ ticket: Ticket) -> [Effect] {
    removals[id] = Removal(of: id, ticket, writtenBy: saves.want())
    return sendSave()
  }

  /// A machine could not be ended.
  mutating func cannotEnd(_ name: InstanceID, of id: ServiceID, _ reply: Reply) -> [Effect] {
    guard case .refused(_, let reason) = reply else { return [] }
    guard removals[id] != nil else {
      transitions[id]?.cannotEnd(name, reason)
      dirty.append((name, id))
      return []
    }
    removals[id]?.cannotEnd(name, reason)
    return completeRemoval(id)
  }

  /// A write of `processes.json` is done, well or not: the removals that waited for it go on.
  mutating func removalsSaved(_ save: SaveID, failure: String?) -> [Effect] {
    let waiting = removals.filter { $0.value.save == save }.keys.sorted()
    return waiting.flatMap { id in
      removals[id]?.saved(failure: failure)
      if failure != nil { unwrittenRemovals.insert(id) }
      return completeRemoval(id)
    }
  }

  /// Answers those who wait for a removal, once it has come to something.
  private mutating func completeRemoval(_ id: ServiceID) -> [Effect] {
    switch removals[id]?.progress() {
    case nil, .open:
      return []
    case .stuck(let tickets, let reply):
      return tickets.flatMap { answer($0, reply) }
    case .over(let tickets, let reply):
      removals[id] = nil
      removals.giveBackRoom()
      return tickets.flatMap { answer($0, reply) }
    }
  }

  // MARK: Machines that are gone

  /// Forgets a machine that was removed and has ended, and a process when its last machine is
  /// forgotten.
  mutating func forgetIfGone(_ name: InstanceID, of id: ServiceID) -> [Effect] {
    guard machines[name]?.isGone == true, let machine = machines.removeValue(forKey: name) else {
      return []
    }
    machines.giveBackRoom()
    for ticket in machine.removeWaiters { pendingReplies.drop(ticket) }
    closingLogs[name] = id
    var effects = [Effect.log(name, .close(deletesFiles: machine.deletesLog))]
    if removals[id] != nil {
      removals[id]?.begins()
      effects += forgetServiceIfGone(id)
    } else {
      effects.append(.logSupervisor(Messages.removed(name)))
    }
    return effects
  }

  private mutating func forgetServiceIfGone(_ id: ServiceID) -> [Effect] {
    guard let service = services[id], service.names.allSatisfy({ machines[$0] == nil }) else {
      return []
    }
    releaseDependencies(of: id)
    services[id] = nil
    services.giveBackRoom()
    reindex(id)
    reviewFaults()
    let sockets: [Effect] = service.hasSockets ? [.closeSockets(id)] : []
    let lines: [Effect] = [.logSupervisor(Messages.removed(id))]
    let isInFile =
      service.fragment == nil && service.definition.isSaved || unwrittenRemovals.contains(id)
    if removals[id]?.needsWrite(isInFile: isInFile) == true {
      removals[id]?.wait(for: saves.want())
    }
    return sockets + lines + sendSave()
  }

  /// The log of a machine that is gone is closed.
  mutating func logClosed(
    _ name: InstanceID, _ failure: String?, at now: Moment
  ) -> [Effect] {
    guard let id = closingLogs.removeValue(forKey: name) else { return [] }
    closingLogs.giveBackRoom()
    services[id]?.leaving.remove(name)
    dirty.append((name, id))
    // What takes its place may start now.
    guard removals[id] != nil else { return refreshStartCondition(of: id, at: now) }
    removals[id]?.closed(name, failure: failure)
    return completeRemoval(id)
  }
}
