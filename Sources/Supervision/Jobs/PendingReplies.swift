import Basics

/// A question that the supervisor has asked a machine, or itself, for a command that takes several
/// steps. A job is named by the ticket of the command that it does.
enum PendingReply {
  case fanOut(Ticket, InstanceID)
  case order(Ticket, InstanceID)
  case rolling(Ticket, InstanceID)
  case removal(of: ServiceID, InstanceID)
  case reload(Ticket, ServiceID)
}

/// The questions of jobs, and the answers that no job has taken yet.
struct PendingReplies {
  private var pending: [Ticket: PendingReply] = [:]
  private var replies: [(PendingReply, Reply)] = []
  /// How many of the answers have been taken.
  private var taken = 0
  private var latestTicket: UInt64 = 0

  /// Whether no question is open.
  var isEmpty: Bool { pending.isEmpty }

  /// A ticket for a question.
  mutating func ask(_ question: PendingReply) -> Ticket {
    latestTicket += 1
    let ticket = Ticket(Ticket.firstOwn + latestTicket)
    pending[ticket] = question
    return ticket
  }

  /// Keeps an answer for the job that asked, unless the question was dropped.
  mutating func keep(_ reply: Reply, to ticket: Ticket) {
    if let question = pending.removeValue(forKey: ticket) { replies.append((question, reply)) }
  }

  /// Keeps the answers among some effects, and returns the others.
  mutating func take(from effects: [Effect]) -> [Effect] {
    if pending.isEmpty { return effects }
    return effects.filter { effect in
      guard case .reply(let ticket, let reply) = effect, ticket.isOwn else { return true }
      keep(reply, to: ticket)
      return false
    }
  }

  /// A question will have no answer.
  mutating func drop(_ ticket: Ticket) { pending[ticket] = nil }

  /// The next answer, with its question; nil if all are taken.
  mutating func next() -> (PendingReply, Reply)? {
    guard taken < replies.count else { return nil }
    taken += 1
    return replies[taken - 1]
  }

  /// Gives back room: all answers have been taken.
  mutating func giveBackRoom() {
    // A question to each of a thousand leaves room for as many.
    if pending.isEmpty, pending.capacity > 64 { pending = [:] }
    replies.removeAll(keepingCapacity: replies.count < 64)
    taken = 0
  }
}

extension Ticket {
  /// The tickets of the supervisor's own questions have the highest bit set: no client's number
  /// gets there.
  static let firstOwn: UInt64 = 1 << 63

  var isOwn: Bool { number >= Self.firstOwn }
}
