/// What the registry has asked a machine, or itself, on behalf of a command that takes several steps. A job is named by
/// the ticket of the command that it does.
enum PendingReply {
  case fanOut(Ticket, InstanceID)
  case order(Ticket, InstanceID)
  case rolling(Ticket, InstanceID)
  case removal(of: ServiceID, InstanceID)
  case reload(Ticket, ServiceID)
}

extension Ticket {
  /// The tickets of the registry's own questions have the highest bit set: no client's number gets there.
  static let firstOwn: UInt64 = 1 << 63

  var isOwn: Bool { number >= Self.firstOwn }
}
