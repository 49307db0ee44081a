import Basics

/// Definitions that change, and how they take effect.
extension Supervisor {
  /// A client gives a process another definition. One that is or was saved is on disk before
  /// anything is done.
  mutating func update(
    _ definition: ProcessDefinition, _ ticket: Ticket, at now: Moment
  ) -> [Effect] {
    replace(definition, .update, ticket, at: now)
  }

  /// A client wants another number of copies: that is another definition, too.
  mutating func scale(
    _ id: ServiceID, _ instances: Int, _ ticket: Ticket, at now: Moment
  ) -> [Effect] {
    guard var definition = services[id]?.definition else { return notThere(id, ticket) }
    if instances < 1 {
      return answer(ticket, .refused(.badDefinition, message: Messages.tooFewInstances(instances)))
    }
    if definition.instances ?? 1 == instances, whyFixed(id) == nil {
      return answer(ticket, .done(Messages.alreadyScaled(id, definition.instances)))
    }
    definition.instances = instances
    return replace(definition, .scaling, ticket, at: now)
  }

  private mutating func replace(
    _ definition: ProcessDefinition, _ kind: Change.Kind, _ ticket: Ticket, at now: Moment
  ) -> [Effect] {
    let id = definition.serviceID
    guard let service = services[id] else { return notThere(id, ticket) }
    if let reason = whyFixed(id) { return conflict(ticket, reason) }
    if service.definition == definition { return answer(ticket, .done(Messages.unchanged(id))) }
    if let reason = whyTaken(definition) { return conflict(ticket, reason) }
    if let reason = misfit([id: definition]) {
      return answer(ticket, .refused(.badDefinition, message: reason))
    }
    if service.definition.isSaved || definition.isSaved { return change(definition, kind, ticket) }
    return apply(Service(definition), kind, ticket, at: now)
  }

  /// Nothing of that id can be changed: because there is none, or because it is only a part.
  private mutating func notThere(_ id: ServiceID, _ ticket: Ticket) -> [Effect] {
    answer(ticket, whyNotThere(id))
  }

  private func whyNotThere(_ id: ServiceID) -> Reply {
    if let owner = service(ofCopy: id) {
      return .refused(.conflict, message: Messages.isCopyToChange(id, of: owner))
    }
    return .refused(.noSuchProcess, message: Messages.noSuchProcess(id))
  }

  /// What an update is refused with that names no process which has a definition of its own.
  package func refusal(ofUpdating id: String) -> Reply {
    isShuttingDown
      ? .refused(.shuttingDown, message: Messages.shuttingDown) : whyNotThere(ServiceID(id))
  }

  /// A definition takes effect: what it does not touch goes on.
  mutating func apply(
    _ new: Service, _ kind: Change.Kind, _ ticket: Ticket, at now: Moment
  ) -> [Effect] {
    let id = new.definition.serviceID
    guard let old = services[id] else { return noSuchProcess(id, ticket) }
    let oldNames = Set(old.definition.runNames).filter { machines[$0] != nil }
    let newNames = Set(new.definition.runNames)
    let surplus = oldNames.subtracting(newNames)
    let fresh = newNames.subtracting(oldNames)
    let staysDown = !oldNames.isEmpty && oldNames.allSatisfy { machines[$0]?.isKeptDown == true }
    var effects = endRolling(id, Messages.supersededByUpdate(id))
    services[id]?.definition = new.definition
    services[id]?.fragment = new.fragment
    services[id]?.fault = nil
    services[id]?.leaving.formUnion(surplus)
    reindex(id)
    reviewFaults()
    let kept = oldNames.intersection(newNames).sorted()
    transitions[id] = Transition(
      of: id, transitionKind(kind, from: old, to: new), ticket, leaving: surplus,
      starting: staysDown ? [] : fresh)
    effects += [.logSupervisor(Messages.changed(id))]
    effects += removeSurplus(surplus, of: id, at: now)
    // A condition that is not met any more holds before anything is started. One that is met lets
    // the new definition alone by.
    if startCondition(of: id) != .met { effects += refreshStartCondition(of: id, at: now) }
    effects += updateKept(kept, of: id, from: old, at: now)
    effects += refreshStartCondition(of: id, at: now)
    for name in new.definition.runNames where fresh.contains(name) {
      effects +=
        staysDown
        ? beginStopped(name, of: id) : begin(name, of: id, answering: nil, at: now)
    }
    return effects + advanceTransition(id)
  }

  private mutating func removeSurplus(
    _ names: Set<InstanceID>, of id: ServiceID, at now: Moment
  ) -> [Effect] {
    names.sorted().flatMap { name in
      let pending = pendingReplies.ask(.removal(of: id, name))
      let context = makeContext(now)
      return finishCall(name, machines[name]?.remove(pending, deletesLog: false, context))
    }
  }

  private mutating func updateKept(
    _ names: [InstanceID], of id: ServiceID, from old: Service, at now: Moment
  ) -> [Effect] {
    var effects: [Effect] = []
    for name in names {
      guard let definition = services[id]?.definition(of: name) else { continue }
      let context = makeContext(now)
      effects += finishCall(name, machines[name]?.update(definition, context))
      // Where it executes something else now, and is on its way to that.
      if definition.execution != old.definition.execution, let machine = machines[name],
        machine.startOutcome == nil
      {
        transitions[id]?.waitForStart(of: name)
      }
    }
    return effects
  }

  private func transitionKind(
    _ kind: Change.Kind, from old: Service, to new: Service
  ) -> Transition.Kind {
    switch kind {
    case .addition, .update: .update
    case .scaling: .scaling(from: old.definition.instances, to: new.definition.instances ?? 1)
    }
  }

  /// A copy of a process that an operator has stopped is stopped, too.
  private mutating func beginStopped(_ name: InstanceID, of id: ServiceID) -> [Effect] {
    guard let definition = services[id]?.definition(of: name) else { return [] }
    var machine = ProcessMachine(definition)
    machine.startCondition = startCondition(of: id)
    machine.goal = .down
    machines[name] = machine
    return [.log(definition.instanceID, .open(definition))]
  }

  /// Looks how far a definition has taken effect, and answers when it has.
  mutating func advanceTransition(_ id: ServiceID) -> [Effect] {
    let service = services[id]
    let reply = transitions[id]?.look(
      at: machines, leaving: service?.leaving ?? [],
      isChangingShape: service?.isChangingShape == true)
    guard let reply, let transition = transitions.removeValue(forKey: id) else { return [] }
    return answer(transition.ticket, reply)
  }

  /// A definition will not take effect as it was asked for.
  mutating func endTransition(
    _ id: ServiceID, _ refusal: Reply.Refusal, _ message: String
  ) -> [Effect] {
    guard let transition = transitions.removeValue(forKey: id) else { return [] }
    return answer(transition.ticket, .refused(refusal, message: message))
  }
}
