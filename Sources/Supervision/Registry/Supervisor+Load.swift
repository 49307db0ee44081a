extension Supervisor {
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

  /// The processes that were loaded and cannot be started as they are defined, by id, with the reason in words.
  package var faults: [String: String] {
    var faults: [String: String] = [:]
    for id in faulty { faults[id.rawValue] = services[id]?.fault }
    return faults
  }

  /// Takes back what was said of processes that could not be started, where others have changed since.
  mutating func reviewFaults() {
    for id in faulty {
      let service = services[id]
      let fault = service?.fault == nil ? nil : service.flatMap { misfit([id: $0.definition]) }
      services[id]?.fault = fault
      if fault == nil { faulty.remove(id) }
    }
  }
}
