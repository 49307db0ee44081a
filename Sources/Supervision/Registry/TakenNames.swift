import Basics

/// Which ids, and names of copies, belong to something already: to what is there, is on its way to
/// the disk, or has not gone entirely.
struct TakenNames {
  private let supervisor: Supervisor

  init(_ supervisor: Supervisor) { self.supervisor = supervisor }

  /// Why a new definition cannot have its id or the names of its copies, in words; nil if it can.
  /// What its service has already is its own.
  func reason(against definition: ProcessDefinition) -> String? {
    let id = definition.serviceID
    let plain = InstanceID(id)
    if supervisor.services[id] == nil, let reason = whyIDTaken(id) { return reason }
    let own = supervisor.services[id].map { Set($0.definition.runNames) } ?? []
    for name in definition.runNames where name != plain && !own.contains(name) {
      if let reason = whyNameTaken(name, for: id) { return reason }
    }
    // From copies to one process: the id itself becomes the name of what runs.
    if definition.instances == nil, !own.contains(plain),
      supervisor.services[id]?.leaving.contains(plain) == true
    {
      return Messages.stillThere(id)
    }
    return nil
  }

  private func whyIDTaken(_ id: ServiceID) -> String? {
    if supervisor.changes[id] != nil { return Messages.beingAdded(id) }
    if supervisor.removals[id] != nil { return Messages.beingRemoved(id) }
    if let owner = supervisor.service(ofCopy: id) { return Messages.isCopy(id, of: owner) }
    if supervisor.closingLogs[InstanceID(id)] != nil { return Messages.stillThere(id) }
    return supervisor.changes.values.first { $0.definition.runNames.contains(InstanceID(id)) }
      .map { Messages.isCopy(id, of: $0.definition.serviceID) }
  }

  private func whyNameTaken(_ name: InstanceID, for id: ServiceID) -> String? {
    let service = ServiceID(name)
    if let service = supervisor.services[service] {
      return Messages.copyTaken(name, of: id, Messages.idTaken(name, in: service.fragment))
    }
    if supervisor.changes[service] != nil {
      return Messages.copyTaken(name, of: id, Messages.beingAdded(name))
    }
    if supervisor.removals[service] != nil {
      return Messages.copyTaken(name, of: id, Messages.beingRemoved(name))
    }
    if let owner = supervisor.machines[name]?.serviceID {
      let why = owner == id ? Messages.stillThere(name) : Messages.isCopy(name, of: owner)
      return Messages.copyTaken(name, of: id, why)
    }
    if supervisor.closingLogs[name] != nil {
      return Messages.copyTaken(name, of: id, Messages.stillThere(name))
    }
    let other = supervisor.changes.values.first {
      $0.definition.serviceID != id && $0.definition.runNames.contains(name)
    }
    return other.map {
      Messages.copyTaken(name, of: id, Messages.isCopy(name, of: $0.definition.serviceID))
    }
  }
}
