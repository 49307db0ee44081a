/// A process that is gone, whose log is being closed and whose definition is to leave the disk. Its id is
/// still taken: a new process of that name would share both.
struct Removal {
  /// Answered when nothing is left.
  var tickets: [Ticket]
  /// The write of `processes.json` that leaves it out; nil once that is done, or was never needed.
  var save: SaveID?
  /// Why that write failed, in words.
  var saveFailure: String?
  var isLogOpen = true
  /// Whether the log files go too.
  let deletesLog: Bool
  /// Why they could not be deleted, in words.
  var logFailure: String?

  init(tickets: [Ticket], deletesLog: Bool, save: SaveID?) {
    self.tickets = tickets
    self.deletesLog = deletesLog
    self.save = save
  }

  /// Whether nothing of the process is left.
  var isComplete: Bool { save == nil && !isLogOpen }
}
