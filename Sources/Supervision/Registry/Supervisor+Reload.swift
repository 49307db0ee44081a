extension Supervisor {
  /// A client wants everything to be as the files say. All of it is looked at before anything is done.
  mutating func reload(
    _ files: [ConfiguredDefinition], isDryRun: Bool, _ ticket: Ticket, at now: Moment
  ) -> [Effect] {
    if reload != nil { return conflict(ticket, Messages.isReloading) }
    let wanted: [ServiceID: ConfiguredDefinition]
    let changes: Reply.Changes
    switch plan(files) {
    case .failure(let mistake):
      return conflict(ticket, Messages.notReloaded(mistake.message))
    case .success(let plan):
      (wanted, changes) = plan
    }
    if !isDryRun {
      // The files are as they are to be. But a write that is under way may replace what was read.
      unwrittenRemovals = []
      saves.finishCall()
      if !saves.isIdle { _ = saves.want() }
    }
    if isDryRun || changes.isEmpty {
      return answer(
        ticket, .reloaded(changes, message: Messages.reloaded(changes, isDryRun: isDryRun)))
    }
    reload = Reload(ticket, changes)
    var effects: [Effect] = [.logSupervisor(Messages.reloaded(changes, isDryRun: false))]
    effects += removeInOrder(at: now)
    let (sorted, rest) = DependencyGraph(wanted.values.map(\.definition)).order
    for id in sorted + rest {
      guard let configured = wanted[id] else { continue }
      let service = Service(configured.definition, fragment: configured.fragment)
      if changes.updated.contains(id.rawValue) {
        effects += apply(service, .update, ask(.reload(ticket, id)), at: now)
      } else if changes.added.contains(id.rawValue) {
        effects += [.logSupervisor(Messages.addedLine(id))]
        effects += begin(service, answering: ask(.reload(ticket, id)), at: now)
      }
    }
    return effects
  }

  /// Removes what is to go, and that nothing depends on which is still there.
  private mutating func removeInOrder(at now: Moment) -> [Effect] {
    guard let reload else { return [] }
    let going = reload.toRemove.union(reload.removing)
    let next = reload.toRemove.filter { id in
      (dependents[id] ?? []).allSatisfy { $0 == id || !going.contains($0) }
    }
    // In a circle, which was found when it was loaded, nothing runs: the order does not matter.
    let ids = next.isEmpty && reload.removing.isEmpty ? reload.toRemove : next
    var effects: [Effect] = []
    for id in ids.sorted() {
      self.reload?.toRemove.remove(id)
      self.reload?.removing.insert(id)
      let pending = ask(.reload(reload.ticket, id))
      effects += beginRemoval(id, deletesLog: false, isAskedByFile: true, pending, at: now)
    }
    return effects
  }

  /// A part of the reload is done.
  mutating func reloadAnswered(
    _ job: Ticket, _ id: ServiceID, _ reply: Reply, at now: Moment
  ) -> [Effect] {
    guard reload?.ticket == job else { return [] }
    reload?.waiting -= 1
    reload?.removing.remove(id)
    if let trouble = trouble(id, reply) { reload?.troubles.append(trouble) }
    let effects = removeInOrder(at: now)
    guard let reload, reload.waiting == 0 else { return effects }
    self.reload = nil
    let message = Messages.reloaded(reload.changes, isDryRun: false, troubles: reload.troubles)
    return effects + answer(job, .reloaded(reload.changes, message: message))
  }

  /// What did not go well, in words; nil where all did.
  private func trouble(_ id: ServiceID, _ reply: Reply) -> String? {
    if case .refused(_, let message) = reply { return message }
    return (services[id]?.definition.runNames ?? []).lazy.compactMap { [machines] name in
      machines[name].flatMap { $0.isAtRest ? $0.error : nil }.map { "'\(name)': \($0)" }
    }.first
  }

  /// A reload goes no further.
  mutating func endReload(_ refusal: Reply.Refusal, _ message: String) -> [Effect] {
    guard let reload else { return [] }
    self.reload = nil
    return answer(reload.ticket, .refused(refusal, message: message))
  }
}
