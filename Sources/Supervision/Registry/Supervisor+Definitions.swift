import Basics

/// Processes that are added, or loaded.
extension Supervisor {
  /// A client adds a process. One that is to be saved is on disk before anything else is done.
  mutating func add(_ definition: ProcessDefinition, _ ticket: Ticket, at now: Moment) -> [Effect] {
    let id = definition.serviceID
    if isBeingRemoved(id) { return conflict(ticket, Messages.beingRemoved(id)) }
    if let service = services[id] {
      return conflict(ticket, Messages.idTaken(id, in: service.fragment))
    }
    if let reason = whyTaken(definition) { return conflict(ticket, reason) }
    if let reason = misfit([id: definition]) {
      return answer(ticket, .refused(.badDefinition, message: reason))
    }
    // Where an old definition of that id may still be on disk, it has to go first.
    if definition.isSaved || unwrittenRemovals.contains(id) {
      return change(definition, .addition, ticket)
    }
    return addNow(definition, answering: ticket, at: now)
  }

  /// Makes the machines of a process that a client has added, and starts them.
  mutating func addNow(
    _ definition: ProcessDefinition, answering ticket: Ticket, at now: Moment
  ) -> [Effect] {
    [.logSupervisor(Messages.addedLine(definition.serviceID))]
      + begin(Service(definition), answering: ticket, at: now)
  }

  /// Makes the machines of a process and starts their first runs.
  mutating func begin(
    _ service: Service, answering ticket: Ticket?, at now: Moment
  ) -> [Effect] {
    let definition = service.definition
    services[definition.serviceID] = service
    reindex(definition.serviceID)
    if ticket != nil { reviewFaults() }
    if let ticket, let instances = definition.instances {
      fanOuts[ticket] = FanOut(.addition(of: definition.serviceID), processes: instances)
    }
    return definition.runNames.flatMap { name in
      let asked = ticket.map { ticket in
        definition.instances == nil ? ticket : pendingReplies.ask(.fanOut(ticket, name))
      }
      return begin(name, of: definition.serviceID, answering: asked, at: now)
    }
  }

  /// Makes one machine of a service and starts its first run.
  mutating func begin(
    _ name: InstanceID, of id: ServiceID, answering ticket: Ticket?, at now: Moment
  ) -> [Effect] {
    guard let service = services[id], let definition = service.definition(of: name) else {
      return []
    }
    var machine = ProcessMachine(definition)
    machine.startCondition = startCondition(of: id)
    let effects: [Effect]
    if let fault = service.fault {
      effects = machine.cannotStart(fault)
    } else {
      effects = machine.startFirst(answering: ticket, makeContext(now))
    }
    machines[name] = machine
    return [.log(definition.instanceID, .open(definition))] + finishCall(name, effects)
  }

  // MARK: Loading

  /// What the files of the last time hold. One that cannot start does not stop the others.
  mutating func load(_ definitions: [ConfiguredDefinition], at now: Moment) -> [Effect] {
    if isShuttingDown || definitions.isEmpty { return [] }
    var effects = [Effect.logSupervisor(Messages.loaded(definitions.count))]
    var loaded: [ServiceID: Service] = [:]
    var names: Set<InstanceID> = []
    for configured in definitions {
      let definition = configured.definition
      let id = definition.serviceID
      let own = Set(definition.runNames + [InstanceID(id)])
      if services[id] != nil || loaded[id] != nil
        || !names.isDisjoint(with: own) || whyTaken(definition) != nil
      {
        effects.append(.logSupervisor(Messages.loadedTwice(id), level: .warning))
        continue
      }
      names.formUnion(own)
      loaded[id] = Service(definition, fragment: configured.fragment)
    }
    let graph = DependencyGraph(services.values.map(\.definition) + loaded.values.map(\.definition))
    let (sorted, rest) = graph.order
    let unsorted = Set(rest)
    for id in loaded.keys.sorted() {
      let fault = fault(of: id, in: loaded, graph, isInOrder: !unsorted.contains(id))
      loaded[id]?.fault = fault
    }
    // All are there before the first one starts: who waits for whom is known then.
    for (id, service) in loaded {
      services[id] = service
      if service.fault != nil { faulty.insert(id) }
      reindex(id)
    }
    for id in sorted + rest {
      if let service = loaded[id] { effects += begin(service, answering: nil, at: now) }
      if loaded[id]?.definition.isEssential == true, let fault = loaded[id]?.fault {
        effects += essentialEnded(id, Messages.startFailed(fault), code: 1, at: now)
      }
    }
    return effects
  }

  /// Why a process that is loaded cannot be started at all, in words.
  private func fault(
    of id: ServiceID, in loaded: [ServiceID: Service], _ graph: DependencyGraph, isInOrder: Bool
  ) -> String? {
    guard let definition = loaded[id]?.definition else { return nil }
    for dependency in definition.dependencies {
      let other = loaded[dependency.id] ?? services[dependency.id]
      guard let other else { return Messages.dependsOnUnknown(id, dependency.id) }
      if dependency.condition == .healthy, other.definition.healthCheck == nil {
        return Messages.dependsOnUnchecked(id, dependency.id)
      }
    }
    return isInOrder ? nil : graph.cycle(through: id).map { Messages.cycle($0) }
  }

  /// Takes back what was said of processes that could not be started, where others have changed
  /// since.
  mutating func reviewFaults() {
    for id in faulty {
      let service = services[id]
      let fault = service?.fault == nil ? nil : service.flatMap { misfit([id: $0.definition]) }
      services[id]?.fault = fault
      if fault == nil { faulty.remove(id) }
    }
  }
}
