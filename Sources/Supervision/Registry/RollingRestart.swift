/// A restart of the copies of a process one after the other, each when the one before is ready.
struct RollingRestart {
  let ticket: Ticket
  /// The names that have not been restarted yet, in their order.
  var left: [InstanceID]
  /// The one that is being restarted.
  var current: InstanceID?
  /// Its new run, once that has started.
  var run: RunID?
  var outcomes: [Reply.Outcome] = []
  /// Whether it is of one process without copies.
  let isPlain: Bool

  init(_ ticket: Ticket, names: [InstanceID], isPlain: Bool) {
    self.ticket = ticket
    left = names
    self.isPlain = isPlain
  }
}
