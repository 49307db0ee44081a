import API
import HTTP
import Logs
import Supervision
import UV

extension Daemon {
  /// Gets everything ready in the order that keeps a failed start harmless: no process is started before
  /// the lock is held, the saved processes are read and the port is bound.
  /// Throws `StartError` with one line that says what failed and what to do.
  static func start(
    _ configuration: Configuration, environment: [String: String], version: String
  ) throws(StartError) -> (daemon: Daemon, lock: LockFile) {
    try makeDirectories(configuration)
    let lock = try acquireLock(configuration)
    let key = try ResolvedKey.resolve(configuration.key)
    let definitions = try readProcesses(configuration)
    do throws(UVError) {
      try prepareProcess()
      let loop = try Loop()
      let daemon: Daemon
      do throws(UVError) {
        daemon = try Daemon(
          configuration, on: loop, environment: environment, version: version, key: key.key)
        try daemon.begin(definitions)
      } catch {
        try loop.abandon()
        throw error
      }
      let isTerminal = SystemProcess.isTerminal(1)
      SystemProcess.writeToStandardOutput(
        Banner.text(
          host: configuration.host, port: daemon.port, key: key, showsKey: isTerminal,
          logDirectory: configuration.logDirectory, processesFile: configuration.processesFile))
      return (daemon, lock)
    } catch {
      throw StartError(hint(error))
    }
  }

  /// Brings what this process has inherited into a state that a supervisor can work with.
  private static func prepareProcess() throws(UVError) {
    SystemProcess.unblockSignals()
    SystemProcess.ignoreBrokenPipes()
    do throws(UVError) {
      try SystemProcess.keepDescriptorsFromChildren()
    } catch {
      // Before Linux 5.11 there is no such call: children keep what the supervisor itself was left.
      guard error.name == "EINVAL" || error.name == "ENOSYS" else { throw error }
    }
    _ = try SystemProcess.raiseDescriptorLimit()
    try SystemProcess.becomeSubreaper()
  }

  /// The error, and what to do about the ones that have a common cure.
  private static func hint(_ error: UVError) -> String {
    switch error.name {
    case "EADDRINUSE": "\(error); stop what uses it, or choose another with --port or --socket"
    case "EADDRNOTAVAIL": "\(error); choose an address of this machine with --host"
    case "EACCES" where error.operation == "bind":
      "\(error); ports below 1024 need the capability CAP_NET_BIND_SERVICE: choose another with --port"
    default: "\(error)"
    }
  }

  private static func makeDirectories(_ configuration: Configuration) throws(StartError) {
    let directories = [
      (configuration.configDirectory, "--config-dir"), (configuration.dataDirectory, "--data-dir"),
      (configuration.logDirectory, "--log-dir"),
    ]
    for (path, option) in directories {
      do throws(UVError) {
        try Files.createDirectories(path, mode: 0o750)
      } catch {
        throw StartError("\(error); make it writable or choose another with \(option)")
      }
    }
  }

  private static func acquireLock(
    _ configuration: Configuration
  ) throws(StartError) -> LockFile {
    do throws(LockFile.Failure) {
      return try LockFile.acquire(configuration.lockFile)
    } catch {
      switch error {
      case .heldBy(let pid):
        let holder = pid.map { " (pid \($0))" } ?? ""
        throw StartError(
          "another exeio\(holder) already runs on '\(configuration.dataDirectory)'; stop it, or choose another directory with --data-dir"
        )
      case .system(let error):
        throw StartError("\(error); make it writable or choose another directory with --data-dir")
      }
    }
  }

  /// The saved processes; none where there is no file. A file that cannot be read or parsed stops the
  /// start: going on would lose it at the next save.
  private static func readProcesses(
    _ configuration: Configuration
  ) throws(StartError) -> [ProcessDefinition] {
    let bytes: [UInt8]
    do throws(UVError) {
      bytes = try Files.read(configuration.processesFile, limit: 256 << 20)
    } catch {
      guard error.name == "ENOENT" else { throw StartError("\(error)") }
      return []
    }
    do throws(ProcessesFileError) {
      return try ProcessesFile.parse(bytes, name: configuration.processesFile)
    } catch {
      throw StartError("\(error); mend the file or move it away")
    }
  }

  /// Connects the parts, ends what an earlier supervisor left running, and hands the saved processes over:
  /// they are listed from now on, and start as soon as nothing of an earlier run is left.
  private func begin(_ definitions: [ProcessDefinition]) throws(UVError) {
    server.onRequest = { [unowned self] in handle($2, $1, from: $0) }
    server.onError = { [ownLog] in ownLog.system($0) }
    timers.onFired = { [unowned self] in send(.timerFired($0)) }
    for signal: Signal in [.terminate, .interrupt] {
      signalWatchers.append(
        try SignalWatcher(on: loop, signal: signal.number) { [unowned self] in stopSignalled(signal)
        })
    }
    signalWatchers.append(
      try SignalWatcher(on: loop, signal: Signal.hangUp.number) { [unowned self] in reopenLogs() })
    ownLog.system("exeio process supervisor started")
    try endLeftovers()
    send(.load(definitions))
  }

  private func endLeftovers() throws(UVError) {
    let path = configuration.runStateFile
    let bootID = SystemProcess.bootID ?? "unknown"
    var old: [UInt8] = []
    do throws(UVError) {
      old = try Files.read(path, limit: 64 << 20)
    } catch {
      guard error.name == "ENOENT" else { throw error }
    }
    let runs = Array(RunState(old, bootID: bootID).runs.values)
    let journal = try RunStateJournal(path: path, bootID: bootID, keeping: runs) { [ownLog] error in
      ownLog.system("The run state is not written: \(error)")
    }
    self.journal = journal
    guard !runs.isEmpty else { return }
    spawnQueue.hold()
    _ = try Leftovers(runs, on: loop) { [ownLog] run, isGone in
      if isGone { journal.ended(pid: run.pid) }
      ownLog.system(
        isGone
          ? "Ended process '\(run.process)' (PID: \(run.pid)), left running by an earlier supervisor"
          : "Process '\(run.process)' (PID: \(run.pid)) of an earlier supervisor is still there after SIGKILL"
      )
    } onDone: { [spawnQueue] in
      spawnQueue.release()
    }
  }

  private func reopenLogs() {
    ownLog.reopen()
    for log in logs.values { log.reopen() }
    ownLog.system("Log files reopened (SIGHUP)")
  }

  private func stopSignalled(_ signal: Signal) {
    stopSignalCount += 1
    if stopSignalCount == 1 {
      ownLog.system("Shutting down (\(signal.name))")
      send(.shutdownRequested)
    } else {
      ownLog.system("Killing what is left (\(signal.name) again)")
      send(.killRequested)
    }
  }
}
