/// A stop or restart of all in the order of their dependencies: each is told to end when all that depend on it
/// have ended, and starts again when all that it depends on have done so.
struct OrderedCommand {
  let isRestart: Bool
  private(set) var outcomes: [Reply.Outcome] = []
  /// By id, the names that have not been told yet.
  private(set) var untold: [String: Set<String>]
  /// By id, the names that have not ended yet.
  private var up: [String: Set<String>]
  /// By id, the names of which it is not known yet what became of them.
  private(set) var open: [String: Set<String>]
  /// By id, those that depend on it and have not ended yet.
  private var above: [String: Set<String>]
  /// By id, those that it depends on and that have not come to anything yet. Empty for a stop.
  private var below: [String: Set<String>]
  /// By name, the id.
  private let owners: [String: String]
  private let dependents: [String: Set<String>]
  private let dependencies: [String: Set<String>]

  /// - Parameters:
  ///   - members: The names that run for each id.
  ///   - dependencies: What each id depends on; without circles.
  init(isRestart: Bool, members: [String: Set<String>], dependencies: [String: Set<String>]) {
    self.isRestart = isRestart
    self.dependencies = dependencies
    var dependents: [String: Set<String>] = [:]
    for (id, others) in dependencies {
      for other in others { dependents[other, default: []].insert(id) }
    }
    self.dependents = dependents
    var owners: [String: String] = [:]
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
  var isTurn: [String] { untold.keys.filter { above[$0] == nil }.sorted() }

  /// Whether a machine has not been told yet.
  func isUntold(_ name: String, of id: String) -> Bool { untold[id]?.contains(name) == true }

  /// Whether a machine has been told, and has not been seen to end.
  func isToEnd(_ name: String, of id: String) -> Bool {
    up[id]?.contains(name) == true && !isUntold(name, of: id)
  }

  /// Whether a machine has been seen to end and may start again, and it is not known yet what became of that.
  func isToStart(_ name: String, of id: String) -> Bool {
    isRestart && open[id]?.contains(name) == true && up[id]?.contains(name) != true && !isHeld(id)
  }

  /// Whose machine it is.
  func id(of name: String) -> String? { owners[name] }

  /// Whether a process that has ended may not start yet.
  func isHeld(_ id: String) -> Bool { below[id] != nil }

  /// Why a process may not start just now, in words; nil where it may.
  func hold(on id: String) -> String? {
    if let others = below[id] { return Messages.waitsForRestart(others.sorted()) }
    return !isRestart && untold[id] != nil ? Messages.isToBeStopped : nil
  }

  mutating func told(_ name: String, of id: String) { Self.take(name, of: id, from: &untold) }

  /// A machine has ended; returns the ids whose turn it is now.
  mutating func ended(_ name: String, of id: String) -> [String] {
    guard Self.take(name, of: id, from: &up) else { return [] }
    return dependencies[id, default: []].filter { other in
      guard above[other] != nil else { return false }
      return Self.take(id, of: other, from: &above)
    }.sorted()
  }

  /// It is known what became of a machine; returns the ids that may start now.
  mutating func close(_ outcome: Reply.Outcome, of id: String) -> [String] {
    guard open[id]?.contains(outcome.id) == true else { return [] }
    outcomes.append(outcome)
    guard Self.take(outcome.id, of: id, from: &open) else { return [] }
    return dependents[id, default: []].filter { other in
      guard below[other] != nil else { return false }
      return Self.take(id, of: other, from: &below)
    }.sorted()
  }

  /// Takes a name out; tells whether it was the last one of its id.
  @discardableResult
  private static func take(
    _ name: String, of id: String, from names: inout [String: Set<String>]
  ) -> Bool {
    guard names[id]?.remove(name) != nil, names[id]?.isEmpty == true else { return false }
    names[id] = nil
    return true
  }
}
