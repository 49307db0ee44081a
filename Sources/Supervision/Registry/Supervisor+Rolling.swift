extension Supervisor {
  /// A client wants the copies of a process restarted one after the other, each when the one before is ready.
  mutating func rollingRestart(_ id: ServiceID, _ ticket: Ticket, at now: Moment) -> [Effect] {
    guard let service = services[id] else {
      guard let owner = service(ofCopy: id) else { return noSuchProcess(id, ticket) }
      return conflict(ticket, Messages.isCopyToRoll(id, of: owner))
    }
    if isBeingRemoved(id) { return conflict(ticket, Messages.beingRemoved(id)) }
    if transitions[id] != nil { return conflict(ticket, Messages.beingChanged(id)) }
    if rollings[id] != nil { return conflict(ticket, Messages.isRolling(id)) }
    if let fault = service.fault {
      return conflict(ticket, Messages.couldNotStart(id, fault, next: nil))
    }
    rollings[id] = RollingRestart(
      ticket, names: present(service), isPlain: service.definition.instances == nil)
    return rollOn(id, at: now)
  }

  /// Restarts the next copy, or answers where there is none.
  private mutating func rollOn(_ id: ServiceID, at now: Moment) -> [Effect] {
    guard var rolling = rollings[id] else { return [] }
    guard let name = rolling.left.first else { return endRolling(id, nil) }
    // Not even ended, where nothing could follow.
    if case .unmet(let reason) = startCondition(of: id) {
      return endRolling(id, Messages.notReplaced(name, reason))
    }
    rolling.left.removeFirst()
    rolling.current = name
    rolling.run = nil
    rollings[id] = rolling
    return tell(name, .restart, ask(.rolling(rolling.ticket, name)), at: now)
  }

  /// A copy has a new run, or could not get one.
  mutating func rolled(
    _ job: Ticket, _ name: InstanceID, _ reply: Reply, at now: Moment
  ) -> [Effect] {
    guard let id = machines[name]?.serviceID, let rolling = rollings[id],
      rolling.ticket == job, rolling.current == name
    else { return [] }
    if case .refused(_, let message) = reply { return endRolling(id, message) }
    guard let machine = machines[name], let run = machine.presentRun else {
      return endRolling(id, machines[name]?.error ?? Messages.startedAndEnded(name))
    }
    rollings[id]?.run = run
    return advanceRolling(id, at: now)
  }

  /// Looks whether the new run of a copy is ready, or will not be.
  mutating func advanceRolling(_ id: ServiceID, at now: Moment) -> [Effect] {
    guard let rolling = rollings[id], let name = rolling.current else { return [] }
    guard let machine = machines[name] else {
      return endRolling(id, Messages.supersededByRemoval(name))
    }
    guard let run = rolling.run else { return [] }
    if machine.liveRun?.id == run, machine.goal == .up {
      if machine.isReady {
        let message = Messages.restarted(name, machine.liveRun?.pid ?? 0)
        rollings[id]?.outcomes.append(
          Reply.Outcome(name, success: true, message: message))
        rollings[id]?.current = nil
        return rollOn(id, at: now)
      }
      if machine.health.status != .unhealthy, machine.isUp { return [] }
    }
    return endRolling(id, Messages.notReady(name, machine))
  }

  /// Answers for a rolling restart that is done, or goes no further; says why.
  mutating func endRolling(
    _ id: ServiceID, _ reason: String?, _ refusal: Reply.Refusal = .conflict
  ) -> [Effect] {
    guard let rolling = rollings.removeValue(forKey: id) else { return [] }
    if rolling.isPlain {
      guard let reason else {
        return answer(
          rolling.ticket, .done(rolling.outcomes.first?.message ?? Messages.unchanged(id)))
      }
      return answer(rolling.ticket, .refused(refusal, message: reason))
    }
    var outcomes = rolling.outcomes
    if let reason {
      if let current = rolling.current {
        outcomes.append(Reply.Outcome(current, success: false, message: reason))
      }
      outcomes += rolling.left.map {
        Reply.Outcome($0, success: false, message: Messages.notRestarted($0))
      }
    }
    outcomes.sort { $0.id < $1.id }
    let message = Messages.rolled(id, outcomes, stoppedBy: reason)
    return answer(
      rolling.ticket,
      reason == nil
        ? .results(outcomes, message: message)
        : .halted(refusal, outcomes, message: message))
  }
}
