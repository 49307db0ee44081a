extension Supervisor {
  /// Looks how far a definition has taken effect, and answers when it has.
  mutating func advanceTransition(_ id: ServiceID, at now: Moment) -> [Effect] {
    guard var transition = transitions[id] else { return [] }
    transition.leaving.formIntersection(services[id]?.leaving ?? [])
    for name in transition.starting.sorted() {
      guard let outcome = outcome(ofStart: name, in: transition, of: id) else { continue }
      transition.starting.remove(name)
      transition.outcomes.append(outcome)
    }
    guard transition.isComplete else {
      transitions[id] = transition
      return []
    }
    transitions[id] = nil
    if let stuck = transition.stuck.sorted(by: { $0.key < $1.key }).first {
      return answer(
        transition.ticket, .refused(.failure, message: Messages.changedButStuck(id, stuck.value)))
    }
    return answer(transition.ticket, .done(Messages.changed(id, transition)))
  }

  /// What has become of a start; nil while that is open.
  private func outcome(
    ofStart name: InstanceID, in transition: Transition, of id: ServiceID
  ) -> Reply.Outcome? {
    guard let machine = machines[name] else {
      return Reply.Outcome(name, success: false, message: Messages.noSuchProcess(name))
    }
    // It waits for the end of what it takes the place of, unless that will not end.
    let isOpen = services[id]?.isChangingShape == true && transition.stuck.isEmpty
    if case .blocked = machine.activity, isOpen { return nil }
    return machine.startOutcome
  }

  /// A definition will not take effect as it was asked for.
  mutating func endTransition(_ id: ServiceID, _ refusal: Reply.Refusal, _ message: String)
    -> [Effect]
  {
    guard let transition = transitions.removeValue(forKey: id) else { return [] }
    return answer(transition.ticket, .refused(refusal, message: message))
  }

  /// Something that was to end cannot be ended.
  mutating func transitionStuck(_ id: ServiceID, _ name: InstanceID, _ message: String) {
    transitions[id]?.stuck[name] = message
    dirty.append((name, id))
  }
}
