/// A stop or restart of all in the order of their dependencies: each is told to end when all that depend on it
/// have ended, and starts again when all that it depends on have done so.
struct OrderedCommand {
  let isRestart: Bool
  private(set) var outcomes: [Reply.Outcome] = []
  /// By id, the names that have not been told yet.
  private(set) var untold: [ServiceID: Set<InstanceID>]
  /// By id, the names that have not ended yet.
  private var up: [ServiceID: Set<InstanceID>]
  /// By id, the names of which it is not known yet what became of them.
  private(set) var open: [ServiceID: Set<InstanceID>]
  /// By id, those that depend on it and have not ended yet.
  private var above: [ServiceID: Set<ServiceID>]
  /// By id, those that it depends on and that have not come to anything yet. Empty for a stop.
  private var below: [ServiceID: Set<ServiceID>]
  /// By name, the id.
  private let owners: [InstanceID: ServiceID]
  private let dependents: [ServiceID: Set<ServiceID>]
  private let dependencies: [ServiceID: Set<ServiceID>]

  /// - Parameters:
  ///   - members: The names that run for each id.
  ///   - dependencies: What each id depends on; without circles.
  init(
    isRestart: Bool, members: [ServiceID: Set<InstanceID>],
    dependencies: [ServiceID: Set<ServiceID>]
  ) {
    self.isRestart = isRestart
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
    below = isRestart ? dependencies : [:]
  }

  var isComplete: Bool { open.isEmpty }

  /// The ids whose turn it is to be told.
  var isTurn: [ServiceID] { untold.keys.filter { above[$0] == nil }.sorted() }

  /// Whether a machine has not been told yet.
  func isUntold(_ name: InstanceID, of id: ServiceID) -> Bool { untold[id]?.contains(name) == true }

  /// Whether a machine has been told, and has not been seen to end.
  func isToEnd(_ name: InstanceID, of id: ServiceID) -> Bool {
    up[id]?.contains(name) == true && !isUntold(name, of: id)
  }

  /// Whether a machine has been seen to end and may start again, and it is not known yet what became of that.
  func isToStart(_ name: InstanceID, of id: ServiceID) -> Bool {
    isRestart && open[id]?.contains(name) == true && up[id]?.contains(name) != true && !isHeld(id)
  }

  /// Whose machine it is.
  func id(of name: InstanceID) -> ServiceID? { owners[name] }

  /// Whether a process that has ended may not start yet.
  func isHeld(_ id: ServiceID) -> Bool { below[id] != nil }

  /// Why a process may not start just now, in words; nil where it may.
  func hold(on id: ServiceID) -> String? {
    if let others = below[id] { return Messages.waitsForRestart(others.sorted()) }
    return !isRestart && untold[id] != nil ? Messages.isToBeStopped : nil
  }

  mutating func told(_ name: InstanceID, of id: ServiceID) {
    Self.take(name, of: id, from: &untold)
  }

  /// A machine has ended; returns the ids whose turn it is now.
  mutating func ended(_ name: InstanceID, of id: ServiceID) -> [ServiceID] {
    guard Self.take(name, of: id, from: &up) else { return [] }
    return dependencies[id, default: []].filter { other in
      guard above[other] != nil else { return false }
      return Self.take(id, of: other, from: &above)
    }.sorted()
  }

  /// It is known what became of a machine; returns the ids that may start now.
  mutating func close(_ outcome: Reply.Outcome, of id: ServiceID) -> [ServiceID] {
    let name = InstanceID(outcome.id)
    guard open[id]?.contains(name) == true else { return [] }
    outcomes.append(outcome)
    guard Self.take(name, of: id, from: &open) else { return [] }
    return dependents[id, default: []].filter { other in
      guard below[other] != nil else { return false }
      return Self.take(id, of: other, from: &below)
    }.sorted()
  }

  /// Takes a name out; tells whether it was the last one of its id.
  @discardableResult
  private static func take<Member>(
    _ name: Member, of id: ServiceID, from names: inout [ServiceID: Set<Member>]
  ) -> Bool {
    guard names[id]?.remove(name) != nil, names[id]?.isEmpty == true else { return false }
    names[id] = nil
    return true
  }
}
