package import Basics

/// What the daemon is to do, in this order. The supervisor has already changed its own state.
package enum Effect: Hashable, Sendable {
  /// To one run.
  case run(RunID, RunEffect)
  /// To the log of a process or copy.
  case log(InstanceID, LogEffect)
  /// A `SYSTEM` line in the supervisor's own log.
  case logSupervisor(String, level: LogLevel = .info)
  /// Delete the logs of copies that a process has had and has no more.
  case deleteFormerLogs(of: ServiceID)
  /// Close the sockets that are handed over to the runs of a process: none of it is to run.
  case closeSockets(ServiceID)
  /// Fire `timerFired` once after this long.
  case arm(TimerID, after: Duration)
  case disarm(TimerID)
  /// Write these definitions to `processes.json`; answered by `saved` or `saveFailed`.
  case save([ProcessDefinition], SaveID)
  /// To the files of definitions.
  case definitionFiles(DefinitionFilesEffect)
  case reply(Ticket, Reply)
  /// Kill what an earlier supervisor left, instead of waiting until it ends.
  case killLeftovers
  /// Kill all hooks and probes, of whatever run; answered by `helpersEnded`.
  case endHelpers
  /// Shutting down, and no process is left, no hook, no probe and nothing of an earlier supervisor:
  /// flush and exit with this code, which is 0 unless an essential process has ended.
  case finish(exitCode: Int32)
}

/// What the daemon is to do to one run; the answers are cases of `RunEvent`.
package enum RunEffect: Hashable, Sendable {
  /// Execute the hook before the run; answered by `beforeStartEnded`.
  indirect case runBeforeStart(ProcessDefinition)
  /// Start the child. `run` is the 1-based count of runs since the process was added; answered by
  /// `spawned` or `spawnFailed`.
  indirect case spawn(ProcessDefinition, run: Int)
  /// Do not start the child after all, and end the hook before it as a run would be ended. Answered
  /// by `spawnCancelled`; where the child has been started already, `spawned` or `spawnFailed` is
  /// on its way, and where the hook has ended, `beforeStartEnded`: then nothing is to be done.
  case cancelSpawn
  /// Send a signal to everything that belongs to the run: its process group, and what has left
  /// that. After `SIGKILL`, whatever still turns up is killed too. With `thenContinue`, `SIGCONT`
  /// follows: a process that was stopped takes the signal only then.
  case signal(Signal, thenContinue: Bool = false)
  /// Send a signal to the leader alone.
  case signalLeader(Signal)
  /// See which processes of the run have outlived `SIGKILL`; answered by `survivors`.
  case findSurvivors
  /// Begin one probe of the health of the run; answered by `probed`, but not after `cancelProbe`.
  indirect case probe(ProcessDefinition)
  /// Kill the probe that is under way.
  case cancelProbe
  /// See how much memory the run has; answered by `measured`.
  case measure
  /// Read what the output pipes hold at this moment and close them; `outputEnded` follows.
  case closeOutput
  /// Execute the hook after the run, which ended like that; answered by `hookEnded`.
  indirect case runAfterExit(ProcessDefinition, ExitStatus)
  /// Kill the hook after the run; `hookEnded` follows.
  case cancelHook
}

/// What the daemon is to do to the log of a process or copy.
package enum LogEffect: Hashable, Sendable {
  /// Make it ready, before its first line.
  indirect case open(ProcessDefinition)
  /// Write a `SYSTEM` line.
  case write(String)
  /// Its limits are others from now on.
  indirect case limit(ProcessDefinition)
  /// Flush and close it, because the process is forgotten; delete its files if asked to. Answered
  /// by `logClosed`.
  case close(deletesFiles: Bool)
}

/// What the daemon is to do with the files of definitions.
package enum DefinitionFilesEffect: Hashable, Sendable {
  /// Read all of them; answered by `definitionFilesRead`. At most one reading is under way.
  case read
  /// What was read last is being put into effect: from now on `processes.json` holds what it was
  /// found to hold.
  case take
  /// Nothing comes of that after all.
  case giveBack
}
