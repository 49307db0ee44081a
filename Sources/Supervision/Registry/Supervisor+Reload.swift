import Basics

/// Reloads of the files.
extension Supervisor {
  /// A client wants everything to be as the files say. All of it is looked at before anything is
  /// done.
  mutating func reload(
    _ files: [ConfiguredDefinition], isDryRun: Bool, _ ticket: Ticket, at now: Moment
  ) -> [Effect] {
    if reload != nil { return conflict(ticket, Messages.isReloading) }
    let plan: ReloadPlan
    do throws(ReloadPlan.Mistake) {
      plan = try self.plan(files)
    } catch {
      return conflict(ticket, Messages.notReloaded(error.message))
    }
    let changes = plan.changes
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
    let (sorted, rest) = DependencyGraph(plan.wanted.values.map(\.definition)).order
    for id in sorted + rest {
      guard let configured = plan.wanted[id] else { continue }
      let service = Service(configured.definition, fragment: configured.fragment)
      if changes.updated.contains(id.rawValue) {
        effects += apply(service, .update, pendingReplies.ask(.reload(ticket, id)), at: now)
      } else if changes.added.contains(id.rawValue) {
        effects += [.logSupervisor(Messages.addedLine(id))]
        effects += begin(service, answering: pendingReplies.ask(.reload(ticket, id)), at: now)
      }
    }
    return effects
  }

  private func plan(
    _ files: [ConfiguredDefinition]
  ) throws(ReloadPlan.Mistake) -> ReloadPlan {
    let present = services.mapValues { service in
      ConfiguredDefinition(service.definition, fragment: service.fragment)
    }
    let plan = try ReloadPlan(files, present)
    // A file that was read while one of these was on its way to the disk may not say what holds.
    for id in Set(plan.wanted.keys).union(plan.removed).sorted() {
      if removals[id] != nil { throw ReloadPlan.Mistake(Messages.beingRemoved(id)) }
      if changes[id] != nil || transitions[id] != nil {
        throw ReloadPlan.Mistake(Messages.beingChanged(id))
      }
    }
    if let reason = plan.clash { throw ReloadPlan.Mistake(reason) }
    let differing = plan.differing
    for definition in differing {
      if let reason = whyTaken(definition) { throw ReloadPlan.Mistake(reason) }
    }
    let byID = Dictionary(uniqueKeysWithValues: differing.map { ($0.serviceID, $0) })
    if let reason = misfit(byID, removing: plan.removed) { throw ReloadPlan.Mistake(reason) }
    return plan
  }

  /// Removes what is to go, and that nothing depends on which is still there.
  private mutating func removeInOrder(at now: Moment) -> [Effect] {
    guard let job = reload?.ticket else { return [] }
    let ids = reload?.removable(dependents) ?? []
    return ids.flatMap { id in
      reload?.removes(id)
      let ticket = pendingReplies.ask(.reload(job, id))
      return beginRemoval(id, deletesLog: false, isAskedByFile: true, ticket, at: now)
    }
  }

  /// A part of the reload is done.
  mutating func advanceReload(
    _ job: Ticket, _ id: ServiceID, _ reply: Reply, at now: Moment
  ) -> [Effect] {
    guard reload?.ticket == job else { return [] }
    let trouble = trouble(id, reply)
    reload?.answered(id, trouble: trouble)
    let effects = removeInOrder(at: now)
    guard let reply = reload?.reply else { return effects }
    reload = nil
    return effects + answer(job, reply)
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
