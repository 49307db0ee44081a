import API
import HTTP
import Logs
import Supervision
import UV

/// Does what requests ask for: answers those that only read, and hands commands to the supervisor,
/// whose reply is the answer then.
final class RequestActions {
  private let context: DaemonContext
  private let parts: Parts
  private let handler: RequestDispatcher
  private let pages: LogPages
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
    /// What entries show that does not change.
    let entryContext: EntryContext
    let metrics: OwnMetrics
  }

  init(_ context: DaemonContext, _ parts: Parts, _ handler: RequestDispatcher) {
    self.context = context
    self.parts = parts
    self.handler = handler
    pages = LogPages(parts.logs, handler) {
      [dispatcher = parts.dispatcher, clock = context.clock] in
      dispatcher.supervisor.entry($0, at: clock.now) != nil
    }
  }

  /// What entries show beside what the supervisor knows. What processes use is as of the last
  /// ``UsageSampler/update(then:)``: of one that has just been started nothing is known.
  private var entryContext: EntryContext {
    var context = parts.entryContext
    context.usage = parts.usageSampler.samples.usages
    return context
  }

  /// Does what a request asks for, and answers it then. What may take much memory waits for its
  /// turn.
  func perform(_ routed: Routed, _ context: RequestContext) {
    let answer = { [handler] (response: Response) in handler.answer(context, with: response) }
    switch routed {
    case .response(let response): answer(response)
    case .command(let command): look(before: command, isForced: false, context)
    case .forced(let command): look(before: command, isForced: true, context)
    case .merge(let id, let patch, let isForced): merge(patch, id, isForced: isForced, context)
    case .list(let filter): list(filter, context)
    case .status(let id, let hidesEnvironment):
      whenMeasured(context) { [self] in
        answer(status(of: id, hidesEnvironment: hidesEnvironment))
      }
    case .logs("exeio", let query): pages.read("exeio", query, context)
    case .logs(let id, let query): withOne(id, answer) { pages.read($0, query, context) }
    case .input(let id, let input): withOne(id, answer) { write(input, to: $0, answer) }
    case .clearLog(let id): clearLogs(of: id, answer)
    case .runs(let id): withOne(id, answer) { listRuns(of: $0, context) }
    // What is wrong with the file of keys is told before such a key is sent.
    case .health(let isDetailed):
      parts.namedKeys.look(within: Self.healthWait) { [parts] in
        answer(Answers.health(parts.problems.list.all, isDetailed: isDetailed))
      }
    case .metrics:
      parts.namedKeys.look(within: Self.healthWait) { [self] in
        whenMeasured(context) { [self] in
          answer(Answers.metrics(processMetrics(), parts.metrics.present))
        }
      }
    }
  }

  // MARK: Reading

  private func list(_ filter: ListFilter, _ context: RequestContext) {
    whenMeasured(context) { [self] in
      let entries = parts.dispatcher.supervisor.entries(at: self.context.clock.now).filter(
        filter.matches)
      handler.answer(context, with: Answers.list(entries, context: entryContext))
    }
  }

  private func listRuns(of name: String, _ context: RequestContext) {
    whenThereIsRoom(context) { [self] in
      let runs = parts.dispatcher.supervisor.runs(of: name, at: self.context.clock.now) ?? []
      handler.answer(context, with: Answers.runs(runs, of: name))
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
        hidesEnvironment: hidesEnvironment, context: entryContext)
    }
    guard let entry = parts.dispatcher.supervisor.entry(id, at: now) else {
      return Answers.noSuchProcess(id)
    }
    return Answers.status(entry, hidesEnvironment: hidesEnvironment, context: entryContext)
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
  private func whenMeasured(_ context: RequestContext, _ body: @escaping () -> Void) {
    parts.usageSampler.update { [self] in whenThereIsRoom(context, body) }
  }

  /// Makes an answer that changes nothing when clients have read enough of the earlier ones, and
  /// not at all for a client that has gone.
  private func whenThereIsRoom(_ context: RequestContext, _ body: @escaping () -> Void) {
    parts.server.answers.enter { [handler] in
      if context.connection.isClientGone { handler.abandon(context) }
      return !context.connection.isClosed
    } _: {
      body()
    }
  }

  /// Has done what can only be done to one process or copy, or refuses it where the id stands for
  /// none, or for several.
  private func withOne(
    _ id: String, _ answer: (Response) -> Void, do body: (String) -> Void
  ) {
    if let reason = parts.dispatcher.supervisor.whyAmbiguous(id) {
      return answer(Answers.refused(.conflict, reason))
    }
    guard let name = parts.dispatcher.supervisor.runNames(of: id)?.first else {
      return answer(Answers.noSuchProcess(id))
    }
    body(name)
  }

  // MARK: Commands

  /// Has a command performed; the supervisor's reply to it is the answer to the request.
  /// - Parameter isForced: whether saves may overwrite what another hand has put into
  ///   `processes.json`.
  private func ask(_ command: Command, isForced: Bool, _ context: RequestContext) {
    var context = context
    if case .update(let definition) = command { noteChanges(to: definition, &context) }
    if case .remove(let id, deletesLog: true) = command { deleteLogs(ofFormerCopies: id) }
    parts.dispatcher.ask(command) { [self, context] reply in
      if isForced { parts.saves.file.keepAll() }
      handler.answer(
        context, with: Answers.reply(reply, notes: context.record.notes, context: entryContext))
    }
  }

  /// Has a command carried out that may change `processes.json`, once it is sure that the file may
  /// be changed.
  private func look(before command: Command, isForced: Bool, _ context: RequestContext) {
    if let refusal = parts.limits.refusal(of: command) {
      return handler.answer(context, with: refusal)
    }
    // The others write first and act then, so their write may look as well.
    guard isForced || removesSaved(command) else {
      return ask(command, isForced: false, context)
    }
    lookAtFile(isForced: isForced, context) { [self] in ask(command, isForced: isForced, context) }
  }

  private func removesSaved(_ command: Command) -> Bool {
    guard case .remove(let id, _) = command else { return false }
    return parts.dispatcher.supervisor.definition(ofService: id)?.isSaved == true
      && parts.dispatcher.supervisor.fragment(ofService: id) == nil
  }

  /// Looks whether another hand has changed `processes.json`, and refuses the request if so; a
  /// forced one goes on, once there is a backup.
  private func lookAtFile(
    isForced: Bool, _ context: RequestContext, then body: @escaping () -> Void
  ) {
    parts.saves.file.look(isForced: isForced) { [handler] failure in
      switch failure {
      case nil: body()
      case .changed(let reason):
        handler.answer(
          context, with: Answers.refused(.conflict, "Nothing is changed: \(reason)"))
      case .system(let error):
        handler.answer(
          context, with: Answers.refused(.internalServerError, "Nothing is changed: \(error)"))
      }
    }
  }

  /// Changes some fields of a definition. Nothing can change it between the look at it and the
  /// command; while another change is under way, the command is refused.
  private func merge(
    _ patch: MergePatch, _ id: String, isForced: Bool, _ context: RequestContext
  ) {
    guard isForced else { return merge(patch, id, context) { ask($0, isForced: false, $1) } }
    lookAtFile(isForced: true, context) { [self] in
      merge(patch, id, context) { ask($0, isForced: true, $1) }
    }
  }

  private func merge(
    _ patch: MergePatch, _ id: String, _ context: RequestContext,
    ask: (Command, RequestContext) -> Void
  ) {
    guard let definition = parts.dispatcher.supervisor.definition(ofService: id) else {
      // There is no such process, or it is a copy: refused as every other update of it.
      return ask(.update(ProcessDefinition(id: id, command: "")), context)
    }
    var context = context
    let (routed, warnings) = handler.merge(patch, into: definition)
    context.record.notes.warnings = warnings
    // What a patch comes to is a command or a refusal.
    if case .command(let command) = routed {
      ask(command, context)
    } else {
      perform(routed, context)
    }
  }

  /// The answer lists what changes, and the audit names the fields, never their values.
  private func noteChanges(to definition: ProcessDefinition, _ context: inout RequestContext) {
    guard let old = parts.dispatcher.supervisor.definition(ofService: definition.id) else { return }
    let changed = DefinitionChange.between(
      old, definition, hidesEnvironment: context.record.hidesEnvironment)
    context.record.notes.changed = changed
    guard !changed.isEmpty else { return }
    context.record.add("(\(changed.map(\.field).joined(separator: ", ")))")
  }

  // MARK: Logs and input

  private func deleteLogs(ofFormerCopies id: String) {
    guard parts.dispatcher.supervisor.definition(ofService: id)?.instances != nil else { return }
    parts.logs.deleteLogs(ofFormerCopies: id) { [self] in
      parts.dispatcher.supervisor.runNames(of: $0) != nil
    }
  }

  /// Empties the log of a process, or those of all its copies.
  private func clearLogs(of id: String, _ answer: @escaping (Response) -> Void) {
    guard let names = parts.dispatcher.supervisor.runNames(of: id), let first = names.first else {
      return answer(Answers.noSuchProcess(id))
    }
    deleteLogs(ofFormerCopies: id)
    guard names.count > 1 else {
      return parts.logs.clear(first) { failure in
        answer(
          failure.map { Answers.refused(.internalServerError, $0) }
            ?? Answers.done("Log of process '\(first)' cleared"))
      }
    }
    var outcomes: [Reply.Outcome] = []
    for name in names {
      parts.logs.clear(name) { [self] failure in
        let message = failure ?? "Log of process '\(name)' cleared"
        outcomes.append(Reply.Outcome(id: name, success: failure == nil, message: message))
        if outcomes.count == names.count { answer(cleared(outcomes, of: id)) }
      }
    }
  }

  private func cleared(_ outcomes: [Reply.Outcome], of id: String) -> Response {
    let count = outcomes.filter(\.success).count
    let message = "\(count) of the \(outcomes.count) logs of process '\(id)' cleared"
    return Answers.reply(
      .results(outcomes.sorted { $0.id < $1.id }, message: message), context: entryContext)
  }

  /// Writes to the standard input of one process or copy.
  private func write(
    _ input: InputRequest, to process: String, _ answer: @escaping (Response) -> Void
  ) {
    guard parts.dispatcher.supervisor.entry(process, at: context.clock.now) != nil else {
      return answer(Answers.noSuchProcess(process))
    }
    guard let run = parts.dispatcher.supervisor.run(of: process).flatMap(parts.runs.live) else {
      return answer(
        Answers.refused(.conflict, StandardInput.refusal(withoutLeaderOf: process)))
    }
    let present = StandardInput(
      isClosed: run.isInputClosed, waitingBytes: run.child.input.queuedBytes)
    if let reason = present.refusal(of: input.bytes.count, to: process) {
      return answer(Answers.refused(.conflict, reason))
    }
    let closed = input.closes ? ", and it is closed then" : ""
    var isAnswered = false
    run.writeInput(input.bytes, closes: input.closes) { [logs = parts.logs] error in
      if let error, isAnswered {
        logs.write("Input was not taken by the process: \(error.reason)", to: process)
      } else if let error {
        let message = "process '\(process)' did not take the input: \(error.reason)"
        answer(Answers.refused(.conflict, message))
      } else if !isAnswered {
        let message =
          "Wrote \(input.bytes.count) bytes to the input of process '\(process)'\(closed)"
        answer(Answers.done(message))
      }
      isAnswered = true
    }
    // A process may read at its leisure, or never: its client is not kept waiting for it.
    if !isAnswered {
      isAnswered = true
      let message =
        "\(input.bytes.count) bytes wait for process '\(process)' to read its input\(closed)"
      answer(Answers.done(message))
    }
  }
}
