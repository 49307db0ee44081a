/// What the registry has asked a machine, or itself, on behalf of a command that takes several steps.
struct PendingReply {
  let requester: Requester
  /// Who is asked: the name of a machine, or an id.
  let name: String

  /// Who gets the answer. A job is named by the ticket of the command that it does.
  enum Requester {
    case fanOut(Ticket)
    case order(Ticket)
    case rolling(Ticket)
    case removal(id: String)
    case reload(Ticket)
  }
}

extension Ticket {
  /// The tickets of the registry's own questions have the highest bit set: no client's number gets there.
  static let firstOwn: UInt64 = 1 << 63

  var isOwn: Bool { number >= Self.firstOwn }
}
