extension Supervisor {
  /// Forgets a process that was removed and has ended. Whoever asked is answered when its log is
  /// closed and its definition gone from the disk, where it was there.
  mutating func forgetIfGone(_ id: String) -> [Effect] {
    guard let machine = machines[id], machine.isGone else { return [] }
    machines[id] = nil
    giveBackRoom()
    let effects: [Effect] = [
      .closeLog(process: id, deletesFiles: machine.deletesLog), .logOwn(Words.removed(id)),
    ]
    let save = machine.definition.isSaved ? saves.want() : nil
    removals[id] = Removal(
      tickets: machine.removeWaiters, deletesLog: machine.deletesLog, save: save)
    return effects + sendSave()
  }

  /// Machines are large, and a dictionary never shrinks by itself: after a thousand processes it would keep a
  /// megabyte for those to come.
  private mutating func giveBackRoom() {
    guard machines.capacity > 64, machines.count * 8 < machines.capacity else { return }
    var smaller: [String: ProcessMachine] = Dictionary(minimumCapacity: machines.count)
    for (id, machine) in machines { smaller[id] = machine }
    machines = smaller
  }

  /// The log of a process that is gone is closed.
  mutating func logClosed(_ id: String, _ failure: String?) -> [Effect] {
    removals[id]?.isLogOpen = false
    removals[id]?.logFailure = failure
    return completeRemoval(id)
  }

  /// A write of `processes.json` is done, well or not: the removals that waited for it go on.
  mutating func removalsSaved(_ save: SaveID, failure: String?) -> [Effect] {
    let waiting = removals.filter { $0.value.save == save }.keys.sorted()
    return waiting.flatMap { id in
      removals[id]?.save = nil
      removals[id]?.saveFailure = failure
      return completeRemoval(id)
    }
  }

  private mutating func completeRemoval(_ id: String) -> [Effect] {
    guard let removal = removals[id], removal.isComplete else { return [] }
    removals[id] = nil
    let reply: Reply =
      if let reason = removal.saveFailure {
        .refused(.failure, message: Words.removedButMayComeBack(id, reason))
      } else if let reason = removal.logFailure {
        .refused(.failure, message: Words.removedButLogStays(id, reason))
      } else {
        .done(Words.removed(id))
      }
    return removal.tickets.map { .reply($0, reply) }
  }
}
