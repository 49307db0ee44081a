import Basics

/// A stop or restart of all in the order of their dependencies: each is told to end when all that
/// depend on it have ended, and starts again when all that it depends on have done so.
///
/// It is large, so the supervisor asks it in place: a copy that is held would be made again with
/// each change.
struct OrderedCommand {
  let kind: Kind
  private var outcomes: [Reply.Outcome] = []
  /// By id, the names that have not been told yet.
  private var untold: [ServiceID: Set<InstanceID>]
  /// By id, the names that have not ended yet.
  private var up: [ServiceID: Set<InstanceID>]
  /// By id, the names of which it is not known yet what became of them.
  private var open: [ServiceID: Set<InstanceID>]
  /// By id, those that depend on it and have not ended yet.
  private var above: [ServiceID: Set<ServiceID>]
  /// By id, those that it depends on and that have not come to anything yet. Empty for a stop.
  private var below: [ServiceID: Set<ServiceID>]
  /// By name, the id.
  private let owners: [InstanceID: ServiceID]
  private let dependents: [ServiceID: Set<ServiceID>]
  private let dependencies: [ServiceID: Set<ServiceID>]

  /// What is done to all of them.
  enum Kind {
    case stop
    case restart

    var verb: Verb {
      switch self {
      case .stop: .stop
      case .restart: .restart
      }
    }
  }

  /// What follows from a step, by ids, in this order.
  enum Action {
    /// Its start condition is another one. What is open of it is looked at again: it may have gone
    /// in the meantime.
    case release(ServiceID, open: [InstanceID])
    /// It is its turn to be told.
    case tell(ServiceID)
  }

  /// - Parameters:
  ///   - members: The names that run for each id.
  ///   - dependencies: What each id depends on; without circles.
  init(
    _ kind: Kind, members: [ServiceID: Set<InstanceID>],
    dependencies: [ServiceID: Set<ServiceID>]
  ) {
    self.kind = kind
    self.dependencies = dependencies
    var dependents: [ServiceID: Set<ServiceID>] = [:]
    for (id, others) in dependencies {
      for other in others { dependents[other, default: []].insert(id) }
    }
    self.dependents = dependents
    var owners: [InstanceID: ServiceID] = [:]
    for (id, names) in members {
      for name in names { owners[name] = id }
    }
    self.owners = owners
    untold = members
    up = members
    open = members
    above = dependents
    switch kind {
    case .stop: below = [:]
    case .restart: below = dependencies
    }
  }

  // MARK: What holds

  /// The ids whose turn it is to be told, to begin with.
  var first: [ServiceID] { untold.keys.filter { above[$0] == nil }.sorted() }

  /// Whether a machine has not been told yet.
  func isUntold(_ name: InstanceID, of id: ServiceID) -> Bool {
    untold[id]?.contains(name) == true
  }

  /// The names of a process that have not been told yet, sorted.
  func untold(of id: ServiceID) -> [InstanceID] { (untold[id] ?? []).sorted() }

  /// Why a process may not start just now, in words; nil if it may.
  func hold(on id: ServiceID) -> String? {
    if let others = below[id] { return Messages.waitsForRestart(others.sorted()) }
    switch kind {
    case .stop: return untold[id] == nil ? nil : Messages.isToBeStopped
    case .restart: return nil
    }
  }

  /// Whether a machine that does not run, or no more, is to be told before its turn: it keeps no
  /// other waiting.
  func tellsEarly(_ name: InstanceID, of id: ServiceID, isUp: Bool) -> Bool {
    switch kind {
    case .stop: !isUp && isUntold(name, of: id)
    case .restart: false
    }
  }

  /// The answer; nil while it is not known of each what became of it.
  var reply: Reply? {
    guard open.isEmpty else { return nil }
    return .results(
      outcomes.sorted { $0.id < $1.id }, message: Messages.ofAll(outcomes, kind.verb))
  }

  // MARK: Steps

  /// A machine is told now, or is not to be told any more.
  mutating func told(_ name: InstanceID, of id: ServiceID) {
    _ = Self.take(name, of: id, from: &untold)
  }

  /// A machine has answered that it was stopped, or that it has a new run, or is waiting for one.
  /// - Parameter isAtRest: whether nothing of it runs, or it is gone.
  mutating func answered(_ name: InstanceID, _ reply: Reply, isAtRest: Bool) -> [Action] {
    guard let id = owners[name] else { return [] }
    let outcome = Reply.Outcome(name, reply)
    var actions: [Action] = []
    // A restart that waits for others to be restarted has only ended yet.
    if !outcome.success || below[id] == nil { actions += close(name, outcome, of: id) }
    if outcome.success || isAtRest { actions += end(name, of: id) }
    return actions
  }

  /// Looks whether a machine that was told has ended, or is gone.
  mutating func lookForEnd(
    of name: InstanceID, of id: ServiceID, _ machine: ProcessMachine?
  ) -> [Action] {
    guard up[id]?.contains(name) == true, !isUntold(name, of: id) else { return [] }
    guard machine?.isAtRest ?? true || isLeftUp(name, of: id, machine) else { return [] }
    return end(name, of: id)
  }

  /// Looks what has come of a machine that has ended, and may start again, or is gone.
  mutating func lookForStart(
    of name: InstanceID, of id: ServiceID, _ machine: ProcessMachine?
  ) -> [Action] {
    switch kind {
    case .stop: return []
    case .restart: break
    }
    guard open[id]?.contains(name) == true, up[id]?.contains(name) != true, below[id] == nil else {
      return []
    }
    guard let machine else { return close(name, Messages.supersededByRemoval(name), of: id) }
    return machine.startOutcome.map { close(name, $0, of: id) } ?? []
  }

  /// A later command says something else of a machine that was not told yet; it has not been told.
  mutating func supersede(
    _ name: InstanceID, of id: ServiceID, _ message: String
  ) -> [Action] {
    close(name, message, of: id)
  }

  /// Whether a stop of all has let go of a machine, because it was started or restarted since: the
  /// others do not wait for an end that may never come.
  private func isLeftUp(
    _ name: InstanceID, of id: ServiceID, _ machine: ProcessMachine?
  ) -> Bool {
    switch kind {
    case .stop: open[id]?.contains(name) != true && machine?.goal == .up
    case .restart: false
    }
  }

  /// A machine has ended: it may be the turn of what its process depends on.
  private mutating func end(_ name: InstanceID, of id: ServiceID) -> [Action] {
    guard Self.take(name, of: id, from: &up) else { return [] }
    return dependencies[id, default: []].filter { other in
      guard above[other] != nil else { return false }
      return Self.take(id, of: other, from: &above)
    }.sorted().map { .tell($0) }
  }

  private mutating func close(
    _ name: InstanceID, _ failure: String, of id: ServiceID
  ) -> [Action] {
    close(name, Reply.Outcome(name, success: false, message: failure), of: id)
  }

  /// It is known what became of a machine: what depends on its process may start.
  private mutating func close(
    _ name: InstanceID, _ outcome: Reply.Outcome, of id: ServiceID
  ) -> [Action] {
    guard open[id]?.contains(name) == true else { return [] }
    outcomes.append(outcome)
    guard Self.take(name, of: id, from: &open) else { return [] }
    return dependents[id, default: []].filter { other in
      guard below[other] != nil else { return false }
      return Self.take(id, of: other, from: &below)
    }.sorted().map { .release($0, open: (open[$0] ?? []).sorted()) }
  }

  /// Takes a member out; tells whether it was the last one of its id.
  private static func take<Member>(
    _ member: Member, of id: ServiceID, from members: inout [ServiceID: Set<Member>]
  ) -> Bool {
    guard members[id]?.remove(member) != nil, members[id]?.isEmpty == true else { return false }
    members[id] = nil
    return true
  }
}
