import Basics

/// Which process waits for which.
extension Supervisor {
  /// Keeps `dependents` up to date after a change of what `id` depends on, now or once a change is
  /// on disk.
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
    let planned = PlannedDefinitions(self, definitions, removed)
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

  // MARK: Start conditions

  /// Tells the machines of a process its start condition, if that has changed.
  mutating func refreshStartCondition(of id: ServiceID, at now: Moment) -> [Effect] {
    guard let service = services[id] else { return [] }
    let startCondition = startCondition(of: id)
    var effects: [Effect] = []
    for name in service.definition.runNames {
      guard let present = machines[name]?.startCondition, present != startCondition else {
        continue
      }
      let context = makeContext(now)
      effects += finishCall(name, machines[name]?.setStartCondition(startCondition, context))
    }
    return effects
  }

  /// Whether a process may start, for all that others have to do first.
  func startCondition(of id: ServiceID) -> ProcessMachine.StartCondition {
    if isShuttingDown { return .unmet(reason: Messages.shuttingDown) }
    guard let service = services[id] else { return .met }
    if service.isChangingShape {
      return .unmet(reason: Messages.waitsForEnd(service.leaving.sorted()))
    }
    for job in orders.keys.sorted(by: { $0.number < $1.number }) {
      if let reason = orders[job]?.hold(on: id) { return .unmet(reason: reason) }
    }
    let reasons = service.definition.dependencies.compactMap(whyUnmet)
    return reasons.isEmpty ? .met : .unmet(reason: reasons.joined(separator: "; "))
  }

  /// What is missing of a dependency, in words; nil if nothing is.
  private func whyUnmet(_ dependency: Dependency) -> String? {
    guard let other = services[dependency.id] else {
      return Messages.waits(for: dependency, Messages.noSuchProcess(dependency.id))
    }
    for name in other.definition.runNames {
      guard let state = machines[name]?.meets(dependency.condition) else {
        return Messages.waits(for: dependency, Messages.noSuchProcess(name))
      }
      if let reason = state.reason { return Messages.waits(for: dependency, reason) }
    }
    return nil
  }
}
