/// What the daemon is to do, in this order. The supervisor has already changed its own state.
package enum Effect: Hashable, Sendable {
  /// Make the log of a process ready, before its first line.
  indirect case openLog(ProcessDefinition)
  /// Flush and close the log of a process that is forgotten; delete its files if asked to. Answered by
  /// `logClosed`.
  case closeLog(process: InstanceID, deletesFiles: Bool)
  /// Start a child. `run` is the 1-based count of runs since the process was added; answered by
  /// `spawned` or `spawnFailed`.
  indirect case spawn(RunID, ProcessDefinition, run: Int)
  /// Do not start the child of a run after all. Answered by `spawnCancelled`; where it has been started
  /// already, `spawned` or `spawnFailed` is on its way, and nothing is to be done.
  case cancelSpawn(RunID)
  /// Send a signal to everything that belongs to a run: its process group, and what has left that. After
  /// `SIGKILL`, whatever still turns up is killed too. With `thenContinue`, `SIGCONT` follows: a process that was
  /// stopped takes the signal only then.
  case signal(RunID, Signal, thenContinue: Bool = false)
  /// See who of a run has outlived `SIGKILL`; answered by `survivors`.
  case findSurvivors(RunID)
  /// Send a signal to the leader of a run alone.
  case signalLeader(RunID, Signal)
  /// Begin one probe of the health of a run; answered by `probed`, but not after `cancelProbe`.
  indirect case probe(RunID, ProcessDefinition)
  /// Kill the probe of a run that is under way.
  case cancelProbe(RunID)
  /// See how much memory a run has; answered by `measured`.
  case measure(RunID)
  /// Execute the hook after a run, which ended like that; answered by `hookEnded`.
  indirect case runAfterExit(RunID, ProcessDefinition, ExitStatus)
  /// Kill the hook after a run; `hookEnded` follows.
  case cancelHook(RunID)
  /// The limits of the log of a process are others from now on.
  indirect case limitLog(ProcessDefinition)
  /// Close the sockets that are handed over to the runs of a process: none of it is to run.
  case closeSockets(ServiceID)
  /// Read what the output pipes hold at this moment and close them; `outputEnded` follows.
  case closeOutput(RunID)
  /// Fire `timerFired` once after this long.
  case arm(TimerID, after: Duration)
  case disarm(TimerID)
  /// Write these definitions to `processes.json`; answered by `saved` or `saveFailed`.
  case save([ProcessDefinition], SaveID)
  /// A `SYSTEM` line in the log of a process.
  case log(process: InstanceID, String)
  /// A `SYSTEM` line in the supervisor's own log.
  case logSupervisor(String, level: LogLevel = .info)
  case reply(Ticket, Reply)
  /// Shutting down, and no process is left: flush and exit with this code, which is 0 unless an essential
  /// process has ended.
  case finish(exitCode: Int32)
}
