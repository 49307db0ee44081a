/// A reload that is under way: what the files say is being brought about.
struct Reload {
  let ticket: Ticket
  let changes: Reply.Changes
  /// The ids of those that are to go, and whose end has not been asked for yet: what depends on them goes first.
  var toRemove: Set<ServiceID>
  /// The ids of those whose removal is under way.
  var removing: Set<ServiceID> = []
  /// How many answers are still to come.
  var waiting: Int
  /// What did not go well, in words.
  var troubles: [String] = []

  init(_ ticket: Ticket, _ changes: Reply.Changes) {
    self.ticket = ticket
    self.changes = changes
    toRemove = Set(changes.removed.map { ServiceID($0) })
    waiting = changes.added.count + changes.updated.count + changes.removed.count
  }
}
