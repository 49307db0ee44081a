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

  /// A definition is to take effect once it is on disk.
  mutating func change(
    _ definition: ProcessDefinition, _ kind: Change.Kind, _ ticket: Ticket
  ) -> [Effect] {
    let save = saves.want()
    changes[definition.serviceID] = Change(
      definition: definition, ticket: ticket, kind: kind, save: save)
    reindex(definition.serviceID)
    return sendSave()
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
        definition.instances == nil ? ticket : ask(.fanOut(ticket, name))
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
}
