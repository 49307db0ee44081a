import API
import HTTP
import Logs
import Supervision
import UV

extension Daemon {
  /// Takes a request from a connection: some are answered here and now, the others wait for a reply.
  func handle(_ request: Request, _ id: RequestID, from connection: HTTPConnection) {
    let admission = gate.admit(request, peer: connection.peer)
    var context = RequestContext(
      connection: connection, id: id, client: admission.client, method: request.method,
      target: request.target, received: SystemProcess.monotonicClock, grant: admission.grant)
    if let response = admission.response { return answer(context, with: response) }
    let routed = router.route(
      request, peer: admission.limitedAddress, at: context.received,
      isShuttingDown: supervisor.isShuttingDown)
    context.subject = routed.subject
    // Before anything is captured: the requests that cost least are answered here.
    if case .response(let response) = routed.routed { return answer(context, with: response) }
    perform(routed.routed, context)
  }

  /// Does what a request asks for, and answers it then.
  private func perform(_ routed: Routed, _ context: RequestContext) {
    let answer = { [self] (response: Response) in self.answer(context, with: response) }
    switch routed {
    case .response(let response): answer(response)
    case .command(let command):
      lastTicket += 1
      let ticket = Ticket(lastTicket)
      waiting[ticket] = context
      send(.command(command, ticket))
    case .list(let filter):
      answer(
        Answers.list(
          supervisor.entries(at: now).filter(filter.matches), context: measuredContext()))
    case .status(let process, let hidesEnvironment):
      if let entry = supervisor.entry(process, at: now) {
        answer(
          Answers.status(entry, hidesEnvironment: hidesEnvironment, context: measuredContext()))
      } else {
        answer(Answers.noSuchProcess(process))
      }
    case .logs(let process, let query): page(process, query, answer)
    case .input(let process, let input): write(input, to: process, answer)
    case .clearLog(let process): clearLog(process, answer)
    case .runs(let process):
      if let records = supervisor.runs(of: process, at: now) {
        answer(Answers.runs(records, of: process))
      } else {
        answer(Answers.noSuchProcess(process))
      }
    case .reload(let isDryRun):
      reload(isDryRun: isDryRun) { [self] in answer(Answers.reply($0, context: knownContext())) }
    case .metrics: answer(Answers.metrics(processMetrics(), daemonMetrics()))
    }
  }

  /// Sends the answer to a request. Each request comes by here once, when it is known what became of it,
  /// also where the client has gone in the meantime.
  func answer(_ context: RequestContext, with response: Response) {
    if let grant = context.grant {
      var response = response
      grant.apply(to: &response)
      context.connection.respond(to: context.id, with: response)
    } else {
      context.connection.respond(to: context.id, with: response)
    }
    if let subject = context.subject,
      let line = audit.line(
        of: subject, client: context.client, status: response.status,
        at: SystemProcess.monotonicClock)
    {
      ownLog.write(line.level, line.text)
    }
    ownLog.debug(
      AccessLine(
        client: context.client, method: context.method, target: context.target,
        status: response.status, bodyBytes: context.method == "HEAD" ? 0 : response.body.count,
        time: SystemProcess.monotonicClock - context.received, key: context.key
      ).text)
  }

  /// Notes what never became a request: it is refused before anybody knows whom a proxy speaks for.
  func refused(peer: String, _ request: RefusedRequest?, _ response: Response?) {
    ownLog.debug(
      AccessLine(
        client: peer, method: request?.method, target: request?.target, status: response?.status,
        bodyBytes: request?.method == "HEAD" ? 0 : response?.body.count ?? 0,
        time: request?.age ?? .zero, key: nil
      ).text)
  }

  /// The log of a process, or the supervisor's own; nil where there is no such process.
  private func log(of process: String) -> Log? {
    process == "exeio" ? ownLog.log : logs[process]
  }

  /// There is no process of that id, or one whose log could not be opened.
  private func noLog(of process: String) -> Response {
    guard supervisor.entry(process, at: now) != nil else { return Answers.noSuchProcess(process) }
    return Answers.refused(
      .internalServerError,
      "the log of process '\(process)' cannot be opened: see GET /logs/exeio")
  }

  private func page(
    _ process: String, _ query: LogsQuery, _ answer: @escaping (Response) -> Void
  ) {
    guard let log = log(of: process) else { return answer(noLog(of: process)) }
    let stream: LogStream? =
      switch query.stream {
      case nil: nil
      case .stdout: .stdout
      case .stderr: .stderr
      case .system: .system
      }
    let wanted = LogQuery(
      page: query.page, pageSize: query.pageSize, stream: stream, text: query.text,
      newestFirst: !query.ascending)
    log.page(wanted) { [self] result in
      switch result {
      case .success(let page):
        answer(Answers.logs(query, totalLines: page.totalLines, lines: page.lines))
      case .failure where self.log(of: process) !== log:
        // The process was removed while its log was being read.
        answer(noLog(of: process))
      case .failure(let failure):
        answer(
          Answers.refused(
            failure.isAskersFault ? .badRequest : .internalServerError, failure.message))
      }
    }
  }

  private func write(
    _ input: InputRequest, to process: String, _ answer: @escaping (Response) -> Void
  ) {
    guard supervisor.entry(process, at: now) != nil else {
      return answer(Answers.noSuchProcess(process))
    }
    guard let id = supervisor.run(of: process), let run = runs[id], !run.hasExited else {
      return answer(Answers.refused(.conflict, "process '\(process)' is not running"))
    }
    guard !run.isInputClosed else {
      return answer(Answers.refused(.conflict, "the input of process '\(process)' is closed"))
    }
    let waiting = run.child.input.queuedBytes
    guard input.bytes.isEmpty || waiting + input.bytes.count <= Self.maxQueuedInput || waiting == 0
    else {
      return answer(
        Answers.refused(
          .conflict, "process '\(process)' does not read its input: \(waiting) bytes wait"))
    }
    let closed = input.closes ? ", and it is closed then" : ""
    var isAnswered = false
    run.writeInput(input.bytes, closes: input.closes) { [weak self] error in
      if let error, isAnswered {
        self?.logs[process]?.system("Input was not taken by the process: \(error.reason)")
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
    // A process may read at its leisure, or never: whoever asked is not kept waiting for it.
    if !isAnswered {
      isAnswered = true
      let message =
        "\(input.bytes.count) bytes wait for process '\(process)' to read its input\(closed)"
      answer(Answers.done(message))
    }
  }

  /// How much may wait for a child that does not read, in bytes.
  private static let maxQueuedInput = 1 << 20

  private func clearLog(_ process: String, _ answer: @escaping (Response) -> Void) {
    guard let log = logs[process] else { return answer(noLog(of: process)) }
    log.clear { error in
      if let error {
        answer(
          Answers.refused(
            .internalServerError, "the log of process '\(process)' is not cleared: \(error)"))
      } else {
        answer(Answers.done("Log of process '\(process)' cleared"))
      }
    }
  }
}
