extension Supervisor {
  /// A client wants something of a process, or of all copies of one.
  mutating func perform(
    _ verb: Verb, on id: String, _ ticket: Ticket, at now: Moment
  ) -> [Effect] {
    guard let names = targets(of: id) else { return noSuchProcess(id, ticket) }
    guard services[id]?.definition.instances != nil else {
      return tell(id, verb, ticket, at: now)
    }
    var effects: [Effect] = []
    if case .restart = verb { effects = endRolling(id, Words.supersededByRestart(id)) }
    return effects + gather(.copies(of: id, verb), verb, names, ticket, at: now)
  }

  /// Tells the same to several machines; their answers are one.
  mutating func gather(
    _ work: Gathering.Work, _ verb: Verb, _ names: [String], _ ticket: Ticket, at now: Moment
  ) -> [Effect] {
    let gathering = Gathering(work, processes: names.count)
    if gathering.isComplete { return answer(ticket, gathering.results) }
    gatherings[ticket] = gathering
    return names.flatMap { name in
      let question = ask(name, for: .gathering(ticket))
      // One that is up already is as it should be.
      if case .start = verb, let alreadyUp = machines[name]?.alreadyUp {
        return supersedeStop(of: name, at: now) + answer(question, .done(alreadyUp))
      }
      if case .all(.start) = work, let effects = leaveToSchedule(name, question, at: now) {
        return supersedeStop(of: name, at: now) + effects
      }
      return tell(name, verb, question, at: now)
    }
  }

  /// All are to be up, or to have a new run: what has a schedule waits for its time. Nil where a run goes on, and
  /// for all others.
  mutating func leaveToSchedule(
    _ name: String, _ ticket: Ticket, at now: Moment
  ) -> [Effect]? {
    guard let id = machines[name]?.definition.serviceID, services[id]?.fault == nil else {
      return nil
    }
    let turn = makeTurn(now)
    guard let effects = machines[name]?.waitForSchedule(answering: ticket, turn) else { return nil }
    return settle(name, effects)
  }

  /// Whoever is to be up does not wait for a stop of all to come to it.
  private mutating func supersedeStop(of name: String, at now: Moment) -> [Effect] {
    guard let id = machines[name]?.definition.serviceID else { return [] }
    return leaveOrders(name, of: id, restarts: false, Words.supersededByStart(name), at: now)
  }

  /// Tells one machine. What an operator says now counts more than what he said to several before.
  mutating func tell(
    _ name: String, _ verb: Verb, _ ticket: Ticket, at now: Moment
  ) -> [Effect] {
    guard let id = machines[name]?.definition.serviceID else { return noSuchProcess(name, ticket) }
    let turn = makeTurn(now)
    switch verb {
    case .start:
      if let fault = services[id]?.fault {
        return conflict(ticket, Words.couldNotStart(name, fault, next: nil))
      }
      return supersedeStop(of: name, at: now) + settle(name, machines[name]?.start(ticket, turn))
    case .stop:
      return endRolling(id, Words.supersededByStop(id))
        + leaveOrders(name, of: id, restarts: true, Words.supersededByStop(name), at: now)
        + settle(name, machines[name]?.stop(ticket, turn))
    case .restart:
      if let fault = services[id]?.fault {
        return conflict(ticket, Words.couldNotStart(name, fault, next: nil))
      }
      return leaveOrders(name, of: id, restarts: false, Words.supersededByRestart(name), at: now)
        + settle(name, machines[name]?.restart(ticket, turn))
    case .signal(let signal, let toGroup):
      return settle(name, machines[name]?.signal(signal, toGroup: toGroup, ticket))
    }
  }

  /// Starts all that are not up, as far as their gates let them.
  mutating func startAll(_ ticket: Ticket, at now: Moment) -> [Effect] {
    let staying = services.values.filter { !isBeingRemoved($0.definition.id) }
    let (sorted, rest) = DependencyGraph(staying.map(\.definition)).order
    let names = (sorted + rest).flatMap { targets(of: $0) ?? [] }
    return gather(.all(.start), .start, names, ticket, at: now)
  }
}
