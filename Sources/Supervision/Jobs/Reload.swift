import Basics

/// A reload that is under way: what the files say is being brought about.
struct Reload {
  let ticket: Ticket
  private let changes: Reply.Changes
  /// The ids of those that are to go, and whose end has not been asked for yet: what depends on
  /// them goes first.
  private var toRemove: Set<ServiceID>
  /// The ids of those whose removal is under way.
  private var removing: Set<ServiceID> = []
  /// How many answers are still to come.
  private var waiting: Int
  /// What did not go well, in words.
  private var troubles: [String] = []

  init(_ ticket: Ticket, _ changes: Reply.Changes) {
    self.ticket = ticket
    self.changes = changes
    toRemove = Set(changes.removed.map { ServiceID($0) })
    waiting = changes.added.count + changes.updated.count + changes.removed.count
  }

  /// Whether a process is to go, and its end has not been asked for yet.
  func isToRemove(_ id: ServiceID) -> Bool { toRemove.contains(id) }

  /// The ids of those that can be removed now: nothing that depends on them is still there.
  /// - Parameter dependents: which processes depend on one.
  func removable(_ dependents: [ServiceID: Set<ServiceID>]) -> [ServiceID] {
    let going = toRemove.union(removing)
    let next = toRemove.filter { id in
      (dependents[id] ?? []).allSatisfy { $0 == id || !going.contains($0) }
    }
    // In a circle, which was found when it was loaded, nothing runs: the order does not matter.
    return (next.isEmpty && removing.isEmpty ? toRemove : next).sorted()
  }

  /// The end of a process is asked for now.
  mutating func removes(_ id: ServiceID) {
    toRemove.remove(id)
    removing.insert(id)
  }

  /// A part of it is done; `trouble` says what did not go well.
  mutating func answered(_ id: ServiceID, trouble: String?) {
    waiting -= 1
    removing.remove(id)
    if let trouble { troubles.append(trouble) }
  }

  /// The answer; nil while a part of it is open.
  var reply: Reply? {
    guard waiting == 0 else { return nil }
    let message = Messages.reloaded(changes, isDryRun: false, troubles: troubles)
    return .reloaded(changes, message: message)
  }
}
