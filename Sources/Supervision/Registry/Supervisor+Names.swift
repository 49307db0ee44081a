extension Supervisor {
  /// The names of the machines that a command to `id` is for: those of all copies, or the one of that name;
  /// nil where there is nothing of that id.
  func targets(of id: String) -> [InstanceID]? {
    if let service = services[ServiceID(id)] { return present(service) }
    let name = InstanceID(id)
    return machines[name] == nil ? nil : [name]
  }

  /// The names of the machines of a service, without those that are on their way out.
  func present(_ service: Service) -> [InstanceID] {
    service.definition.runNames.filter { machines[$0] != nil }
  }

  /// The service one of whose copies has the name that was taken for an id; nil for anything else.
  func service(ofCopy id: ServiceID) -> ServiceID? {
    guard services[id] == nil else { return nil }
    return machines[InstanceID(id)]?.serviceID
  }

  /// Why a new definition cannot have its id or the names of its copies, in words; nil if it can. What `id`
  /// has already is its own.
  func whyTaken(_ definition: ProcessDefinition) -> String? {
    let id = definition.serviceID
    let plain = InstanceID(id)
    if services[id] == nil, let reason = whyIDTaken(id) { return reason }
    let own = services[id].map { Set($0.definition.runNames) } ?? []
    for name in definition.runNames where name != plain && !own.contains(name) {
      if let reason = whyNameTaken(name, for: id) { return reason }
    }
    // From copies to one process: the id itself becomes the name of what runs.
    if definition.instances == nil, !own.contains(plain),
      services[id]?.leaving.contains(plain) == true
    {
      return Messages.stillThere(id)
    }
    return nil
  }

  private func whyIDTaken(_ id: ServiceID) -> String? {
    if changes[id] != nil { return Messages.beingAdded(id) }
    if removals[id] != nil { return Messages.beingRemoved(id) }
    if let owner = service(ofCopy: id) { return Messages.isCopy(id, of: owner) }
    if closingLogs[InstanceID(id)] != nil { return Messages.stillThere(id) }
    return changes.values.first { $0.definition.runNames.contains(InstanceID(id)) }
      .map { Messages.isCopy(id, of: $0.definition.serviceID) }
  }

  private func whyNameTaken(_ name: InstanceID, for id: ServiceID) -> String? {
    let service = ServiceID(name)
    if let service = services[service] {
      return Messages.copyTaken(name, of: id, Messages.idTaken(name, in: service.fragment))
    }
    if changes[service] != nil {
      return Messages.copyTaken(name, of: id, Messages.beingAdded(name))
    }
    if removals[service] != nil {
      return Messages.copyTaken(name, of: id, Messages.beingRemoved(name))
    }
    if let owner = machines[name]?.serviceID {
      let why = owner == id ? Messages.stillThere(name) : Messages.isCopy(name, of: owner)
      return Messages.copyTaken(name, of: id, why)
    }
    if closingLogs[name] != nil {
      return Messages.copyTaken(name, of: id, Messages.stillThere(name))
    }
    let other = changes.values.first {
      $0.definition.serviceID != id && $0.definition.runNames.contains(name)
    }
    return other.map {
      Messages.copyTaken(name, of: id, Messages.isCopy(name, of: $0.definition.serviceID))
    }
  }

  /// Why the definition of a process cannot be changed through the API just now, in words.
  func whyFixed(_ id: ServiceID) -> String? {
    if isBeingRemoved(id) { return Messages.beingRemoved(id) }
    if let fragment = services[id]?.fragment { return Messages.isInFragment(id, fragment) }
    if changes[id] != nil || transitions[id] != nil { return Messages.beingChanged(id) }
    return nil
  }

  /// Whether a process is on its way out, also where its end has not been asked for yet.
  func isBeingRemoved(_ id: ServiceID) -> Bool {
    removals[id] != nil || reload?.toRemove.contains(id) == true
  }

  /// There is nothing of that id.
  mutating func noSuchProcess(_ id: some ProcessName, _ ticket: Ticket) -> [Effect] {
    answer(ticket, .refused(.noSuchProcess, message: Messages.noSuchProcess(id)))
  }

  /// The state of things does not allow it.
  mutating func conflict(_ ticket: Ticket, _ message: String) -> [Effect] {
    answer(ticket, .refused(.conflict, message: message))
  }
}
