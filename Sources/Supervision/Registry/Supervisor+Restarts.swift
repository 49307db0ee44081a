import Basics

/// Stops and restarts of all in order, and restarts of copies one after the other.
extension Supervisor {
  /// The stops and restarts of all that are under way, the oldest first.
  var orderTickets: [Ticket] { orders.keys.sorted { $0.number < $1.number } }

  /// Stops all, or restarts all, in the order of their dependencies.
  mutating func orderAll(
    _ kind: OrderedCommand.Kind, _ ticket: Ticket, at now: Moment
  ) -> [Effect] {
    if kind == .restart, orders.values.contains(where: { $0.kind == .restart }) {
      return conflict(ticket, Messages.allBeingRestarted)
    }
    var effects: [Effect] = []
    var members: [ServiceID: Set<InstanceID>] = [:]
    for (id, service) in services where !isBeingRemoved(id) {
      let names = present(service)
      if !names.isEmpty { members[id] = Set(names) }
    }
    let order = OrderedCommand(
      kind, members: members, dependencies: soundDependencies(among: members))
    let first = order.first
    // In force before what was asked earlier is given up: nothing slips through in between.
    orders[ticket] = order
    let sorted = members.sorted { $0.key < $1.key }
    for (id, names) in sorted {
      effects += endRolling(id, superseded(id, by: kind))
      for name in names.sorted() {
        effects += leaveOrders(
          name, of: id, kind == .restart ? .stop : .restart, superseded(name, by: kind), at: now)
      }
    }
    for (id, _) in sorted { effects += refreshStartCondition(of: id, at: now) }
    for (id, names) in sorted {
      for name in names.sorted() { effects += tellEarly(name, of: id, ticket, at: now) }
    }
    effects += first.flatMap { tellOrdered($0, ticket, at: now) }
    return effects + completeOrder(ticket)
  }

  private func superseded(_ name: some ProcessName, by kind: OrderedCommand.Kind) -> String {
    switch kind {
    case .stop: Messages.supersededByStop(name)
    case .restart: Messages.supersededByRestart(name)
    }
  }

  /// What each depends on among the others, but for those that cannot start: they may be in a
  /// circle.
  private func soundDependencies(
    among members: [ServiceID: Set<InstanceID>]
  ) -> [ServiceID: Set<ServiceID>] {
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
    let names = orders[job]?.untold(of: id) ?? []
    return names.flatMap { tellOrdered($0, of: id, job, at: now) }
  }

  private mutating func tellOrdered(
    _ name: InstanceID, of id: ServiceID, _ job: Ticket, at now: Moment
  ) -> [Effect] {
    guard let kind = orders[job]?.kind, orders[job]?.isUntold(name, of: id) == true else {
      return []
    }
    orders[job]?.told(name, of: id)
    let ticket = pendingReplies.ask(.order(job, name))
    let left = kind == .restart ? leaveToSchedule(name, ticket, at: now) : nil
    let effects = left ?? tell(name, kind.verb, ticket, at: now)
    // The last of it has been told: what an operator starts from now on may start.
    let isLast = orders[job]?.untold(of: id).isEmpty ?? true
    return effects + (isLast ? refreshStartCondition(of: id, at: now) : [])
  }

  /// A machine that does not run, or no more, keeps no other waiting for a stop of all.
  private mutating func tellEarly(
    _ name: InstanceID, of id: ServiceID, _ job: Ticket, at now: Moment
  ) -> [Effect] {
    let isUp = machines[name]?.isUp == true
    guard orders[job]?.tellsEarly(name, of: id, isUp: isUp) == true else { return [] }
    return tellOrdered(name, of: id, job, at: now)
  }

  private mutating func perform(
    _ actions: [OrderedCommand.Action]?, _ job: Ticket, at now: Moment
  ) -> [Effect] {
    (actions ?? []).flatMap { action in
      switch action {
      case .tell(let id):
        return tellOrdered(id, job, at: now)
      case .release(let id, let open):
        for name in open { dirty.append((name, id)) }
        return refreshStartCondition(of: id, at: now)
      }
    }
  }

  /// A machine has answered that it was stopped, or that it has a new run, or is waiting for one.
  mutating func advanceOrder(
    _ job: Ticket, _ name: InstanceID, _ reply: Reply, at now: Moment
  ) -> [Effect] {
    let isAtRest = machines[name]?.isAtRest ?? true
    let actions = orders[job]?.answered(name, reply, isAtRest: isAtRest)
    return perform(actions, job, at: now) + completeOrder(job)
  }

  /// Something has happened to a machine: what that means for a stop or restart of all.
  mutating func advanceOrder(
    _ job: Ticket, _ name: InstanceID, of id: ServiceID, at now: Moment
  ) -> [Effect] {
    var effects = tellEarly(name, of: id, job, at: now)
    let ended = orders[job]?.lookForEnd(of: name, of: id, machines[name])
    effects += perform(ended, job, at: now)
    let started = orders[job]?.lookForStart(of: name, of: id, machines[name])
    effects += perform(started, job, at: now)
    return effects + completeOrder(job)
  }

  /// A later command says something else: those that have not been told yet are not told.
  /// - Parameter kind: of stops alone, or of restarts alone; nil for both.
  mutating func leaveOrders(
    _ name: InstanceID, of id: ServiceID, _ kind: OrderedCommand.Kind?, _ message: String,
    at now: Moment
  ) -> [Effect] {
    var effects: [Effect] = []
    for job in orderTickets {
      guard kind == nil || orders[job]?.kind == kind, orders[job]?.isUntold(name, of: id) == true
      else { continue }
      orders[job]?.told(name, of: id)
      let actions = orders[job]?.supersede(name, of: id, message)
      effects += perform(actions, job, at: now)
      effects += refreshStartCondition(of: id, at: now)
      dirty.append((name, id))
    }
    return effects
  }

  private mutating func completeOrder(_ job: Ticket) -> [Effect] {
    guard let reply = orders[job]?.reply else { return [] }
    orders[job] = nil
    return answer(job, reply)
  }

  /// A restart of all goes no further.
  mutating func endRestartOfAll(_ refusal: Reply.Refusal, _ message: String) -> [Effect] {
    let jobs = orderTickets.filter { orders[$0]?.kind == .restart }
    return jobs.flatMap { job in
      orders[job] = nil
      return answer(job, .refused(refusal, message: message))
    }
  }

  // MARK: Rolling restarts

  /// A client wants the copies of a process restarted one after the other, each when the one before
  /// is ready.
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
      id, ticket, names: present(service), isPlain: service.definition.instances == nil)
    return perform(.goOn, id, at: now)
  }

  private mutating func perform(
    _ step: RollingRestart.Step?, _ id: ServiceID, at now: Moment
  ) -> [Effect] {
    switch step {
    case nil, .wait:
      return []
    case .goOn:
      let startCondition = startCondition(of: id)
      return perform(rollings[id]?.next(startCondition), id, at: now)
    case .restart(let name):
      guard let job = rollings[id]?.ticket else { return [] }
      return tell(name, .restart, pendingReplies.ask(.rolling(job, name)), at: now)
    case .end(let reason):
      return endRolling(id, reason)
    }
  }

  /// A copy has a new run, or could not get one.
  mutating func advanceRolling(
    _ job: Ticket, _ name: InstanceID, _ reply: Reply, at now: Moment
  ) -> [Effect] {
    guard let machine = machines[name], rollings[machine.serviceID]?.ticket == job else {
      return []
    }
    let id = machine.serviceID
    return perform(rollings[id]?.answered(name, reply, machine), id, at: now)
  }

  /// Looks whether the new run of a copy is ready, or will not be.
  mutating func advanceRolling(_ id: ServiceID, at now: Moment) -> [Effect] {
    perform(rollings[id]?.look(at: machines), id, at: now)
  }

  /// Answers for a rolling restart that is done, or goes no further; says why.
  mutating func endRolling(
    _ id: ServiceID, _ reason: String?, _ refusal: Reply.Refusal = .conflict
  ) -> [Effect] {
    guard let rolling = rollings.removeValue(forKey: id) else { return [] }
    return answer(rolling.ticket, rolling.reply(reason, refusal))
  }
}
