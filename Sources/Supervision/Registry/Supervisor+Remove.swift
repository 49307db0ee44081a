extension Supervisor {
  /// Forgets a process that was removed and has ended. Whoever asked is answered when its
  /// definition is gone from the disk, where it was there.
  mutating func forgetIfGone(_ id: String) -> [Effect] {
    guard let machine = machines[id], machine.isGone else { return [] }
    machines[id] = nil
    let effects: [Effect] = [
      .closeLog(process: id, deletesFiles: machine.deletesLog), .logOwn(Words.removed(id)),
    ]
    if machine.definition.isSaved {
      removals[id] = Removal(tickets: machine.removeWaiters, save: saves.want())
      return effects + sendSave()
    }
    return effects + machine.removeWaiters.map { .reply($0, .done(Words.removed(id))) }
  }
}
