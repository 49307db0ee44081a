/// What can happen to the supervisor. Each comes in by the one door, with the moment it happened.
package enum Event: Hashable, Sendable {
  /// The saved processes of the last time, at start-up.
  case load([ConfiguredDefinition])
  /// The local time of the machine: at start-up, before anything is loaded, and whenever it is read again.
  case zoneRead(TimeZoneOffsets)
  /// A client asks; the answer goes out as `Effect.reply` with this ticket.
  case command(Command, Ticket)
  /// `processes.json` is durably on disk.
  case saved(SaveID)
  /// `processes.json` could not be written; the old one stands. In words; `isConflict`: because another hand has
  /// changed it.
  case saveFailed(SaveID, reason: String, isConflict: Bool = false)
  /// A write of `processes.json` that failed is to be tried again, if it is still missed.
  case saveDue
  /// The child of a run is executing its command.
  case spawned(RunID, pid: Int32)
  /// No child came to be; says at which step and why.
  case spawnFailed(RunID, reason: String)
  /// A spawn that was taken back with `Effect.cancelSpawn` had not begun, and never will.
  case spawnCancelled(RunID)
  /// The leader has ended and has been reaped. `groupRemains` tells whether other processes of the run
  /// are still there, wherever they have gone: if so, `groupGone` follows; if not, all are gone already
  /// and no `groupGone` follows. `oomKills` counts the processes of the run that the kernel has killed
  /// because memory ran out.
  case exited(RunID, ExitStatus, groupRemains: Bool, oomKills: Int = 0)
  /// The kernel has killed processes of a run because memory ran out, so many since it began, and the
  /// leader is still alive.
  case outOfMemory(RunID, oomKills: Int)
  /// The log of a process that was removed is closed, and its files are deleted if that was asked for;
  /// `failure` says why they are not, in words.
  case logClosed(process: InstanceID, failure: String?)
  /// No process of the run is left. Comes once, after an `exited` whose `groupRemains` was true.
  case groupGone(RunID)
  /// The answer to `findSurvivors`: these processes of the run are still there.
  case survivors(RunID, [Survivor])
  /// Both output pipes have ended and all of it is in the log's hands. Comes before or after
  /// `exited`. `lastErrorLine` is the last line of standard error, in short; nil where there was none.
  case outputEnded(RunID, lastErrorLine: String? = nil)
  case timerFired(TimerID)
  /// A process of the run has told something of it.
  case notified(RunID, Notification)
  /// The answer to `probe`: why the probe failed, in words; nil where it did not.
  case probed(RunID, failure: String?)
  /// The answer to `measure`: the resident memory of all processes of the run; nil where it is not known.
  case measured(RunID, residentBytes: Int?)
  /// The hook after a run has ended, well or not, and nothing of it is left.
  case hookEnded(RunID)
  /// `SIGTERM` or `SIGINT`: everything is to end in order.
  case shutdownRequested
  /// A second one: what is left is killed at once.
  case killRequested
}
