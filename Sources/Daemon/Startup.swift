import API
import HTTP
import Logs
import Supervision
import UV

/// The start of the daemon: everything is got ready in the order that keeps a failed start
/// harmless.
enum Startup {
  /// How many descriptors are kept back from connections: for 16 starts.
  private static let descriptorsForRestarts = 16 * ClientLimits.descriptorsForAStart

  /// How many descriptors there is room for from the start, which takes 8 bytes of the kernel for
  /// each: those of 3,000 processes.
  private static let descriptorRoom = 16 << 10

  /// Makes the daemon: no process is started before the lock is held, the saved processes are read
  /// and the port is bound. Throws `StartError` with one line that says what failed and what to do.
  static func makeDaemon(
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
      try keepDescriptorsForRestarts(&configuration)
      try SystemProcess.checkFreeDescriptors(Self.descriptorsOfStart)
      loop = try Loop()
    } catch {
      throw StartError(error, socketPath: configuration.socketPath)
    }
    do throws(StartError) {
      do throws(UVError) {
        // Before any file is open: a copy of one that it has to close could hang with its file
        // system.
        try loop.startForkServer()
        SystemProcess.makeRoomForDescriptors(Self.descriptorRoom)
        wait = try StartWait(environment: environment)
      } catch {
        throw StartError(error, socketPath: configuration.socketPath)
      }
      return try makeDaemon(
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

  private static func makeDaemon(
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
    let state = StartupState(
      configuration: configuration, environment: environment, version: version, service: service,
      handed: handed, files: files, predecessors: predecessors,
      cgroups: try CgroupSetup(
        configuration.cgroup, forkServer: loop.forkServerPID, patience: lockPatience))
    do throws(UVError) {
      try WorkerPool.start(on: loop)
      try checkSupervisorLog(configuration, on: loop)
      let daemon = try Daemon(state, on: loop, clock: .system)
      try daemon.start(state)
      writeLater(state, daemon.deferredWrites, on: loop)
      let isTerminal = StandardStreams.isTerminal(1)
      StandardStreams.writeOutput(
        Banner.text(
          address: daemon.address, key: files.key, showsKey: isTerminal,
          logDirectory: configuration.logDirectory, processesFile: configuration.processesFile))
      daemon.serviceManager?.ready()
      return (daemon, files.locks)
    } catch {
      throw StartError(error, socketPath: configuration.socketPath)
    }
  }

  /// Connections must not take the descriptors that restarts need.
  private static func keepDescriptorsForRestarts(
    _ configuration: inout Configuration
  ) throws(UVError) {
    let limit = try SystemProcess.raiseDescriptorLimit().soft
    configuration.maxConnections = min(
      configuration.maxConnections, max(8, Int(clamping: limit) / 2))
    configuration.firstReservedDescriptor =
      Int(clamping: limit) - min(Self.descriptorsForRestarts, Int(clamping: limit) / 4)
  }

  /// How long a start waits to learn whether its log can be written to.
  private static let supervisorLogPatience: Duration = .seconds(2)

  /// Makes the log directory where it is missing, and refuses the start where `exeio.log` cannot be
  /// a log. A disk that takes nothing now, or does not answer, is no reason.
  private static func checkSupervisorLog(
    _ configuration: Configuration, on loop: Loop
  ) throws(UVError) {
    let path = configuration.logFile(ProcessID.reserved)
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

  /// What the loop and the daemon itself take: libuv aborts the process where it finds none for its
  /// signals.
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
}
