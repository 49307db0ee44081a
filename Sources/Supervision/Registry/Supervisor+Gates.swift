extension Supervisor {
  /// Opens or closes the gate of a process, where that has changed.
  mutating func refreshGate(of id: String, at now: Moment) -> [Effect] {
    guard let service = services[id] else { return [] }
    let gate = gate(of: id)
    var effects: [Effect] = []
    for name in service.definition.runNames {
      guard let present = machines[name]?.gate, present != gate else { continue }
      let turn = makeTurn(now)
      effects += settle(name, machines[name]?.setGate(gate, turn))
    }
    return effects
  }

  /// Whether a process may start, for all that others have to do first.
  func gate(of id: String) -> ProcessMachine.Gate {
    if isShuttingDown { return .closed(reason: Words.shuttingDown) }
    guard let service = services[id] else { return .open }
    if service.isChangingShape {
      return .closed(reason: Words.waitsForEnd(service.leaving.sorted()))
    }
    for job in orders.keys.sorted(by: { $0.number < $1.number }) {
      if let reason = orders[job]?.hold(on: id) { return .closed(reason: reason) }
    }
    let reasons = service.definition.dependencies.compactMap(whyUnmet)
    return reasons.isEmpty ? .open : .closed(reason: reasons.joined(separator: "; "))
  }

  /// What is missing of a dependency, in words; nil where nothing is.
  private func whyUnmet(_ dependency: Dependency) -> String? {
    guard let other = services[dependency.id] else {
      return Words.waits(for: dependency, Words.noSuchProcess(dependency.id))
    }
    for name in other.definition.runNames {
      guard let state = machines[name]?.meets(dependency.condition) else {
        return Words.waits(for: dependency, Words.noSuchProcess(name))
      }
      if let reason = state.reason { return Words.waits(for: dependency, reason) }
    }
    return nil
  }
}
