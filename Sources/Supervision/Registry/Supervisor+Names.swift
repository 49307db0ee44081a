extension Supervisor {
  /// The names of the machines that a command to `id` is for: those of all copies, or the one of that name;
  /// nil where there is nothing of that id.
  func targets(of id: String) -> [String]? {
    if let service = services[id] {
      return service.definition.runNames.filter { machines[$0] != nil }
    }
    return machines[id] == nil ? nil : [id]
  }

  /// The service that a name belongs to as that of a copy; nil for anything else.
  func service(ofCopy name: String) -> String? {
    guard services[name] == nil else { return nil }
    return machines[name]?.definition.serviceID
  }

  /// Why a new definition cannot have its id or the names of its copies, in words; nil if it can. What `id`
  /// has already is its own.
  func whyTaken(_ definition: ProcessDefinition) -> String? {
    let id = definition.id
    if services[id] == nil, let reason = whyIDTaken(id) { return reason }
    let own = services[id].map { Set($0.definition.runNames) } ?? []
    for name in definition.runNames where name != id && !own.contains(name) {
      if let reason = whyNameTaken(name, for: id) { return reason }
    }
    // From copies to one process: the id itself becomes the name of what runs.
    if definition.instances == nil, !own.contains(id), services[id]?.leaving.contains(id) == true {
      return Messages.stillThere(id)
    }
    return nil
  }

  private func whyIDTaken(_ id: String) -> String? {
    if changes[id] != nil { return Messages.beingAdded(id) }
    if removals[id] != nil { return Messages.beingRemoved(id) }
    if let owner = service(ofCopy: id) { return Messages.isCopy(id, of: owner) }
    if closingLogs[id] != nil { return Messages.stillThere(id) }
    return changes.values.first { $0.definition.runNames.contains(id) }
      .map { Messages.isCopy(id, of: $0.definition.id) }
  }

  private func whyNameTaken(_ name: String, for id: String) -> String? {
    if let service = services[name] {
      return Messages.copyTaken(name, of: id, Messages.idTaken(name, in: service.fragment))
    }
    if changes[name] != nil { return Messages.copyTaken(name, of: id, Messages.beingAdded(name)) }
    if removals[name] != nil {
      return Messages.copyTaken(name, of: id, Messages.beingRemoved(name))
    }
    if let owner = machines[name]?.definition.serviceID {
      let why = owner == id ? Messages.stillThere(name) : Messages.isCopy(name, of: owner)
      return Messages.copyTaken(name, of: id, why)
    }
    if closingLogs[name] != nil {
      return Messages.copyTaken(name, of: id, Messages.stillThere(name))
    }
    let other = changes.values.first {
      $0.definition.id != id && $0.definition.runNames.contains(name)
    }
    return other.map {
      Messages.copyTaken(name, of: id, Messages.isCopy(name, of: $0.definition.id))
    }
  }

  /// Why the definition of a process cannot be changed through the API just now, in words.
  func whyFixed(_ id: String) -> String? {
    if isBeingRemoved(id) { return Messages.beingRemoved(id) }
    if let fragment = services[id]?.fragment { return Messages.isInFragment(id, fragment) }
    if changes[id] != nil || transitions[id] != nil { return Messages.beingChanged(id) }
    return nil
  }

  /// Whether a process is on its way out, also where its end has not been asked for yet.
  func isBeingRemoved(_ id: String) -> Bool {
    removals[id] != nil || reload?.toRemove.contains(id) == true
  }

  /// There is nothing of that id.
  mutating func noSuchProcess(_ id: String, _ ticket: Ticket) -> [Effect] {
    answer(ticket, .refused(.noSuchProcess, message: Messages.noSuchProcess(id)))
  }

  /// The state of things does not allow it.
  mutating func conflict(_ ticket: Ticket, _ message: String) -> [Effect] {
    answer(ticket, .refused(.conflict, message: message))
  }
}
