extension Supervisor {
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

  /// What is missing of a dependency, in words; nil where nothing is.
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
