import API
import HTTP
import Logs
import Supervision
import UV

/// The daemon, made of its owners: it hands what the supervisor decides to the one that does it,
/// and decides nothing.
final class Daemon {
  let context: DaemonContext
  let dispatcher: EventDispatcher
  let problems: Problems
  let namedKeys: NamedKeysFile
  let poolWatch: PoolWatch
  let deferredWrites: DeferredWrites
  let logContext: LogContext
  let logProblems: LogProblems
  let logs: ProcessLogs
  let server: HTTPServer
  let address: ListenAddress
  let handler: RequestDispatcher
  let limits: ClientLimits
  let timers: TimerTable
  let heapTrimmer: HeapTrimmer
  let opened: OpenedJournal
  let processes: ProcessOwners
  let saves: DefinitionSaves
  let localTime: LocalTimeReader
  let definitionFiles: DefinitionFilesReader
  let actions: RequestActions
  var signals: SignalHandler?
  /// The service manager that started this process and wants to hear of it; nil if there is none.
  var serviceManager: ServiceManager?
  /// Looks whether the end is waiting for a disk that hangs.
  let endTimer: Timer
  /// A disk hangs: the loop is left with what is under way.
  var isAbandoned = false
  /// What this process exits with.
  var exitCode: Int32 = 0

  /// Binds the sockets and opens the supervisor's own log; the loop does not turn yet.
  /// Throws what the system refused.
  init(_ state: StartupState, on loop: Loop, clock: Clock) throws(UVError) {
    let configuration = state.configuration
    let startedAt = clock.sinceEpoch()
    let date = HTTPDate(clock)
    server = try HTTPServer(
      on: loop, maxConnections: configuration.maxConnections,
      firstReservedDescriptor: configuration.firstReservedDescriptor,
      times: HTTPConnection.Times(now: clock.monotonic),
      refusal: { Answers.refused($0.status, $0.message) }, date: { date.now })
    address = try server.listen(configuration, handed: state.handed)
    let router = try Router(state, address)
    logContext = LogContext(loop: loop, origin: address.origin, now: clock.sinceEpoch)
    opened = try OpenedJournal(
      state.files.runState, state.predecessors, state.cgroups.tree,
      path: configuration.runStateFile, on: loop)
    let log = SupervisorLog(configuration, logContext, environment: state.environment)
    let dispatcher = EventDispatcher(
      Supervisor(
        limitControllers: state.cgroups.limitControllers,
        configDirectory: configuration.configDirectory.readable),
      clock: clock)
    self.dispatcher = dispatcher
    context = DaemonContext(loop: loop, clock: clock, log: log, send: dispatcher.send)
    problems = Problems(write: log.write, clock: { clock.now })
    namedKeys = state.files.namedKeys
    poolWatch = try PoolWatch(on: loop, problems: problems)
    deferredWrites = try DeferredWrites(on: loop, problems: problems)
    heapTrimmer = try HeapTrimmer(on: loop)
    timers = TimerTable(on: loop)
    endTimer = try Timer(on: loop)
    logProblems = LogProblems(context, problems, deferredWrites)
    logs = ProcessLogs(context, logContext, configuration, logProblems)
    handler = RequestDispatcher(
      context,
      RequestDispatcher.Parts(
        dispatcher: dispatcher, namedKeys: namedKeys, problems: problems, heapTrimmer: heapTrimmer),
      RequestHandler(router, RequestFilter(configuration, server.addresses)))
    processes = try ProcessOwners(
      context, logs, heapTrimmer, state.cgroups, opened.journal,
      notifyDirectory: configuration.notifyDirectory)
    saves = try DefinitionSaves(context, problems, path: configuration.processesFile)
    localTime = try LocalTimeReader(context)
    definitionFiles = DefinitionFilesReader(
      context,
      DefinitionFilesReader.Parts(
        saved: saves.file, localTime: localTime, problems: problems, refusal: handler.refusal),
      configuration)
    limits = ClientLimits(configuration, server, problems)
    actions = RequestActions(
      context,
      RequestActions.Parts(
        dispatcher: dispatcher, server: server, logs: logs, runs: processes.runs, saves: saves,
        usageSampler: processes.usageSampler, namedKeys: namedKeys,
        problems: problems,
        limits: limits,
        entryContext: EntryContext(configuration),
        metrics: OwnMetrics(
          context, version: state.version, startedAt: startedAt, server, handler, logContext,
          problems)),
      handler)
  }
}
