import API
import HTTP
import Supervision
import UV

/// The way of a request in, and of its answer out: filter, key and route; audit, access line and
/// what each answer says. What is asked for in between is done by ``RequestActions``.
final class RequestHandler {
  private let context: DaemonContext
  private let parts: Parts
  private var router: Router
  private let filter: RequestFilter
  private var audit = Audit()
  /// Does what a request asks for, and has it answered by ``answer(_:with:)``.
  var perform: (Routed, RequestContext) -> Void = { _, _ in }

  /// What requests are judged with.
  struct Parts {
    let dispatcher: EventDispatcher
    let namedKeys: NamedKeysFile
    let problems: Problems
    let heapTrimmer: HeapTrimmer
  }

  init(_ context: DaemonContext, _ parts: Parts, _ router: Router, _ filter: RequestFilter) {
    self.context = context
    self.parts = parts
    self.router = router
    self.filter = filter
  }

  /// How many wrong keys clients have sent.
  var wrongKeyCount: Int { router.wrongKeyCount }

  /// Why a definition could never be started here; nil if it could.
  func refusal(of definition: ProcessDefinition) -> String? { router.refusal(of: definition) }

  /// What a patch makes of a definition: a command, or a refusal.
  func merge(
    _ patch: MergePatch, into definition: ProcessDefinition
  ) -> (routed: Routed, warnings: [String]?) {
    router.merge(patch, into: definition)
  }

  /// Takes a request from a connection: some are answered here and now, the others wait for a
  /// reply.
  func handle(_ request: Request, _ id: RequestID, from connection: HTTPConnection) {
    let admission = filter.admit(request, peer: connection.peer, user: connection.peerUser)
    let context = RequestContext(
      request, id, from: connection, admission, receivedAt: self.context.now)
    if let response = admission.response { return answer(context, with: response) }
    // Most requests come with the main key, and nothing is captured for them.
    if let routed = router.routeWithoutNamedKeys(
      request, peer: admission.limitedAddress, local: admission.local, at: context.received,
      isShuttingDown: parts.dispatcher.isShuttingDown)
    {
      return take(routed, context, bodyBytes: request.body.count)
    }
    parts.namedKeys.look { [self] in
      let routed = router.route(
        request, peer: admission.limitedAddress, local: admission.local, at: context.received,
        isShuttingDown: parts.dispatcher.isShuttingDown)
      take(routed, context, bodyBytes: request.body.count)
    }
  }

  private func take(_ routed: RoutedRequest, _ context: RequestContext, bodyBytes: Int) {
    var context = context
    context.subject = routed.subject
    context.connection.note(routed.subject.key)
    parts.heapTrimmer.noteRelease(bytes: bodyBytes)
    context.notes.warnings = routed.warnings
    // Before anything is captured: the requests that cost least are answered here.
    if case .response(let response) = routed.routed { return answer(context, with: response) }
    perform(routed.routed, context)
  }

  /// The answer to a request that is refused for its header, whose body is not read then; nil where
  /// it is.
  func refuse(header request: Request, from connection: HTTPConnection) -> Response? {
    let admission = filter.admit(request, peer: connection.peer, user: connection.peerUser)
    var context = RequestContext(
      request, nil, from: connection, admission, receivedAt: self.context.now)
    if let response = admission.response { return completed(response, context) }
    let (routed, subject) = router.route(
      header: request, peer: admission.limitedAddress, local: admission.local,
      at: context.received, isShuttingDown: parts.dispatcher.isShuttingDown)
    context.subject = subject
    connection.note(subject.key)
    switch routed {
    case nil: return nil
    case .response(let response):
      // A key that has just been added is right at the next try.
      if router.needsNamedKeys(request) { parts.namedKeys.look {} }
      return completed(response, context)
    case .health(let isDetailed):
      let problems = parts.problems.list.all
      return completed(Answers.health(problems, isDetailed: isDetailed), context)
    default: preconditionFailure("a route without a key is answered at once")
    }
  }

  /// Sends the answer to a request. Each request comes by here once, when it is known what became
  /// of it, also where the client has gone in the meantime.
  func answer(_ context: RequestContext, with response: Response) {
    guard let id = context.id else { preconditionFailure("a request without its body is answered") }
    context.connection.respond(to: id, with: completed(response, context))
    parts.heapTrimmer.noteRelease(bytes: response.body.count)
  }

  /// Notes that the client does not wait for the answer to a request any more, and lets go of its
  /// connection.
  func abandon(_ context: RequestContext) {
    context.connection.close()
    note(nil, context)
  }

  /// Notes what never became a request: it is refused before the daemon knows which client a proxy
  /// speaks for.
  func refused(peer: String, _ request: RefusedRequest?, _ response: Response?) {
    context.log.debug(
      AccessLine(
        client: peer, method: request?.method, target: request?.target, status: response?.status,
        bodyBytes: request?.method == "HEAD" ? 0 : response?.body.count ?? 0,
        time: request?.age ?? .zero, key: nil
      ).text)
  }

  /// Notes what became of a request, and adds what the answer has to say in any case.
  private func completed(_ response: Response, _ context: RequestContext) -> Response {
    note(response, context)
    let isShuttingDown = parts.dispatcher.isShuttingDown
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
    let log = self.context.log
    if let subject = context.subject, let status = response?.status,
      let line = audit.line(
        of: subject, client: context.client, status: status, at: self.context.now)
    {
      log.write(line.level, line.text)
    }
    log.debug(
      AccessLine(
        client: context.client, method: context.method, target: context.target,
        status: response?.status,
        bodyBytes: context.method == "HEAD" ? 0 : response?.body.count ?? 0,
        time: self.context.now - context.received, key: context.key
      ).text)
  }
}
