import Basics

/// What clients ask for, and hands it to the machines that it is for.
extension Supervisor {
  /// A client asks for something.
  mutating func perform(_ command: Command, _ ticket: Ticket, at now: Moment) -> [Effect] {
    if isShuttingDown { return refuse(command, ticket) }
    switch command {
    case .add(let definition):
      return add(definition, ticket, at: now)
    case .start(let id):
      return perform(.start, on: id, ticket, at: now)
    case .stop(let id):
      return perform(.stop, on: id, ticket, at: now)
    case .restart(let id):
      return perform(.restart, on: id, ticket, at: now)
    case .signal(let id, let signal, let toGroup):
      return perform(.signal(signal, toGroup: toGroup), on: id, ticket, at: now)
    case .remove(let id, let deletesLog):
      return remove(ServiceID(id), deletesLog: deletesLog, ticket, at: now)
    case .update(let definition):
      return update(definition, ticket, at: now)
    case .scale(let id, let instances):
      return scale(ServiceID(id), instances, ticket, at: now)
    case .rollingRestart(let id):
      return rollingRestart(ServiceID(id), ticket, at: now)
    case .reload(let isDryRun):
      reloads.add(ReloadQueue.Request(ticket: ticket, isDryRun: isDryRun))
      return []
    case .startAll:
      return startAll(ticket, at: now)
    case .stopAll:
      return orderAll(.stop, ticket, at: now)
    case .restartAll:
      return orderAll(.restart, ticket, at: now)
    case .shutdown:
      return [.reply(ticket, .done(Messages.shutdownBegins))] + shutDown(.orderly, at: now)
    }
  }

  private func refuse(_ command: Command, _ ticket: Ticket) -> [Effect] {
    switch command {
    case .shutdown:
      [.reply(ticket, .done(Messages.alreadyShuttingDown))]
    case .add, .start, .stop, .restart, .remove, .update, .scale, .rollingRestart, .signal, .reload,
      .startAll, .stopAll, .restartAll:
      [.reply(ticket, .refused(.shuttingDown, message: Messages.shuttingDown))]
    }
  }

  // MARK: Verbs

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
    fanOuts[ticket] = FanOut(work, processes: names.count)
    if names.isEmpty { return completeFanOut(ticket, at: now) }
    return names.flatMap { name in
      let pending = pendingReplies.ask(.fanOut(ticket, name))
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

  /// All are to be up, or to have a new run: what has a schedule waits for its time. Nil where a
  /// run goes on, and for all others.
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

  /// What is to be up does not wait for a stop of all to come to it.
  private mutating func supersedeStop(of name: InstanceID, at now: Moment) -> [Effect] {
    guard let id = machines[name]?.serviceID else { return [] }
    return leaveOrders(name, of: id, .stop, Messages.supersededByStart(name), at: now)
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
        + leaveOrders(name, of: id, .restart, Messages.supersededByStop(name), at: now)
        + finishCall(name, machines[name]?.stop(ticket, context))
    case .restart:
      if let fault = services[id]?.fault {
        return conflict(ticket, Messages.couldNotStart(name, fault, next: nil))
      }
      return leaveOrders(name, of: id, .stop, Messages.supersededByRestart(name), at: now)
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

  /// One of several has answered.
  mutating func advanceFanOut(
    _ job: Ticket, _ name: InstanceID, _ reply: Reply, at now: Moment
  ) -> [Effect] {
    fanOuts[job]?.record(name, reply)
    return completeFanOut(job, at: now)
  }

  private mutating func completeFanOut(_ job: Ticket, at now: Moment) -> [Effect] {
    guard let result = fanOuts[job]?.answer else { return [] }
    fanOuts[job] = nil
    switch result {
    case .reply(let reply):
      return answer(job, reply)
    case .added(let id, let message):
      let copies = entries(ofService: id.rawValue, at: now)
      return answer(job, .createdCopies(copies, message: message))
    }
  }

  // MARK: What they are for

  /// The names of the machines that a command to `id` is for: those of all copies, or the one of
  /// that name; nil if there is nothing of that id.
  func targets(of id: String) -> [InstanceID]? {
    if let service = services[ServiceID(id)] { return present(service) }
    let name = InstanceID(id)
    return machines[name] == nil ? nil : [name]
  }

  /// The names of the machines of a service, without those that are on their way out.
  func present(_ service: Service) -> [InstanceID] {
    service.definition.runNames.filter { machines[$0] != nil }
  }

  /// The service one of whose copies has the name that was taken for an id; nil for anything else.
  func service(ofCopy id: ServiceID) -> ServiceID? {
    guard services[id] == nil else { return nil }
    return machines[InstanceID(id)]?.serviceID
  }

  /// Why a new definition cannot have its id or the names of its copies, in words; nil if it can.
  func whyTaken(_ definition: ProcessDefinition) -> String? {
    TakenNames(self).reason(against: definition)
  }

  /// Why the definition of a process cannot be changed through the API just now, in words.
  func whyFixed(_ id: ServiceID) -> String? {
    if isBeingRemoved(id) { return Messages.beingRemoved(id) }
    if let fragment = services[id]?.fragment { return Messages.isInFragment(id, fragment) }
    if changes[id] != nil || transitions[id] != nil { return Messages.beingChanged(id) }
    return nil
  }

  /// Whether a process is on its way out, also where its end has not been asked for yet.
  func isBeingRemoved(_ id: ServiceID) -> Bool {
    removals[id] != nil || reload?.isToRemove(id) == true
  }

  /// There is nothing of that id.
  mutating func noSuchProcess(_ id: some ProcessName, _ ticket: Ticket) -> [Effect] {
    answer(ticket, .refused(.noSuchProcess, message: Messages.noSuchProcess(id)))
  }

  /// The state of things does not allow it.
  mutating func conflict(_ ticket: Ticket, _ message: String) -> [Effect] {
    answer(ticket, .refused(.conflict, message: message))
  }
}
