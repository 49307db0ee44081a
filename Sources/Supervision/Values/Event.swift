package import Basics

/// What can happen to the supervisor. Each comes in by the one door, with the moment it happened.
package enum Event: Hashable, Sendable {
  /// The saved processes of the last time, at start-up.
  case load([ConfiguredDefinition])
  /// The local time of the machine: at start-up, before anything is loaded, and whenever it is read
  /// again.
  case zoneRead(TimeZoneOffsets)
  /// A client asks; the answer goes out as `Effect.reply` with this ticket.
  case command(Command, Ticket)
  /// `processes.json` is durably on disk.
  case saved(SaveID)
  /// `processes.json` could not be written; the old one stands. In words; `isConflict`: because
  /// another hand has changed it.
  case saveFailed(SaveID, reason: String, isConflict: Bool = false)
  /// Something has happened to a run.
  case run(RunID, RunEvent)
  case timerFired(TimerID)
  /// The answer to `DefinitionFilesEffect.read`.
  case definitionFilesRead(DefinitionFilesReading)
  /// The log of a process that was removed is closed, and its files are deleted if that was asked
  /// for; `failure` says why they are not, in words.
  case logClosed(InstanceID, failure: String?)
  /// Something that an earlier supervisor left is still running, and is being ended.
  case leftoversFound
  /// Nothing of that is waited for any more.
  case leftoversEnded
  /// The answer to `endHelpers`: no hook and no probe is executed any more.
  case helpersEnded
  /// `SIGTERM` or `SIGINT`: everything is to end in order.
  case shutdownRequested
  /// A second one: what is left is killed at once.
  case killRequested
}

/// What can happen to one run. What comes after the run is over does nothing.
package enum RunEvent: Hashable, Sendable {
  /// The answer to `runBeforeStart`: why the hook before the run failed, in words; nil if it did
  /// not. Nothing of the hook is left.
  case beforeStartEnded(failure: String?)
  /// The child is executing its command.
  case spawned(pid: Int32)
  /// No child came to be; says at which step and why.
  case spawnFailed(reason: String)
  /// A hook before the run, or a spawn, that was taken back with `RunEffect.cancelSpawn` has ended,
  /// or had not begun and never will.
  case spawnCancelled
  /// The leader has ended and has been reaped. `groupRemains` tells whether other processes of the
  /// run are still there, wherever they have gone: if so, `groupGone` follows; if not, all are gone
  /// already and no `groupGone` follows. `oomKills` counts the processes of the run that the kernel
  /// has killed because memory ran out.
  case exited(ExitStatus, groupRemains: Bool, oomKills: Int = 0)
  /// The kernel has killed processes of the run because memory ran out, so many since it began, and
  /// the leader is still alive.
  case outOfMemory(oomKills: Int)
  /// No process of the run is left. Comes once, after an `exited` whose `groupRemains` was true.
  case groupGone
  /// The answer to `findSurvivors`: these processes of the run are still there.
  case survivors([Survivor])
  /// Both output pipes have ended and all of it is in the log's hands. Comes before or after
  /// `exited`. `lastErrorLine` is the last line of standard error, in short; nil if there was
  /// none.
  case outputEnded(lastErrorLine: String? = nil)
  /// A process of the run has told something of it.
  case notified(Notification)
  /// The answer to `probe`.
  case probed(ProbeResult)
  /// The answer to `measure`: the resident memory of all processes of the run; nil if it is not
  /// known.
  case measured(residentBytes: Int?)
  /// The hook after the run has ended, well or not, and nothing of it is left.
  case hookEnded
}
