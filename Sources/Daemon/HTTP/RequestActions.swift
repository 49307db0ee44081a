import API
import HTTP
import Logs
import Supervision
import UV

/// Does what requests ask for: answers those that only read, and hands the others on to what does
/// them.
final class RequestActions {
  private let context: DaemonContext
  private let parts: Parts
  private let requests: RequestDispatcher
  private let commands: CommandRequests
  private let logs: LogRequests
  private let input: InputRequests
  /// How long what is watched from outside waits for a look at the file of keys: not for a disk
  /// that hangs.
  private static let healthWait: Duration = .milliseconds(10)

  /// What requests are about.
  struct Parts {
    let dispatcher: EventDispatcher
    let server: HTTPServer
    let logs: ProcessLogs
    let runs: RunController
    let saves: DefinitionSaves
    let usageSampler: UsageSampler
    let namedKeys: NamedKeysFile
    let problems: Problems
    let limits: ClientLimits
    let streams: LogStreams
    /// What entries show that does not change.
    let entryContext: EntryContext
    let metrics: OwnMetrics
    let lastReload: LastReload

    /// What entries show beside what the supervisor knows. What processes use is as of the last
    /// ``UsageSampler/update(then:)``: of one that has just been started nothing is known.
    var presentEntryContext: EntryContext {
      var context = entryContext
      context.usage = usageSampler.samples.usages
      return context
    }
  }

  init(_ context: DaemonContext, _ parts: Parts, _ requests: RequestDispatcher) {
    self.context = context
    self.parts = parts
    self.requests = requests
    commands = CommandRequests(parts, requests)
    logs = LogRequests(context, parts, requests)
    input = InputRequests(parts, requests)
  }

  /// Does what a request asks for, and answers it then. What may take much memory waits for its
  /// turn.
  func perform(_ routed: Routed, _ ticket: Ticket) {
    switch routed {
    case .response(let response): requests.answer(ticket, with: response)
    case .command(let command): commands.perform(command, isForced: false, ticket)
    case .forced(let command): commands.perform(command, isForced: true, ticket)
    case .merge(let id, let patch, let isForced):
      commands.merge(patch, id, isForced: isForced, ticket)
    case .list(let filter): list(filter, ticket)
    case .status(let id, let hidesEnvironment):
      whenMeasured(ticket) { [self] in
        requests.answer(ticket, with: status(of: id, hidesEnvironment: hidesEnvironment))
      }
    case .logs(ProcessID.reserved, let query): logs.read(ProcessID.reserved, query, ticket)
    case .logs(let id, let query): withOne(id, ticket) { logs.read($0, query, ticket) }
    case .logStream(ProcessID.reserved, let query):
      parts.streams.begin(ProcessID.reserved, query, ticket)
    case .logStream(let id, let query):
      withOne(id, ticket) { parts.streams.begin($0, query, ticket) }
    case .input(let id, let input): withOne(id, ticket) { self.input.write(input, to: $0, ticket) }
    case .clearLog(let id): logs.clear(id, ticket)
    case .runs(let id): withOne(id, ticket) { listRuns(of: $0, ticket) }
    // What is wrong with the file of keys is told before such a key is sent.
    case .health(let isDetailed):
      parts.namedKeys.look(within: Self.healthWait) { [parts, requests] in
        requests.answer(
          ticket, with: Answers.health(parts.problems.list.all, isDetailed: isDetailed))
      }
    case .metrics(let format):
      parts.namedKeys.look(within: Self.healthWait) { [self] in
        whenMeasured(ticket, wantsDetails: true) { [self] in
          requests.answer(
            ticket, with: Answers.metrics(processMetrics(), parts.metrics.scrape(), format))
        }
      }
    }
  }

  private func list(_ filter: ListFilter, _ ticket: Ticket) {
    whenMeasured(ticket) { [self] in
      let entries = parts.dispatcher.supervisor.entries(at: context.clock.now).filter(
        filter.matches)
      requests.answer(ticket, with: Answers.list(entries, context: parts.presentEntryContext))
    }
  }

  private func listRuns(of name: String, _ ticket: Ticket) {
    whenThereIsRoom(ticket) { [self] in
      let runs = parts.dispatcher.supervisor.runs(of: name, at: context.clock.now) ?? []
      requests.answer(ticket, with: Answers.runs(runs, of: name))
    }
  }

  private func status(of id: String, hidesEnvironment: Bool) -> Response {
    let now = context.clock.now
    if let definition = parts.dispatcher.supervisor.definition(ofService: id),
      definition.instances != nil
    {
      return Answers.status(
        service: id, definition: definition,
        entries: parts.dispatcher.supervisor.entries(ofService: id, at: now),
        hidesEnvironment: hidesEnvironment, context: parts.presentEntryContext)
    }
    guard let entry = parts.dispatcher.supervisor.entry(id, at: now) else {
      return Answers.noSuchProcess(id)
    }
    return Answers.status(
      entry, hidesEnvironment: hidesEnvironment, context: parts.presentEntryContext)
  }

  private func processMetrics() -> [ProcessMetrics] {
    parts.dispatcher.supervisor.entries(at: context.clock.now).map { entry in
      let log = parts.logs[entry.definition.id]
      return ProcessMetrics(
        entry, usage: parts.usageSampler.samples.usages[entry.definition.id],
        logWrittenBytes: log?.writtenBytes ?? 0, logDroppedLines: log?.droppedLines ?? 0)
    }
  }

  /// Makes an answer that tells what processes use.
  private func whenMeasured(
    _ ticket: Ticket, wantsDetails: Bool = false, _ body: @escaping () -> Void
  ) {
    parts.usageSampler.update(wantsDetails: wantsDetails) { [self] in whenThereIsRoom(ticket, body)
    }
  }

  /// Makes an answer that changes nothing when clients have read enough of the earlier ones, and
  /// not at all for a client that has gone.
  private func whenThereIsRoom(_ ticket: Ticket, _ body: @escaping () -> Void) {
    let connection = requests[ticket].connection
    parts.server.answers.enter { [requests] in
      guard connection.isClientGone else { return true }
      requests.abandon(ticket)
      return false
    } _: {
      body()
    }
  }

  /// Has done what can only be done to one process or copy, or refuses it if the id stands for
  /// none, or for several.
  private func withOne(_ id: String, _ ticket: Ticket, do body: (String) -> Void) {
    if let reason = parts.dispatcher.supervisor.whyAmbiguous(id) {
      return requests.answer(ticket, with: Answers.refused(.conflict, reason))
    }
    guard let name = parts.dispatcher.supervisor.runNames(of: id)?.first else {
      return requests.answer(ticket, with: Answers.noSuchProcess(id))
    }
    body(name)
  }
}
