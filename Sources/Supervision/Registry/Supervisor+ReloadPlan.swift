extension Supervisor {
  /// Why a reload is not done.
  struct ReloadMistake: Error {
    let message: String

    init(_ message: String) { self.message = message }
  }

  /// What the files ask for, by id, and what has to change for that. Definitions are compared as a whole. What
  /// was never saved stays, unless the files have its id: then theirs holds from now on.
  func plan(
    _ files: [ConfiguredDefinition]
  ) -> Result<([ServiceID: ConfiguredDefinition], Reply.Changes), ReloadMistake> {
    var wanted: [ServiceID: ConfiguredDefinition] = [:]
    for configured in files {
      let id = configured.definition.serviceID
      if let other = wanted.updateValue(configured, forKey: id) {
        let message = Messages.definedTwice(id, other.fragment, configured.fragment)
        return .failure(ReloadMistake(message))
      }
    }
    var changes = Reply.Changes()
    for (id, configured) in wanted {
      guard let service = services[id] else {
        changes.added.append(id.rawValue)
        continue
      }
      let isSame =
        service.definition == configured.definition && service.fragment == configured.fragment
      if isSame {
        changes.unchanged.append(id.rawValue)
      } else {
        changes.updated.append(id.rawValue)
      }
    }
    for (id, service) in services where wanted[id] == nil {
      if service.definition.isSaved || service.fragment != nil {
        changes.removed.append(id.rawValue)
      }
    }
    changes.sort()
    if let mistake = mistake(in: wanted, changes) { return .failure(mistake) }
    return .success((wanted, changes))
  }

  private func mistake(
    in wanted: [ServiceID: ConfiguredDefinition], _ changes: Reply.Changes
  ) -> ReloadMistake? {
    // A file that was read while one of these was on its way to the disk may not say what holds.
    let removed = Set(changes.removed.map { ServiceID($0) })
    let concerned = Set(wanted.keys).union(removed)
    for id in concerned.sorted() {
      if removals[id] != nil { return ReloadMistake(Messages.beingRemoved(id)) }
      if self.changes[id] != nil || transitions[id] != nil {
        return ReloadMistake(Messages.beingChanged(id))
      }
    }
    let differing = (changes.added + changes.updated).compactMap {
      wanted[ServiceID($0)]?.definition
    }
    if let message = clash(of: wanted.values.map(\.definition), removing: removed) {
      return ReloadMistake(message)
    }
    for definition in differing {
      if let reason = whyTaken(definition) { return ReloadMistake(reason) }
    }
    let byID = Dictionary(uniqueKeysWithValues: differing.map { ($0.serviceID, $0) })
    return misfit(byID, removing: removed).map { ReloadMistake($0) }
  }

  /// Two processes one of which would have the name of a copy of the other, in words; nil where there are none.
  private func clash(
    of definitions: [ProcessDefinition], removing removed: Set<ServiceID>
  ) -> String? {
    let ids = Set(definitions.map(\.serviceID))
    let staying = services.values.map(\.definition).filter {
      !ids.contains($0.serviceID) && !removed.contains($0.serviceID)
    }
    var owners: [InstanceID: ServiceID] = [:]
    let all = (definitions + staying).sorted { $0.id < $1.id }
    for definition in all { owners[definition.instanceID] = definition.serviceID }
    for definition in all where definition.instances != nil {
      for name in definition.runNames {
        if let other = owners.updateValue(definition.serviceID, forKey: name) {
          return Messages.copyTaken(name, of: definition.id, Messages.idTaken(other, in: nil))
        }
      }
    }
    return nil
  }
}

extension Reply.Changes {
  var isEmpty: Bool { added.isEmpty && removed.isEmpty && updated.isEmpty }

  fileprivate mutating func sort() {
    added.sort()
    removed.sort()
    updated.sort()
    unchanged.sort()
  }
}
