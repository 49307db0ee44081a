import API
import HTTP
import Supervision
import UV

/// Brings the requests of connections to the ``RequestHandler``, has done what they ask for
/// (``RequestActions``), and their answers back.
final class RequestDispatcher {
  private let context: DaemonContext
  private let parts: Parts
  private var handler: RequestHandler
  /// Does what a request asks for, and has it answered by ``answer(_:with:)``.
  var perform: (Routed, RequestContext) -> Void = { _, _ in }

  /// What requests wait for, and what they leave.
  struct Parts {
    let dispatcher: EventDispatcher
    let namedKeys: NamedKeysFile
    let problems: Problems
    let heapTrimmer: HeapTrimmer
  }

  init(_ context: DaemonContext, _ parts: Parts, _ handler: RequestHandler) {
    self.context = context
    self.parts = parts
    self.handler = handler
  }

  /// How many wrong keys clients have sent.
  var wrongKeyCount: Int { handler.wrongKeyCount }

  /// Why a definition could never be started here; nil if it could.
  func refusal(of definition: ProcessDefinition) -> String? { handler.refusal(of: definition) }

  /// What a patch makes of a definition: a command, or a refusal.
  func merge(
    _ patch: MergePatch, into definition: ProcessDefinition
  ) -> (routed: Routed, warnings: [String]?) {
    handler.merge(patch, into: definition)
  }

  private var isShuttingDown: Bool { parts.dispatcher.isShuttingDown }

  /// Takes a request from a connection: some are answered here and now, the others wait for a
  /// reply.
  func handle(_ request: Request, _ id: RequestID, from connection: HTTPConnection) {
    let (record, step) = handler.begin(
      request, from: connection.sender, at: context.now, isShuttingDown: isShuttingDown)
    guard case .lookAtKeys = step else {
      return take(step, RequestContext(connection, id, record), request.body.count)
    }
    parts.namedKeys.look { [self] in
      let (record, step) = handler.route(
        request, record, isShuttingDown: isShuttingDown)
      take(step, RequestContext(connection, id, record), request.body.count)
    }
  }

  private func take(
    _ step: RequestHandler.Step, _ context: RequestContext, _ bodyBytes: Int
  ) {
    context.noteVerdict()
    parts.heapTrimmer.noteRelease(bytes: bodyBytes)
    switch step {
    case .answer(let response): answer(context, with: response)
    case .perform(let routed): perform(routed, context)
    case .lookAtKeys: preconditionFailure("the named keys have been looked at")
    }
  }

  /// The answer to a request that is refused for its header, whose body is not read then; nil where
  /// it is.
  func refuse(header request: Request, from connection: HTTPConnection) -> Response? {
    let (record, step) = handler.begin(
      header: request, from: connection.sender, at: context.now, isShuttingDown: isShuttingDown)
    let context = RequestContext(connection, nil, record)
    context.noteVerdict()
    switch step {
    case .readBody: return nil
    case .answer(let response, let looksAtKeys):
      if looksAtKeys { parts.namedKeys.look {} }
      return completed(response, context)
    case .answerHealth(let isDetailed):
      let problems = parts.problems.list.all
      return completed(Answers.health(problems, isDetailed: isDetailed), context)
    }
  }

  /// Sends the answer to a request. Each request comes by here once, when it is known what became
  /// of it, also where the client has gone in the meantime.
  func answer(_ context: RequestContext, with response: Response) {
    guard let id = context.id, let response = completed(response, context) else {
      preconditionFailure("a request without its body is answered")
    }
    let bodyBytes = response.body.count
    context.connection.respond(to: id, with: response)
    parts.heapTrimmer.noteRelease(bytes: bodyBytes)
  }

  /// Notes that the client does not wait for the answer to a request any more, and lets go of its
  /// connection.
  func abandon(_ context: RequestContext) {
    context.connection.close()
    _ = completed(nil, context)
  }

  /// Notes what never became a request.
  func refused(peer: String, _ request: RefusedRequest?, _ response: Response?) {
    context.log.debug(RequestHandler.accessLine(ofRefused: request, peer: peer, response).text)
  }

  /// Writes the lines of a request, and adds what its answer has to say in any case.
  ///
  /// - Parameter response: nil where the client had gone before there was one.
  private func completed(_ response: Response?, _ context: RequestContext) -> Response? {
    let completion = handler.complete(
      context.record, with: response, at: self.context.now, isShuttingDown: isShuttingDown)
    let log = self.context.log
    if let line = completion.auditLine { log.write(line.level, line.text) }
    log.debug(completion.accessLine.text)
    return completion.response
  }
}

extension HTTPConnection {
  fileprivate var sender: RequestHandler.Sender {
    RequestHandler.Sender(peer: peer, user: peerUser)
  }
}
