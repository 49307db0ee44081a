/// What can happen to the supervisor. Each comes in by the one door, with the moment it happened.
package enum Event: Hashable, Sendable {
  /// The saved processes of the last time, at start-up.
  case load([ProcessDefinition])
  /// A client asks; the answer goes out as `Effect.reply` with this ticket.
  case command(Command, Ticket)
  /// `processes.json` is durably on disk.
  case saved(SaveID)
  /// `processes.json` could not be written; the old one stands. In words.
  case saveFailed(SaveID, reason: String)
  /// The child of a run is executing its command.
  case spawned(RunID, pid: Int32)
  /// No child came to be; says at which step and why.
  case spawnFailed(RunID, reason: String)
  /// A spawn that was taken back with `Effect.cancelSpawn` had not begun, and never will.
  case spawnCancelled(RunID)
  /// The leader has ended and has been reaped. `groupRemains` tells whether others of its process
  /// group are still there: if so, `groupGone` follows; if not, the group is gone already and no
  /// `groupGone` follows.
  case exited(RunID, ExitStatus, groupRemains: Bool)
  /// The log of a process that was removed is closed, and its files are deleted if that was asked for;
  /// `failure` says why they are not, in words.
  case logClosed(process: String, failure: String?)
  /// No member of the run's process group is left. Comes once, after an `exited` whose
  /// `groupRemains` was true.
  case groupGone(RunID)
  /// Both output pipes have ended and all of it is in the log's hands. Comes before or after
  /// `exited`.
  case outputEnded(RunID)
  case timerFired(TimerID)
  /// `SIGTERM` or `SIGINT`: everything is to end in order.
  case shutdownRequested
  /// A second one: what is left is killed at once.
  case killRequested
}
