import Basics

/// How things are to be: what is there, with changes that are under way, and those that are looked
/// at.
struct PlannedDefinitions {
  private let supervisor: Supervisor
  private let definitions: [ServiceID: ProcessDefinition]
  private let removed: Set<ServiceID>

  init(
    _ supervisor: Supervisor, _ definitions: [ServiceID: ProcessDefinition],
    _ removed: Set<ServiceID>
  ) {
    self.supervisor = supervisor
    self.definitions = definitions
    self.removed = removed
  }

  private func definition(_ id: ServiceID) -> ProcessDefinition? {
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
