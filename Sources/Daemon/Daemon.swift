import API
import HTTP
import Logs
import Supervision
import UV

/// The staircase: knows all rooms, decides nothing, performs what the supervisor says.
///
/// One loop, one thread. Whatever happens becomes an `Event` and goes through `send`, the one door.
final class Daemon {
  let configuration: Configuration
  /// What every child is given to begin with.
  let inherited = Inherited()
  let loop: Loop

  var supervisor = Supervisor()
  /// What ``supervisor`` says after each event: to ask a property of a value of another module copies all of the value.
  private(set) var isShuttingDown = false
  var router: Router
  let requestFilter: RequestFilter
  var audit = Audit()
  /// What entries show that does not change.
  let entryContext: EntryContext
  let usageSampler: UsageSampler
  let version: String
  /// Since 1970 UTC.
  let startedAt = SystemProcess.wallClock

  let logContext: LogContext
  let supervisorLog: SupervisorLog
  let namedKeys: NamedKeysFile
  /// What an operator must know.
  let problems: Problems
  /// The faults of definitions that are shown as problems.
  private var shownFaults: [String: String] = [:]
  let poolWatch: PoolWatch
  var logs: [String: Log] = [:]
  /// The starts whose hooks wait until their logs can be written to.
  var startsBeforeLog: [RunID: Timer] = [:]

  let server: HTTPServer
  let address: ListenAddress
  /// The requests that wait for a reply of the supervisor.
  var waiting: [Ticket: RequestContext] = [:]
  var lastTicket: UInt64 = 0

  let timers: TimerTable
  let outputScheduler: OutputScheduler
  let orphanReaper: OrphanReaper
  let processScanner: ProcessScanner
  let orphanTracker: OrphanTracker
  let scopeWatch: ScopeWatch
  /// Where each run gets a cgroup of its own; nil where none can be made.
  let cgroups: CgroupTree?
  let spawnQueue: SpawnQueue
  let listenSockets: ListenSockets
  let heapTrimmer: HeapTrimmer
  let localTimeTimer: Timer
  let journal: RunStateJournal
  /// What an earlier supervisor left running, until it has ended.
  var leftovers: Leftovers?
  var runs: [RunID: ActiveRun] = [:]
  /// Those whose child does not execute its command yet.
  var starts: [RunID: RunStart] = [:]
  /// Those whose children wait for their logs before they execute their commands.
  var heldStarts: Set<RunID> = []
  /// How many children may wait so. On a disk that does not answer, each further start waits without one.
  static let mostHeldStarts = 16
  let notifySockets: NotifySockets
  /// Hooks and probes.
  let helpers: HelperCommands
  let probes: Probes
  /// The hooks before runs that are being executed, and those after runs.
  var startHooks: [RunID: (helper: HelperCommand, definition: ProcessDefinition)] = [:]
  var exitHooks: [RunID: HelperCommand] = [:]
  var signalWatchers: [SignalWatcher] = []
  var stopSignalCount = 0
  /// When it was last said that lines are lost.
  var lossWarnedAt: Duration?
  /// Whoever started this process and wants to hear of it; nil where nobody does.
  var serviceManager: ServiceManager?
  /// The supervisor has finished, and only what an earlier one left is waited for.
  var isFinishWanted = false
  var isFinishing = false
  /// Looks whether the end is waiting for a disk that hangs.
  let endTimer: Timer
  /// A disk hangs: the loop is left with what is under way.
  var isAbandoned = false
  /// What this process exits with.
  var exitCode: Int32 = 0

  /// Those that have not begun.
  var reloads: [Reload] = []
  /// The one that the supervisor has not answered yet.
  var reloadUnderWay: (ticket: Ticket, reload: Reload)?
  /// The one whose files are being read, and since when; the reload is nil once it was told that they do not answer.
  var reading: (reload: Reload?, since: Duration)?
  /// Gives up waiting for the files.
  let readingTimer: Timer
  var isBeginningReloads = false
  let processesFile: ProcessesFileStore
  /// Whether files of `processes.d` were read: a directory that has vanished does not mean that they are to go.
  var hadFragments = false
  /// Tries a write of `processes.json` again that has failed.
  let saveTimer: Timer
  /// Those of commands that may overwrite what another hand has put into `processes.json`.
  var forcedTickets: Set<Ticket> = []
  let deferredWrites: DeferredWrites
  /// How many writes of `processes.json` are under way.
  var savesUnderWay = 0
  /// How many there have been.
  var saveCount: UInt64 = 0

  private var events: [Event] = []
  private(set) var isDispatching = false

  /// Binds the sockets and opens the supervisor's own log; the loop does not turn yet.
  /// - Parameter handed: sockets that are bound already.
  /// Throws what the system refused.
  init(
    _ configuration: Configuration, on loop: Loop, environment: [String: String], version: String,
    key: String, namedKeys: NamedKeysFile, service: ServiceEnvironment, handed: [HandedSocket],
    cgroups: CgroupTree?, predecessors: Predecessors, runState: (bytes: [UInt8], warning: String?)
  ) throws(UVError) {
    self.configuration = configuration
    self.loop = loop
    self.version = version
    self.cgroups = cgroups
    let date = HTTPDate()
    server = try HTTPServer(
      on: loop, maxConnections: configuration.maxConnections,
      firstReservedDescriptor: configuration.firstReservedDescriptor,
      refusal: { Answers.refused($0.status, $0.message) }, date: { date.now })
    address = try server.listen(configuration, handed: handed)
    var hosts = configuration.allowedHosts
    hosts.addBound(server.addresses, name: configuration.host)
    requestFilter = RequestFilter(
      proxies: configuration.trustedProxies, hosts: hosts, origins: configuration.crossOrigins,
      localUsers: LocalUsers(own: SystemProcess.userID))
    router = Router(
      keys: KeyRing(main: APIKey(key), named: namedKeys.source),
      info: ServerInfo(version: version, url: address.url))
    router.privileges = try Privileges.own()
    entryContext = EntryContext(
      logDirectory: configuration.logDirectory.readable,
      workingDirectory: SystemProcess.currentDirectory?.readable ?? "/")
    logContext = LogContext(loop: loop, origin: address.origin, now: { SystemProcess.wallClock })
    let opened = try Self.openJournal(
      configuration, runState, predecessors, cgroups, on: loop)
    let journal = opened.journal
    self.journal = journal
    let supervisorLog = SupervisorLog(
      Log(
        path: configuration.logFile("exeio"), limits: LogLimits(maxBytes: 50 << 20, maxFiles: 5),
        context: logContext),
      level: configuration.logLevel,
      journal: JournalWriter(standardErrorIf: environment["JOURNAL_STREAM"]))
    self.supervisorLog = supervisorLog
    let problems = Problems(
      write: { [supervisorLog] in supervisorLog.write($0, $1) },
      clock: {
        Moment(monotonic: SystemProcess.monotonicClock, sinceEpoch: SystemProcess.wallClock)
      })
    self.problems = problems
    self.namedKeys = namedKeys
    poolWatch = try PoolWatch(on: loop, problems: problems)
    namedKeys.report = { [supervisorLog] in supervisorLog.write($0, $1) }
    namedKeys.onUse = { [problems] failure in
      if let failure {
        problems.raise(.keysFile, "no named key works: \(failure)", level: nil)
      } else {
        problems.clear(.keysFile)
      }
    }
    try namedKeys.follow(on: loop)
    timers = TimerTable(on: loop)
    outputScheduler = try OutputScheduler(on: loop)
    processScanner = try ProcessScanner(on: loop)
    usageSampler = UsageSampler(processScanner, clock: { SystemProcess.monotonicClock })
    orphanTracker = try OrphanTracker(on: loop, processScanner)
    let scopeWatch = try ScopeWatch(on: loop, orphanTracker: orphanTracker)
    self.scopeWatch = scopeWatch
    orphanTracker.onRead = { [weak scopeWatch] in scopeWatch?.check() }
    orphanTracker.onLate = { [supervisorLog] in Self.endLate($0, supervisorLog) }
    orphanReaper = try OrphanReaper(on: loop) { [orphanTracker] pids in
      orphanTracker.reaped(pids)
      scopeWatch.check()
    }
    spawnQueue = try SpawnQueue(on: loop)
    heapTrimmer = try HeapTrimmer(on: loop)
    localTimeTimer = try Timer(on: loop)
    saveTimer = try Timer(on: loop)
    readingTimer = try Timer(on: loop)
    endTimer = try Timer(on: loop)
    deferredWrites = try DeferredWrites(on: loop, problems: problems)
    processesFile = try ProcessesFileStore(configuration.processesFile, on: loop)
    listenSockets = ListenSockets(on: loop)
    notifySockets = NotifySockets(on: loop, directory: configuration.notifyDirectory)
    helpers = HelperCommands(
      on: loop, reader: outputScheduler, orphanTracker: orphanTracker, scopeWatch: scopeWatch,
      journal: journal,
      inherited: inherited)
    probes = Probes(on: loop, helpers: helpers) { [supervisorLog] id, reason in
      supervisorLog.warning(
        "The health check of process '\(id.process)' could not be made, which says nothing of it: \(reason)"
      )
    }
    probes.onDone = { [unowned self] in send(.probed($0, failure: $1)) }
    helpers.onOutlived = { [supervisorLog] process, survivors in
      supervisorLog.error(
        "What is left of a hook or probe of process '\(process)' outlived SIGKILL: \(Survivor.list(survivors))"
      )
    }
    helpers.onAllEnded = { [unowned self] in if isFinishWanted { finish() } }
    watchJournal(opened.warning, predecessors)
    do throws(UVError) {
      try connectServiceManager(service)
      try watchSignals()
      if !opened.alive.isEmpty { try end(opened.alive) }
    } catch {
      // The loop closes its handles by itself; a file is none.
      supervisorLog.log.close { _ in }
      throw error
    }
  }

  /// Now, on both clocks.
  var now: Moment {
    Moment(monotonic: SystemProcess.monotonicClock, sinceEpoch: SystemProcess.wallClock)
  }

  /// The one door: hands an event to the supervisor and performs what it answers. What an effect brings
  /// about at once waits for its turn here, so nothing recurses.
  func send(_ event: Event) {
    events.append(event)
    guard !isDispatching else { return }
    isDispatching = true
    var next = 0
    while next < events.count {
      let effects = supervisor.handle(events[next], at: now)
      isShuttingDown = supervisor.isShuttingDown
      // The service manager hears of a shutdown before the children do.
      if isShuttingDown {
        processesFile.hurry()
        serviceManager?.stopping()
        server.leaveHandedSockets()
      }
      for effect in effects { perform(effect) }
      next += 1
    }
    showFaults()
    serviceManager?.noteChange()
    events.removeAll(keepingCapacity: next < 64)
    isDispatching = false
    beginReloads()
  }

  private func showFaults() {
    let faults = supervisor.faults
    guard faults != shownFaults else { return }
    shownFaults = faults
    problems.replace(
      .definition,
      with: faults.sorted { $0.key < $1.key }.map { (subject: $0.key, message: $0.value) })
  }
}
