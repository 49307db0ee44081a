extension Supervisor {
  /// A client wants something of a process, or of all copies of one.
  mutating func perform(
    _ verb: Verb, on id: String, _ ticket: Ticket, at now: Moment
  ) -> [Effect] {
    guard let names = targets(of: id) else { return noSuchProcess(id, ticket) }
    let service = ServiceID(id)
    guard services[service]?.definition.instances != nil else {
      return tell(InstanceID(id), verb, ticket, at: now)
    }
    var effects: [Effect] = []
    if case .restart = verb { effects = endRolling(service, Messages.supersededByRestart(service)) }
    return effects + gather(.copies(of: service, verb), verb, names, ticket, at: now)
  }

  /// Tells the same to several machines; their answers are one.
  mutating func gather(
    _ work: FanOut.Work, _ verb: Verb, _ names: [InstanceID], _ ticket: Ticket, at now: Moment
  ) -> [Effect] {
    let fanOut = FanOut(work, processes: names.count)
    if fanOut.isComplete { return answer(ticket, fanOut.results) }
    fanOuts[ticket] = fanOut
    return names.flatMap { name in
      let pending = ask(.fanOut(ticket, name))
      // One that is up already is as it should be.
      if case .start = verb, let alreadyUp = machines[name]?.alreadyUp {
        return supersedeStop(of: name, at: now) + answer(pending, .done(alreadyUp))
      }
      if case .all(.start) = work, let effects = leaveToSchedule(name, pending, at: now) {
        return supersedeStop(of: name, at: now) + effects
      }
      return tell(name, verb, pending, at: now)
    }
  }

  /// All are to be up, or to have a new run: what has a schedule waits for its time. Nil where a run goes on, and
  /// for all others.
  mutating func leaveToSchedule(
    _ name: InstanceID, _ ticket: Ticket, at now: Moment
  ) -> [Effect]? {
    guard let id = machines[name]?.serviceID, services[id]?.fault == nil else {
      return nil
    }
    let context = makeContext(now)
    guard let effects = machines[name]?.startOnSchedule(answering: ticket, context) else {
      return nil
    }
    return finishCall(name, effects)
  }

  /// Whoever is to be up does not wait for a stop of all to come to it.
  private mutating func supersedeStop(of name: InstanceID, at now: Moment) -> [Effect] {
    guard let id = machines[name]?.serviceID else { return [] }
    return leaveOrders(name, of: id, restarts: false, Messages.supersededByStart(name), at: now)
  }

  /// Tells one machine. What an operator says now counts more than what he said to several before.
  mutating func tell(
    _ name: InstanceID, _ verb: Verb, _ ticket: Ticket, at now: Moment
  ) -> [Effect] {
    guard let id = machines[name]?.serviceID else { return noSuchProcess(name, ticket) }
    let context = makeContext(now)
    switch verb {
    case .start:
      if let fault = services[id]?.fault {
        return conflict(ticket, Messages.couldNotStart(name, fault, next: nil))
      }
      return supersedeStop(of: name, at: now)
        + finishCall(name, machines[name]?.start(ticket, context))
    case .stop:
      return endRolling(id, Messages.supersededByStop(id))
        + leaveOrders(name, of: id, restarts: true, Messages.supersededByStop(name), at: now)
        + finishCall(name, machines[name]?.stop(ticket, context))
    case .restart:
      if let fault = services[id]?.fault {
        return conflict(ticket, Messages.couldNotStart(name, fault, next: nil))
      }
      return leaveOrders(name, of: id, restarts: false, Messages.supersededByRestart(name), at: now)
        + finishCall(name, machines[name]?.restart(ticket, context))
    case .signal(let signal, let toGroup):
      return finishCall(name, machines[name]?.signal(signal, toGroup: toGroup, ticket))
    }
  }

  /// Starts all that are not up, as far as their start conditions let them.
  mutating func startAll(_ ticket: Ticket, at now: Moment) -> [Effect] {
    let staying = services.values.filter { !isBeingRemoved($0.id) }
    let (sorted, rest) = DependencyGraph(staying.map(\.definition)).order
    let names = (sorted + rest).flatMap { id in services[id].map { present($0) } ?? [] }
    return gather(.all(.start), .start, names, ticket, at: now)
  }
}
