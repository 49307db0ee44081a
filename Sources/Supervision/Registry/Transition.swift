/// A definition that is taking effect: some of what ran is being ended for good, some is started, some starts
/// anew. Whoever asked is answered when that is done.
struct Transition {
  let ticket: Ticket
  let kind: Kind
  /// The names of what has to end, and whose logs have to be closed.
  var leaving: Set<InstanceID>
  /// The names of what has been started, or is to start anew, and has not come to anything yet.
  var starting: Set<InstanceID>
  /// What became of those that were to start.
  var outcomes: [Reply.Outcome] = []
  /// What could not be ended, and why.
  var stuck: [InstanceID: String] = [:]

  /// What was asked for; the answer is worded by it.
  enum Kind {
    case update
    case scaling(from: Int?, to: Int)
  }

  init(_ kind: Kind, _ ticket: Ticket, leaving: Set<InstanceID>, starting: Set<InstanceID>) {
    self.kind = kind
    self.ticket = ticket
    self.leaving = leaving
    self.starting = starting
  }

  var isComplete: Bool { starting.isEmpty && leaving.allSatisfy { stuck[$0] != nil } }
}
