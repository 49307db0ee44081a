/// An order is large, and asked in place: a copy that is held would be made anew with each change of it.
extension Supervisor {
  /// Stops all, or restarts all, in the order of their dependencies.
  mutating func orderAll(isRestart: Bool, _ ticket: Ticket, at now: Moment) -> [Effect] {
    if isRestart, orders.values.contains(where: \.isRestart) {
      return conflict(ticket, Messages.allBeingRestarted)
    }
    var effects: [Effect] = []
    var members: [ServiceID: Set<InstanceID>] = [:]
    for (id, service) in services where !isBeingRemoved(id) {
      let names = present(service)
      if !names.isEmpty { members[id] = Set(names) }
    }
    let order = OrderedCommand(
      isRestart: isRestart, members: members, dependencies: soundDependencies(among: members))
    // In force before what was asked earlier is given up: nothing slips through in between.
    orders[ticket] = order
    for (id, names) in members.sorted(by: { $0.key < $1.key }) {
      effects += endRolling(
        id, isRestart ? Messages.supersededByRestart(id) : Messages.supersededByStop(id))
      for name in names.sorted() {
        let message =
          isRestart ? Messages.supersededByRestart(name) : Messages.supersededByStop(name)
        effects += leaveOrders(name, of: id, restarts: !isRestart, message, at: now)
      }
    }
    for id in members.keys.sorted() { effects += refreshStartCondition(of: id, at: now) }
    if !isRestart {
      // What does not run yet, or any more, keeps nobody waiting.
      for (id, names) in members.sorted(by: { $0.key < $1.key }) {
        for name in names.sorted() where machines[name]?.isUp != true {
          effects += tellOrdered(name, of: id, ticket, at: now)
        }
      }
    }
    effects += order.isTurn.flatMap { tellOrdered($0, ticket, at: now) }
    return effects + completeOrder(ticket)
  }

  /// What each depends on among the others, but for those that cannot start: they may be in a circle.
  private func soundDependencies(among members: [ServiceID: Set<InstanceID>]) -> [ServiceID: Set<
    ServiceID
  >] {
    var sound: [ServiceID: Set<ServiceID>] = [:]
    for id in members.keys where services[id]?.fault == nil {
      let others = Set(services[id]?.definition.dependencies.map(\.id) ?? [])
        .filter { members[$0] != nil && services[$0]?.fault == nil }
      if !others.isEmpty { sound[id] = others }
    }
    return sound
  }

  /// It is the turn of a process: all of it that has not been told yet is told.
  private mutating func tellOrdered(_ id: ServiceID, _ job: Ticket, at now: Moment) -> [Effect] {
    let names = (orders[job]?.untold[id] ?? []).sorted()
    return names.flatMap { tellOrdered($0, of: id, job, at: now) }
  }

  private mutating func tellOrdered(
    _ name: InstanceID, of id: ServiceID, _ job: Ticket, at now: Moment
  ) -> [Effect] {
    guard let isRestart = orders[job]?.isRestart, orders[job]?.isUntold(name, of: id) == true else {
      return []
    }
    orders[job]?.told(name, of: id)
    let pending = ask(.order(job, name))
    let left = isRestart ? leaveToSchedule(name, pending, at: now) : nil
    let effects = left ?? tell(name, isRestart ? .restart : .stop, pending, at: now)
    // The last of it has been told: what an operator starts from now on may start.
    return effects + (orders[job]?.untold[id] == nil ? refreshStartCondition(of: id, at: now) : [])
  }

  /// A machine has answered that it was stopped, or that it has a new run, or is waiting for one.
  mutating func ordered(
    _ job: Ticket, _ name: InstanceID, _ reply: Reply, at now: Moment
  ) -> [Effect] {
    guard let id = orders[job]?.id(of: name) else { return [] }
    let outcome = Reply.Outcome(name, reply)
    var effects: [Effect] = []
    // A restart that waits for others to be restarted has only ended yet.
    if !outcome.success || orders[job]?.isHeld(id) == false {
      effects += closeOrdered(outcome, of: id, job, at: now)
    }
    if outcome.success || machines[name]?.isAtRest ?? true {
      effects += endOrdered(name, of: id, job, at: now)
    }
    return effects + completeOrder(job)
  }

  private mutating func closeOrdered(
    _ outcome: Reply.Outcome, of id: ServiceID, _ job: Ticket, at now: Moment
  ) -> [Effect] {
    (orders[job]?.close(outcome, of: id) ?? []).flatMap { id in
      // Also what has gone in the meantime has come to something then.
      for name in (orders[job]?.open[id] ?? []).sorted() { dirty.append((name, id)) }
      return refreshStartCondition(of: id, at: now)
    }
  }

  private mutating func endOrdered(
    _ name: InstanceID, of id: ServiceID, _ job: Ticket, at now: Moment
  ) -> [Effect] {
    (orders[job]?.ended(name, of: id) ?? []).flatMap { tellOrdered($0, job, at: now) }
  }

  /// Something has happened to a machine: what that means for a stop or restart of all.
  mutating func followOrder(
    _ job: Ticket, _ name: InstanceID, of id: ServiceID, at now: Moment
  ) -> [Effect] {
    var effects: [Effect] = []
    let isUntold = orders[job]?.isUntold(name, of: id) == true
    if isUntold, orders[job]?.isRestart == false, machines[name]?.isUp != true {
      effects += tellOrdered(name, of: id, job, at: now)
    }
    if orders[job]?.isToEnd(name, of: id) == true,
      machines[name]?.isAtRest ?? true || isLeftUp(name, of: id, job)
    {
      effects += endOrdered(name, of: id, job, at: now)
    }
    effects += closeStarted(name, of: id, job, at: now)
    return effects + completeOrder(job)
  }

  /// Whether a stop of all has let go of a machine, because it was started or restarted since: the others do not
  /// wait for an end that may never come.
  private func isLeftUp(_ name: InstanceID, of id: ServiceID, _ job: Ticket) -> Bool {
    orders[job]?.isRestart == false && orders[job]?.open[id]?.contains(name) != true
      && machines[name]?.goal == .up
  }

  /// A machine that has ended, and may start again, has come to something.
  private mutating func closeStarted(
    _ name: InstanceID, of id: ServiceID, _ job: Ticket, at now: Moment
  ) -> [Effect] {
    guard orders[job]?.isToStart(name, of: id) == true else { return [] }
    guard let machine = machines[name] else {
      let gone = Reply.Outcome(
        name, success: false, message: Messages.supersededByRemoval(name))
      return closeOrdered(gone, of: id, job, at: now)
    }
    guard let outcome = machine.startOutcome else { return [] }
    return closeOrdered(outcome, of: id, job, at: now)
  }

  /// A later command says something else: those that have not been told yet are not told.
  mutating func leaveOrders(
    _ name: InstanceID, of id: ServiceID, restarts: Bool? = nil, _ message: String, at now: Moment
  ) -> [Effect] {
    var effects: [Effect] = []
    for job in orders.keys.sorted(by: { $0.number < $1.number }) {
      guard restarts == nil || orders[job]?.isRestart == restarts,
        orders[job]?.isUntold(name, of: id) == true
      else { continue }
      orders[job]?.told(name, of: id)
      let outcome = Reply.Outcome(name, success: false, message: message)
      effects += closeOrdered(outcome, of: id, job, at: now)
      effects += refreshStartCondition(of: id, at: now)
      dirty.append((name, id))
    }
    return effects
  }

  private mutating func completeOrder(_ job: Ticket) -> [Effect] {
    guard orders[job]?.isComplete == true, let order = orders.removeValue(forKey: job) else {
      return []
    }
    let verb: Verb = order.isRestart ? .restart : .stop
    return answer(
      job,
      .results(
        order.outcomes.sorted { $0.id < $1.id }, message: Messages.ofAll(order.outcomes, verb)))
  }

  /// A restart of all goes no further.
  mutating func endRestartOfAll(_ refusal: Reply.Refusal, _ message: String) -> [Effect] {
    let jobs = orders.filter(\.value.isRestart).keys.sorted { $0.number < $1.number }
    return jobs.flatMap { job in
      orders[job] = nil
      return answer(job, .refused(refusal, message: message))
    }
  }
}
