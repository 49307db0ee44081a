extension Supervisor {
  /// Forgets a machine that was removed and has ended, and a process when its last machine is forgotten.
  mutating func forgetIfGone(_ name: InstanceID, of id: ServiceID) -> [Effect] {
    guard machines[name]?.isGone == true, let machine = machines.removeValue(forKey: name) else {
      return []
    }
    Self.giveBackRoom(of: &machines)
    for ticket in machine.removeWaiters { pendingReplies[ticket] = nil }
    closingLogs[name] = id
    var effects = [Effect.log(name, .close(deletesFiles: machine.deletesLog))]
    if removals[id] != nil {
      removals[id]?.hasBegunToGo = true
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
    Self.giveBackRoom(of: &services)
    reindex(id)
    reviewFaults()
    let sockets: [Effect] = service.hasSockets ? [.closeSockets(id)] : []
    let lines: [Effect] = [.logSupervisor(Messages.removed(id))]
    let isOnDisk =
      service.fragment == nil && service.definition.isSaved || unwrittenRemovals.contains(id)
      || removals[id]?.isBeingWritten == true
    if isOnDisk, removals[id]?.isAskedByFile == false { removals[id]?.save = saves.want() }
    return sockets + lines + sendSave()
  }

  /// Machines are large, and a dictionary never shrinks by itself: after a thousand processes it would keep a
  /// megabyte for those to come. Definitions are not small, either.
  static func giveBackRoom<Key, Value>(of values: inout [Key: Value]) {
    guard values.capacity > 64, values.count * 8 < values.capacity else { return }
    var smaller: [Key: Value] = Dictionary(minimumCapacity: values.count)
    for (id, value) in values { smaller[id] = value }
    values = smaller
  }

  /// The log of a machine that is gone is closed.
  mutating func logClosed(_ name: InstanceID, _ failure: String?, at now: Moment) -> [Effect] {
    guard let id = closingLogs.removeValue(forKey: name) else { return [] }
    Self.giveBackRoom(of: &closingLogs)
    services[id]?.leaving.remove(name)
    dirty.append((name, id))
    // What takes its place may start now.
    guard removals[id] != nil else { return refreshStartCondition(of: id, at: now) }
    removals[id]?.left.remove(name)
    if let failure { removals[id]?.logFailure = failure }
    return completeRemoval(id)
  }
}
