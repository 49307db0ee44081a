import Basics

/// Reloads of the files.
extension Supervisor {
  /// Has the files read for the next reload, unless something is in its way.
  mutating func beginReloads(at now: Moment) -> [Effect] {
    var effects: [Effect] = []
    while reload == nil {
      switch reloads.next(saves, at: now.monotonic) {
      case .wait: return effects
      case .read:
        effects += [
          .definitionFiles(.read), .arm(.definitionFiles, after: ReloadQueue.patience),
        ]
      case .refuse(let request, let since): effects += refuseUnread(request, since, at: now)
      }
    }
    return effects
  }

  /// The files do not answer: the reload that waits for them is refused.
  mutating func giveUpFiles(at now: Moment) -> [Effect] {
    reloads.giveUp().map { refuseUnread($0.request, $0.since, at: now) } ?? []
  }

  private mutating func refuseUnread(
    _ request: ReloadQueue.Request, _ since: Duration, at now: Moment
  ) -> [Effect] {
    let reason = Messages.filesDoNotAnswer(configDirectory, now.monotonic - since)
    return answer(request.ticket, .refused(.failure, message: Messages.notReloaded(reason)))
  }

  /// The files have been read: nothing else happens before what they say is looked at.
  mutating func filesRead(_ files: DefinitionFilesReading, at now: Moment) -> [Effect] {
    let effects: [Effect] = reloads.isAwaitingFiles ? [.disarm(.definitionFiles)] : []
    guard let request = reloads.filesRead(saves) else { return effects }
    return effects + reload(files, request.ticket, isDryRun: request.isDryRun, at: now)
  }

  /// Puts what the files say into effect, or only tells what that would be. All of it is looked at
  /// before anything is done.
  private mutating func reload(
    _ files: DefinitionFilesReading, _ ticket: Ticket, isDryRun: Bool, at now: Moment
  ) -> [Effect] {
    let plan: ReloadPlan
    do throws(ReloadPlan.Mistake) {
      try refuse(files)
      plan = try self.plan(files.definitions)
    } catch {
      return conflict(ticket, Messages.notReloaded(error.message))
    }
    let changes = plan.changes
    var effects: [Effect] = []
    if !isDryRun {
      // The files are as they are to be.
      unwrittenRemovals = []
      saves.finishCall()
      effects.append(.definitionFiles(.take))
    }
    if isDryRun || changes.isEmpty {
      let message = Messages.reloaded(changes, isDryRun: isDryRun)
      return effects + answer(ticket, .reloaded(changes, message: message))
    }
    reload = Reload(ticket, changes)
    effects.append(.logSupervisor(Messages.reloaded(changes, isDryRun: false)))
    return effects + removeInOrder(at: now) + putIntoEffect(plan, ticket, at: now)
  }

  /// Adds and updates what the files say, dependencies first.
  private mutating func putIntoEffect(
    _ plan: ReloadPlan, _ ticket: Ticket, at now: Moment
  ) -> [Effect] {
    let changes = plan.changes
    var effects: [Effect] = []
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

  /// Refuses files that cannot be used. What is missing is not taken for removed: a disk may not be
  /// mounted. What could never start here is refused as `/add` refuses it; what is there already
  /// stays.
  private func refuse(_ files: DefinitionFilesReading) throws(ReloadPlan.Mistake) {
    if let failure = files.failure { throw ReloadPlan.Mistake(failure) }
    if let loss = files.losses.first { throw ReloadPlan.Mistake(Messages.missing(loss)) }
    for configured in files.definitions {
      let definition = configured.definition
      guard let reason = files.excesses[definition.id],
        services[definition.serviceID]?.definition != definition
      else { continue }
      let file = configured.fragment ?? files.savedFile
      throw ReloadPlan.Mistake(Messages.cannotStartHere(definition.serviceID, file, reason))
    }
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

  /// What did not go well, in words; nil if all did.
  private func trouble(_ id: ServiceID, _ reply: Reply) -> String? {
    if case .refused(_, let message) = reply { return message }
    return (services[id]?.definition.runNames ?? []).lazy.compactMap { [machines] name in
      machines[name].flatMap { $0.isAtRest ? $0.error : nil }.map { "'\(name)': \($0)" }
    }.first
  }

  /// No reload goes any further.
  mutating func endReloads(_ refusal: Reply.Refusal, _ message: String) -> [Effect] {
    var effects: [Effect] = reloads.isAwaitingFiles ? [.disarm(.definitionFiles)] : []
    var tickets = reloads.removeAll().map(\.ticket)
    if let reload {
      self.reload = nil
      effects.append(.definitionFiles(.giveBack))
      tickets.insert(reload.ticket, at: 0)
    }
    return effects + tickets.flatMap { answer($0, .refused(refusal, message: message)) }
  }
}
