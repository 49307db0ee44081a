import API
import HTTP
import Logs
import Supervision
import UV

extension Daemon {
  /// How many descriptors a start takes at the most, some of them for a moment.
  static let descriptorsForAStart = 10
  /// How many descriptors are kept back from connections: for 16 starts.
  private static let descriptorsForRestarts = 16 * descriptorsForAStart

  /// How many descriptors there is room for from the start, which takes 8 bytes of the kernel for each: those of 3,000
  /// processes.
  private static let descriptorRoom = 16 << 10

  /// Gets everything ready in the order that keeps a failed start harmless: no process is started before
  /// the lock is held, the saved processes are read and the port is bound.
  /// Throws `StartError` with one line that says what failed and what to do.
  static func start(
    _ configuration: Configuration, environment: [String: String], version: String
  ) throws(StartError) -> (daemon: Daemon, locks: Locks) {
    var configuration = configuration
    // Before anything else is opened, which could be taken for one of them.
    let service = try ServiceEnvironment(environment, pid: SystemProcess.ownPID)
    let handed = try service.takeSockets()
    let wait: StartWait
    let loop: Loop
    do throws(UVError) {
      try prepareProcess()
      // Connections must not take the descriptors that restarts need.
      let limit = try SystemProcess.raiseDescriptorLimit().soft
      configuration.maxConnections = min(
        configuration.maxConnections, max(8, Int(clamping: limit) / 2))
      configuration.firstReservedDescriptor =
        Int(clamping: limit) - min(Self.descriptorsForRestarts, Int(clamping: limit) / 4)
      try SystemProcess.checkFreeDescriptors(Self.descriptorsOfStart)
      loop = try Loop()
    } catch {
      throw StartError(error, socketPath: configuration.socketPath)
    }
    do throws(StartError) {
      do throws(UVError) {
        // Before any file is open: a copy of one that it has to close could hang with its file system.
        try loop.startForkServer()
        SystemProcess.makeRoomForDescriptors(Self.descriptorRoom)
        wait = try StartWait(environment: environment)
      } catch {
        throw StartError(error, socketPath: configuration.socketPath)
      }
      return try start(
        configuration, environment: environment, version: version, on: loop, wait, service, handed)
    } catch {
      do throws(UVError) {
        try loop.abandon()
      } catch {
        preconditionFailure("the loop of a start cannot be closed: \(error)")
      }
      throw error
    }
  }

  private static func start(
    _ configuration: Configuration, environment: [String: String], version: String, on loop: Loop,
    _ wait: StartWait, _ service: ServiceEnvironment, _ handed: [HandedSocket]
  ) throws(StartError) -> (daemon: Daemon, locks: Locks) {
    let files: FilesOfStart
    let predecessors: Predecessors
    do {
      defer { wait.close() }
      files = try openFiles(configuration, wait)
      predecessors = try findPredecessors(
        configuration, files.place, files.survey.definitions, wait)
    }
    let cgroups = try setUpCgroups(configuration.cgroup, forkServer: loop.forkServerPID)
    do throws(UVError) {
      try WorkerPool.start(on: loop)
      try checkSupervisorLog(configuration, on: loop)
      let daemon = try Daemon(
        configuration, on: loop, environment: environment, version: version, key: files.key.key,
        namedKeys: files.namedKeys, service: service, handed: handed, cgroups: cgroups.tree,
        predecessors: predecessors, runState: files.runState)
      daemon.begin(files.survey, cgroups, key: files.key, handed: handed)
      daemon.writeLater(files.key, files.locks)
      let isTerminal = SystemProcess.isTerminal(1)
      SystemProcess.writeToStandardOutput(
        Banner.text(
          address: daemon.address, key: files.key, showsKey: isTerminal,
          logDirectory: configuration.logDirectory, processesFile: configuration.processesFile))
      daemon.serviceManager?.ready()
      return (daemon, files.locks)
    } catch {
      throw StartError(error, socketPath: configuration.socketPath)
    }
  }

  /// How long a start waits to learn whether its log can be written to.
  private static let supervisorLogPatience: Duration = .seconds(2)

  /// Makes the log directory where it is missing, and refuses the start where `exeio.log` cannot be a log. A disk that takes
  /// nothing now, or does not answer, is no reason.
  private static func checkSupervisorLog(
    _ configuration: Configuration, on loop: Loop
  ) throws(UVError) {
    let path = configuration.logFile("exeio")
    var result: UVError??
    Log.check(path, on: loop) { result = .some($0) }
    try loop.run(upTo: supervisorLogPatience) { result != nil }
    guard case .some(.some(var error)) = result, !error.isOfFullDisk else { return }
    if error.subject != path {
      error.detail =
        "\(error.reason); make it writable or choose another with --\(OptionName.logDirectory.rawValue)"
    }
    throw error
  }

  /// What a start has read, and holds.
  private struct FilesOfStart {
    let locks: Locks
    let key: ResolvedKey
    let namedKeys: NamedKeysFile
    let survey: DefinitionFiles.Survey
    let place: DataPlace
    let runState: (bytes: [UInt8], warning: String?)
  }

  /// What is in the configuration directory.
  private struct ConfigurationState: Sendable {
    let lock: LockFile?
    let key: ResolvedKey
    let keys: NamedKeysFile.Found
    let survey: DefinitionFiles.Survey
  }

  /// How long a data directory is waited for. Without it processes run all the same: what an earlier daemon left is
  /// found by its marks, another daemon by the files that it has open.
  private static let dataPatience: Duration = .seconds(6)

  /// Takes the locks and reads the files. Without the configuration nobody knows what is to run, so it is waited for.
  private static func openFiles(
    _ configuration: Configuration, _ wait: StartWait
  ) throws(StartError) -> FilesOfStart {
    let (data, config) = (configuration.dataDirectory, configuration.configDirectory)
    func lane(_ directory: String) -> PoolLane { .ownFiles(directory: directory) }
    _ = try waited(
      wait.run("the configuration directory '\(config.readable)'", lane(config)) {
        Self.result { () throws(StartError) in try makeDirectory(config, .configDirectory) }
      })
    // One directory for both is waited for as that of the configuration is: a lock is taken of it once.
    let isShared = Files.absolute(data) == Files.absolute(config)
    let resolved = Awaited<String>()
    let opened = wait.run(
      "the data directory '\(data.readable)'", lane(data), within: isShared ? nil : dataPatience
    ) {
      // The links on the way to it are on other file systems perhaps, and can be told where it does not answer itself.
      resolved.set(Files.resolvingLinks(data))
      return Self.result { () throws(StartError) in try openDataDirectory(configuration) }
    }
    let state = try opened.value?.get()
    let own = try waited(
      wait.run("the configuration directory '\(config.readable)'", lane(config)) {
        Self.result { () throws(StartError) in try readConfiguration(configuration, beside: state) }
      })
    let namedKeys = NamedKeysFile(configuration.keysFile)
    namedKeys.take(own.keys)
    return FilesOfStart(
      locks: Locks(
        (state?.locks ?? []) + (own.lock.map { [$0] } ?? []), missing: state?.missing,
        late: state == nil ? opened : nil),
      key: own.key, namedKeys: namedKeys, survey: own.survey,
      place: state?.place ?? DataPlace(unanswered: resolved.value ?? data),
      runState: state?.runState
        ?? (
          [],
          "The run state cannot be read, because its file system does not answer; what an earlier supervisor left running is found by its marks"
        ))
  }

  private static func readConfiguration(
    _ configuration: Configuration, beside data: DataState?
  ) throws(StartError) -> ConfigurationState {
    let lock = try lockConfiguration(configuration, beside: data)
    let key = try ResolvedKey.resolve(configuration.key)
    let keys = try NamedKeysFile.readAtStart(configuration.keysFile)
    return ConfigurationState(
      lock: lock, key: key, keys: keys, survey: try readProcesses(configuration))
  }

  private static func result<Value: Sendable>(
    _ body: () throws(StartError) -> Value
  ) -> Result<Value, StartError> {
    do throws(StartError) {
      return .success(try body())
    } catch {
      return .failure(error)
    }
  }

  /// The value of something that was waited for without a limit.
  static func waited<Value, Failure>(
    _ awaited: Awaited<Result<Value, Failure>>
  ) throws(Failure) -> Value {
    guard let result = awaited.value else { preconditionFailure("it was not waited for") }
    return try result.get()
  }

  /// What the loop and the daemon itself take: libuv aborts the process where it finds none for its signals.
  private static let descriptorsOfStart = 32

  /// Brings what this process has inherited into a state that a supervisor can work with.
  private static func prepareProcess() throws(UVError) {
    SystemProcess.keepFreeHeap()
    SystemProcess.unblockSignals()
    SystemProcess.ignoreBrokenPipes()
    SystemProcess.ignoreUnhandledSignals()
    do throws(UVError) {
      try SystemProcess.keepDescriptorsFromChildren()
    } catch {
      // Before Linux 5.11 there is no such call: children keep what the supervisor itself was left.
      guard error.code == .invalidArgument || error.code == .noFunction else { throw error }
    }
    try SystemProcess.becomeSubreaper()
  }

  static func makeDirectory(
    _ path: String, _ option: OptionName
  ) throws(StartError) {
    do throws(UVError) {
      try Files.createDirectories(path, mode: 0o750)
    } catch {
      throw StartError(
        "\(error); make it writable or choose another with --\(option.rawValue)",
        errorNumber: error.number)
    }
  }

  /// The processes of the files. A `processes.json` that cannot be read or parsed stops the start: going on would lose
  /// what it holds at the next save. A fragment, which the daemon never writes, is left out and named.
  private static func readProcesses(
    _ configuration: Configuration
  ) throws(StartError) -> DefinitionFiles.Survey {
    let survey = DefinitionFiles(configuration).survey()
    if let refusal = survey.refusals.first {
      throw StartError("\(refusal)", errorNumber: refusal.errorNumber)
    }
    return survey
  }

  func watchSignals() throws(UVError) {
    // Whoever runs this as the first process of a container may stop it with any of these.
    for signal: Signal in [.terminate, .interrupt, .quit, .powerFailure] {
      try watch(signal) { [unowned self] in stopSignalled(signal) }
    }
    try watch(.hangUp) { [unowned self] in hangUp() }
    try watch(.user1) { [unowned self] in reopenLogs(because: .user1) }
  }

  private func watch(_ signal: Signal, _ body: @escaping () -> Void) throws(UVError) {
    signalWatchers.append(try SignalWatcher(on: loop, signal: signal.number, body))
  }

  /// Connects the parts and hands the saved processes over: they are listed from now on, and start as soon
  /// as nothing of an earlier run is left.
  private func begin(
    _ survey: DefinitionFiles.Survey, _ cgroups: CgroupSetup, key: ResolvedKey,
    handed: [HandedSocket]
  ) {
    server.onRequest = { [unowned self] in handle($2, $1, from: $0) }
    server.judge = { [unowned self] in refuse(header: $1, from: $0) }
    server.onReleased = { [heapTrimmer] in heapTrimmer.noteRelease(bytes: $0) }
    server.hasWaitingReaders = { [logContext] in logContext.hasWaitingReaders }
    server.answers.onRoomForPages = { [unowned self] in logContext.resumeReading() }
    logContext.hasRoomForPages = { [answers = server.answers] in answers.hasRoomForPages }
    server.onError = { [supervisorLog] in supervisorLog.error($0) }
    server.onRefused = { [unowned self] in refused(peer: $0, $1, $2) }
    server.limitAlarms.onChange = { [unowned self] in show($0, isReached: $1) }
    supervisorLog.log.onLoss = { [unowned self] in warnOfOwnLoss(because: $0) }
    showProblems(of: supervisorLog.log, named: "exeio.log", subject: "exeio")
    timers.onFired = { [unowned self] in send(.timerFired($0)) }
    supervisorLog.info("exeio process supervisor started")
    router.limitControllers = cgroups.limitControllers
    supervisorLog.write(cgroups.level, cgroups.message)
    if key.isNew, key.unwritten == nil {
      supervisorLog.warning("There was no API key; made one in '\(key.origin)'")
    }
    if !handed.isEmpty {
      supervisorLog.info(
        "Sockets were handed over (LISTEN_FDS=\(handed.count)): host and port are theirs")
      for origin in configuration.addressOrigins {
        warn(
          "\(origin) is not used: the sockets were handed over by the service manager; set ListenStream= in the socket unit instead, or disable that unit"
        )
      }
    }
    for warning in configuration.warnings { warn(warning) }
    if let warning = Exposure.warning(of: server.addresses) {
      warn(warning)
    }
    followLocalTime()
    processesFile.note(survey.savedBytes)
    hadFragments = survey.fragmentCount > 0
    note(survey)
    if !supervisorLog.isInJournal {
      for mistake in survey.leftOut {
        SystemProcess.writeToStandardError(
          "exeio: warning: '\(mistake.file.readable)' is left out: \(mistake.message)\n")
      }
      for warning in survey.warnings {
        SystemProcess.writeToStandardError("exeio: warning: \(warning.message)\n")
      }
    }
    send(.load(survey.definitions))
    // What the start has taken and needs no more.
    heapTrimmer.noteRelease()
  }

  /// Writes a warning to exeio.log, and to standard error for the person who starts the daemon.
  private func warn(_ warning: String) {
    supervisorLog.warning(warning)
    if !supervisorLog.isInJournal {
      SystemProcess.writeToStandardError("exeio: warning: \(warning)\n")
    }
  }

  private func stopSignalled(_ signal: Signal) {
    stopSignalCount += 1
    if stopSignalCount == 1 {
      supervisorLog.info("Shutting down (\(signal.name))")
      send(.shutdownRequested)
    } else {
      supervisorLog.warning("Killing what is left (\(signal.name) again)")
      leftovers?.killAll()
      helpers.cancelAll()
      send(.killRequested)
    }
  }
}
