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
  let streams: LogStreams
  let lastReload: LastReload
  let metrics: OwnMetrics
  let timers: TimerTable
  let heapTrimmer: HeapTrimmer
  let opened: OpenedJournal
  let processes: ProcessOwners
  let definitions: DefinitionOwners
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
    server = try HTTPServer(configuration, on: loop, clock: clock)
    address = try server.listen(configuration, handed: state.handed)
    let router = try Router(state, address)
    logContext = LogContext(loop: loop, origin: address.origin, now: clock.sinceEpoch)
    opened = try OpenedJournal(state, on: loop)
    let log = SupervisorLog(configuration, logContext, environment: state.environment)
    dispatcher = EventDispatcher(Supervisor(configuration, state.cgroups), clock: clock)
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
    definitions = try DefinitionOwners(context, problems, handler, configuration)
    limits = ClientLimits(configuration, server, problems)
    streams = try LogStreams(context, logs, handler, namedKeys)
    lastReload = LastReload(clock)
    metrics = try OwnMetrics(
      context, version: state.version, startedAt: startedAt, server, handler, logContext, problems,
      lastReload)
    let parts = RequestActions.Parts(
      dispatcher: dispatcher, server: server, logs: logs, runs: processes.runs,
      saves: definitions.saves, usageSampler: processes.usageSampler, namedKeys: namedKeys,
      problems: problems, limits: limits, streams: streams,
      entryContext: EntryContext(configuration), metrics: metrics, lastReload: lastReload)
    actions = RequestActions(context, parts, handler)
  }
}
