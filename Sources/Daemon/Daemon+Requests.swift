import API
import HTTP
import Supervision
import UV

extension Daemon {
  /// How long what is watched from outside waits for a look at the file of keys: not for a disk that hangs.
  private static let healthWait: Duration = .milliseconds(10)

  /// Takes a request from a connection: some are answered here and now, the others wait for a reply.
  func handle(_ request: Request, _ id: RequestID, from connection: HTTPConnection) {
    let admission = requestFilter.admit(request, peer: connection.peer, user: connection.peerUser)
    let context = RequestContext(request, id, from: connection, admission)
    if let response = admission.response { return answer(context, with: response) }
    // Most requests come with the main key, and nothing is captured for them.
    if let routed = router.routeWithoutNamedKeys(
      request, peer: admission.limitedAddress, local: admission.local, at: context.received,
      isShuttingDown: isShuttingDown)
    {
      return perform(routed, context, bodyBytes: request.body.count)
    }
    namedKeys.look { [self] in
      let routed = router.route(
        request, peer: admission.limitedAddress, local: admission.local, at: context.received,
        isShuttingDown: isShuttingDown)
      perform(routed, context, bodyBytes: request.body.count)
    }
  }

  private func perform(_ routed: RoutedRequest, _ context: RequestContext, bodyBytes: Int) {
    var context = context
    context.subject = routed.subject
    context.connection.note(routed.subject.key)
    heapTrimmer.noteRelease(bytes: bodyBytes)
    context.notes.warnings = routed.warnings
    // Before anything is captured: the requests that cost least are answered here.
    if case .response(let response) = routed.routed { return answer(context, with: response) }
    perform(routed.routed, context)
  }

  /// The answer to a request that is refused for its header, whose body is not read then; nil where it is.
  func refuse(header request: Request, from connection: HTTPConnection) -> Response? {
    let admission = requestFilter.admit(request, peer: connection.peer, user: connection.peerUser)
    var context = RequestContext(request, nil, from: connection, admission)
    if let response = admission.response { return completed(response, context) }
    let (routed, subject) = router.route(
      header: request, peer: admission.limitedAddress, local: admission.local,
      at: context.received, isShuttingDown: isShuttingDown)
    context.subject = subject
    connection.note(subject.key)
    switch routed {
    case nil: return nil
    case .response(let response):
      // A key that has just been added is right at the next try.
      if router.needsNamedKeys(request) { namedKeys.look {} }
      return completed(response, context)
    case .health(let isDetailed):
      return completed(Answers.health(problems.list.all, isDetailed: isDetailed), context)
    default: preconditionFailure("a route without a key is answered at once")
    }
  }

  /// Does what a request asks for, and answers it then. What may take much memory waits for its turn.
  func perform(_ routed: Routed, _ context: RequestContext) {
    let answer = { [self] (response: Response) in self.answer(context, with: response) }
    switch routed {
    case .response(let response): answer(response)
    case .command(let command): look(before: command, isForced: false, context)
    case .forced(let command): look(before: command, isForced: true, context)
    case .merge(let id, let patch, let isForced): merge(patch, id, isForced: isForced, context)
    case .list(let filter):
      whenMeasured(context) { [self] in
        answer(
          Answers.list(
            supervisor.entries(at: now).filter(filter.matches), context: currentContext()))
      }
    case .status(let id, let hidesEnvironment):
      whenMeasured(context) { [self] in
        answer(status(of: id, hidesEnvironment: hidesEnvironment))
      }
    case .logs("exeio", let query): page("exeio", query, context)
    case .logs(let id, let query): withOne(id, answer) { page($0, query, context) }
    case .input(let id, let input): withOne(id, answer) { write(input, to: $0, answer) }
    case .clearLog(let id): clearLogs(of: id, answer)
    case .runs(let id):
      withOne(id, answer) { name in
        whenThereIsRoom(context) { [self] in
          answer(Answers.runs(supervisor.runs(of: name, at: now) ?? [], of: name))
        }
      }
    case .reload(let isDryRun):
      reload(isDryRun: isDryRun) { [self] in answer(Answers.reply($0, context: currentContext())) }
    // What is wrong with the file of keys is told before such a key is sent.
    case .health(let isDetailed):
      namedKeys.look(within: Self.healthWait) { [self] in
        answer(Answers.health(problems.list.all, isDetailed: isDetailed))
      }
    case .metrics:
      namedKeys.look(within: Self.healthWait) { [self] in
        whenMeasured(context) { [self] in
          answer(Answers.metrics(processMetrics(), daemonMetrics()))
        }
      }
    }
  }

  /// Makes an answer that tells what processes use.
  private func whenMeasured(_ context: RequestContext, _ body: @escaping () -> Void) {
    usageSampler.update { [self] in whenThereIsRoom(context, body) }
  }

  /// Makes an answer that changes nothing when clients have read enough of the earlier ones, and not at all
  /// for a client that has gone.
  private func whenThereIsRoom(_ context: RequestContext, _ body: @escaping () -> Void) {
    server.answers.enter { [self] in
      if context.connection.isClientGone { abandon(context) }
      return !context.connection.isClosed
    } _: {
      body()
    }
  }

  /// Notes that nobody waits for the answer to a request any more, and lets go of its connection.
  func abandon(_ context: RequestContext) {
    context.connection.close()
    note(nil, context)
  }

  /// Sends the answer to a request. Each request comes by here once, when it is known what became of it,
  /// also where the client has gone in the meantime.
  func answer(_ context: RequestContext, with response: Response) {
    guard let id = context.id else { preconditionFailure("a request without its body is answered") }
    context.connection.respond(to: id, with: completed(response, context))
    heapTrimmer.noteRelease(bytes: response.body.count)
  }

  /// Notes what became of a request, and adds what the answer has to say in any case.
  private func completed(_ response: Response, _ context: RequestContext) -> Response {
    note(response, context)
    guard context.grant != nil || isShuttingDown else { return response }
    var response = response
    context.grant?.apply(to: &response)
    // A client that keeps its connection would hold up the end.
    if isShuttingDown { response.closesConnection = true }
    return response
  }

  /// Writes the lines of a request.
  ///
  /// - Parameter response: nil where the client had gone before there was one.
  private func note(_ response: Response?, _ context: RequestContext) {
    if let subject = context.subject, let status = response?.status,
      let line = audit.line(
        of: subject, client: context.client, status: status, at: SystemProcess.monotonicClock)
    {
      supervisorLog.write(line.level, line.text)
    }
    supervisorLog.debug(
      AccessLine(
        client: context.client, method: context.method, target: context.target,
        status: response?.status,
        bodyBytes: context.method == "HEAD" ? 0 : response?.body.count ?? 0,
        time: SystemProcess.monotonicClock - context.received, key: context.key
      ).text)
  }

  /// Notes what never became a request: it is refused before anybody knows whom a proxy speaks for.
  func refused(peer: String, _ request: RefusedRequest?, _ response: Response?) {
    supervisorLog.debug(
      AccessLine(
        client: peer, method: request?.method, target: request?.target, status: response?.status,
        bodyBytes: request?.method == "HEAD" ? 0 : response?.body.count ?? 0,
        time: request?.age ?? .zero, key: nil
      ).text)
  }

  /// Refuses what would run more processes than there are descriptors for: those kept back are for the restarts of
  /// those that are there.
  func refusalForDescriptors(_ command: Command) -> Response? {
    switch command {
    case .add, .start, .scale, .startAll: break
    default: return nil
    }
    let reserved = configuration.firstReservedDescriptor
    guard reserved != .max else { return nil }
    let most = reserved - Self.descriptorsForAStart
    var isFree = SystemProcess.hasFreeDescriptor(below: most)
    // Strangers do not keep processes from being added.
    while !isFree, server.closeSilent() { isFree = SystemProcess.hasFreeDescriptor(below: most) }
    guard !isFree, !SystemProcess.hasFreeDescriptor(below: reserved) else { return nil }
    show(.descriptors, isReached: true)
    return Answers.refused(
      .conflict,
      "Nothing is started: all \(reserved) descriptors but those kept back for restarts are open; raise the limit of open files (LimitNOFILE= in the unit), or close connections"
    )
  }

  /// Shows a limit that clients run into, until they have not for a while.
  func show(_ limit: LimitAlarms.Limit, isReached: Bool) {
    guard isReached else { return problems.clear(.limit, of: limit.rawValue) }
    let message =
      switch limit {
      case .tcpConnections:
        "\(configuration.maxConnections) connections over TCP are served, and more are wanted: silent ones without a right key are closed, others are refused; raise --max-connections, or find out who connects"
      case .unixConnections:
        "\(configuration.maxConnections) connections over the Unix socket are served, and more are wanted: others are refused; raise --max-connections, or find out who connects"
      case .descriptors:
        "connections and processes have taken all descriptors but those kept back for restarts, and more are wanted; raise the limit of open files (LimitNOFILE= in the unit), or lower --max-connections"
      }
    problems.raise(.limit, of: limit.rawValue, message, level: .warning)
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
        hidesEnvironment: hidesEnvironment, context: currentContext())
    }
    guard let entry = supervisor.entry(id, at: now) else { return Answers.noSuchProcess(id) }
    return Answers.status(entry, hidesEnvironment: hidesEnvironment, context: currentContext())
  }
}
