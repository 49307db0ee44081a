import Basics

/// What the files ask for, and what has to change for that. Definitions are compared as a whole.
/// What was never saved stays, unless the files have its id: then theirs holds from now on.
struct ReloadPlan {
  /// By id, all that the files define.
  let wanted: [ServiceID: ConfiguredDefinition]
  let changes: Reply.Changes
  /// The ids of what is to go.
  let removed: Set<ServiceID>
  private let present: [ServiceID: ConfiguredDefinition]

  /// Why a reload is not done.
  struct Mistake: Error {
    let message: String

    init(_ message: String) { self.message = message }
  }

  /// - Parameter present: what is there, by id.
  /// - Throws: `Mistake` if the files have an id twice.
  init(
    _ files: [ConfiguredDefinition], _ present: [ServiceID: ConfiguredDefinition]
  ) throws(Mistake) {
    var wanted: [ServiceID: ConfiguredDefinition] = [:]
    for configured in files {
      let id = configured.definition.serviceID
      if let other = wanted.updateValue(configured, forKey: id) {
        throw Mistake(Messages.definedTwice(id, other.fragment, configured.fragment))
      }
    }
    var changes = Reply.Changes()
    for (id, configured) in wanted {
      if let old = present[id] {
        if old == configured {
          changes.unchanged.append(id.rawValue)
        } else {
          changes.updated.append(id.rawValue)
        }
      } else {
        changes.added.append(id.rawValue)
      }
    }
    for (id, old) in present where wanted[id] == nil {
      if old.definition.isSaved || old.fragment != nil { changes.removed.append(id.rawValue) }
    }
    changes.sort()
    self.wanted = wanted
    self.changes = changes
    self.present = present
    removed = Set(changes.removed.map { ServiceID($0) })
  }

  /// The definitions that are new, or other than those that are there.
  var differing: [ProcessDefinition] {
    (changes.added + changes.updated).compactMap { wanted[ServiceID($0)]?.definition }
  }

  /// Two processes one of which would have the name of a copy of the other, in words; nil if
  /// there are none.
  var clash: String? {
    let staying = present.filter { wanted[$0.key] == nil && !removed.contains($0.key) }
    let all = (wanted.values.map(\.definition) + staying.values.map(\.definition)).sorted {
      $0.id < $1.id
    }
    var owners: [InstanceID: ServiceID] = [:]
    for definition in all { owners[definition.instanceID] = definition.serviceID }
    for definition in all where definition.instances != nil {
      for name in definition.runNames {
        if let other = owners.updateValue(definition.serviceID, forKey: name) {
          return Messages.copyTaken(
            name, of: definition.serviceID, Messages.idTaken(other, in: nil))
        }
      }
    }
    return nil
  }
}

extension Reply.Changes {
  fileprivate mutating func sort() {
    added.sort()
    removed.sort()
    updated.sort()
    unchanged.sort()
  }
}
