import API
import HTTP
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
    case .status(let id, let hidesEnvironment):
      answer(status(of: id, hidesEnvironment: hidesEnvironment))
    case .logs("exeio", let query): page("exeio", query, answer)
    case .logs(let id, let query): withOne(id, answer) { page($0, query, answer) }
    case .input(let id, let input): withOne(id, answer) { write(input, to: $0, answer) }
    case .clearLog(let id): clearLogs(of: id, answer)
    case .runs(let id):
      withOne(id, answer) { name in
        answer(Answers.runs(supervisor.runs(of: name, at: now) ?? [], of: name))
      }
    case .reload(let isDryRun):
      reload(isDryRun: isDryRun) { [self] in answer(Answers.reply($0, context: knownContext())) }
    case .health(let isDetailed):
      answer(Answers.health(problems.list.all, isDetailed: isDetailed))
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

  /// Has done what can only be done to one process or copy, or refuses it where the id stands for none, or
  /// for several.
  private func withOne(
    _ id: String, _ answer: (Response) -> Void, do body: (String) -> Void
  ) {
    if let reason = supervisor.whyAmbiguous(id) {
      return answer(Answers.refused(.conflict, reason))
    }
    guard let name = supervisor.runNames(of: id)?.first else {
      return answer(Answers.noSuchProcess(id))
    }
    body(name)
  }

  private func status(of id: String, hidesEnvironment: Bool) -> Response {
    if let definition = supervisor.definition(ofService: id), definition.instances != nil {
      return Answers.status(
        service: id, definition: definition, entries: supervisor.entries(ofService: id, at: now),
        hidesEnvironment: hidesEnvironment, context: measuredContext())
    }
    guard let entry = supervisor.entry(id, at: now) else { return Answers.noSuchProcess(id) }
    return Answers.status(entry, hidesEnvironment: hidesEnvironment, context: measuredContext())
  }
}
