/// A process that is being removed: its machines end, their logs are closed, and its definition leaves the
/// disk. Its names are taken until then.
struct Removal {
  /// Answered when nothing is left.
  var tickets: [Ticket]
  /// What has not ended yet, or whose log is not closed yet.
  var left: Set<InstanceID>
  /// What could not be ended, and why.
  var stuck: [InstanceID: String] = [:]
  /// Whether a machine of it has been forgotten already.
  var hasBegunToGo = false
  /// The write of `processes.json` that leaves it out; nil once that is done, or was never needed.
  var save: SaveID?
  /// Why that write failed, in words.
  var saveFailure: String?
  /// Whether the file has told so: then it does not hold the definition any more.
  var isAskedByFile = false
  /// Whether a definition of it was on its way to the disk when the removal began.
  var isBeingWritten = false
  /// Whether the log files go too.
  var deletesLog: Bool
  /// Why they could not be deleted, in words.
  var logFailure: String?
  /// How many copies it has; nil for one that has none.
  let instances: Int?

  init(_ ticket: Ticket, names: [InstanceID], instances: Int?, deletesLog: Bool) {
    tickets = [ticket]
    left = Set(names)
    self.instances = instances
    self.deletesLog = deletesLog
  }

  /// Whether nothing of the process is left.
  var isComplete: Bool { save == nil && left.isEmpty }
  /// Whether only what cannot be ended is left.
  var isStuck: Bool { !left.isEmpty && left.allSatisfy { stuck[$0] != nil } }
}
