extension Supervisor {
  /// Keeps `dependents` up to date after a change of what `id` depends on, now or once a change is on disk.
  mutating func reindex(_ id: ServiceID) {
    let now =
      (services[id]?.definition.dependencies ?? []) + (changes[id]?.definition.dependencies ?? [])
    let ids = Set(now.map(\.id))
    for old in (dependencies[id] ?? []).subtracting(ids) {
      dependents[old]?.remove(id)
      if dependents[old]?.isEmpty == true { dependents[old] = nil }
    }
    for new in ids { dependents[new, default: []].insert(id) }
    dependencies[id] = ids.isEmpty ? nil : ids
  }

  /// Why these definitions cannot stand beside the others, in words; nil if they can.
  ///
  /// - Parameter removed: The ids that are to go at the same time.
  func misfit(
    _ definitions: [ServiceID: ProcessDefinition], removing removed: Set<ServiceID> = []
  ) -> String? {
    let planned = Plan(self, definitions, removed)
    for (id, definition) in definitions.sorted(by: { $0.key < $1.key }) {
      for dependency in definition.dependencies {
        if let reason = planned.misfit(of: dependency, in: id) { return reason }
      }
      if !definition.dependencies.isEmpty, let cycle = planned.cycle(through: id) {
        return Messages.cycle(cycle)
      }
    }
    for id in Set(definitions.keys).union(removed).sorted() {
      for dependent in (dependents[id] ?? []).sorted()
      where definitions[dependent] == nil && !removed.contains(dependent) {
        if services[dependent]?.fault != nil { continue }
        for dependency in planned.dependencies(of: dependent) where dependency.id == id {
          if let reason = planned.misfit(of: dependency, in: dependent) { return reason }
        }
      }
    }
    return nil
  }

  /// Those that depend on a process, and stay, sorted.
  func dependentsThatStay(_ id: ServiceID) -> [ServiceID] {
    (dependents[id] ?? []).filter { $0 != id && !isBeingRemoved($0) }.sorted()
  }

  /// How things are to be: what is there, with changes that are under way, and those that are looked at.
  private struct Plan {
    let supervisor: Supervisor
    let definitions: [ServiceID: ProcessDefinition]
    let removed: Set<ServiceID>

    init(
      _ supervisor: Supervisor, _ definitions: [ServiceID: ProcessDefinition],
      _ removed: Set<ServiceID>
    ) {
      self.supervisor = supervisor
      self.definitions = definitions
      self.removed = removed
    }

    func definition(_ id: ServiceID) -> ProcessDefinition? {
      if let definition = definitions[id] { return definition }
      if removed.contains(id) || supervisor.isBeingRemoved(id) { return nil }
      return supervisor.services[id]?.definition
    }

    /// Of a process that is being changed, both what it depends on now and what it will.
    func dependencies(of id: ServiceID) -> [Dependency] {
      (definition(id)?.dependencies ?? []) + (supervisor.changes[id]?.definition.dependencies ?? [])
    }

    func cycle(through id: ServiceID) -> [ServiceID]? {
      DependencyGraph.cycle(through: id) { dependencies(of: $0).map(\.id) }
    }

    func misfit(of dependency: Dependency, in id: ServiceID) -> String? {
      let other = dependency.id
      guard let definition = definition(other) else {
        if let owner = supervisor.service(ofCopy: other) {
          return Messages.dependsOnCopy(id, other, of: owner)
        }
        return Messages.dependsOnUnknown(id, other)
      }
      let changing = supervisor.changes[other]?.definition ?? definition
      if dependency.condition == .healthy,
        definition.healthCheck == nil || changing.healthCheck == nil
      {
        return Messages.dependsOnUnchecked(id, other)
      }
      return nil
    }
  }
}
