import API
import HTTP
import Supervision
import UV

/// Brings the requests of connections to the ``RequestHandler``, has done what they ask for
/// (``RequestActions``), and their answers back. Each request has a ticket, by which it is answered
/// once, whatever it asks for.
final class RequestDispatcher {
  private let context: DaemonContext
  private let parts: Parts
  private var handler: RequestHandler
  private var pending: [Ticket: PendingRequest] = [:]
  /// Does what a request asks for, and has it answered by ``answer(_:with:)`` or
  /// ``abandon(_:)``.
  var perform: (Routed, Ticket) -> Void = { _, _ in }

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

  /// How many requests wait for their answers.
  var pendingCount: Int { pending.count }

  /// How long the requests took that were answered.
  var requestTimes: RequestTimes { handler.times }

  /// Whether a named key is there, as of the last look at the file; nil if that cannot be told now.
  func hasNamedKey(_ name: String) -> Bool? { handler.hasNamedKey(name) }

  /// Why a definition could never be started here; nil if it could.
  func refusal(of definition: ProcessDefinition) -> String? { handler.refusal(of: definition) }

  /// What a patch makes of a definition: a command, or a refusal.
  func merge(
    _ patch: MergePatch, into definition: ProcessDefinition
  ) -> (routed: Routed, warnings: [String]?) {
    handler.merge(patch, into: definition)
  }

  private var isShuttingDown: Bool { parts.dispatcher.isShuttingDown }

  // MARK: The way in

  /// Takes a request from a connection: some are answered here and now, the others wait for a
  /// reply.
  func handle(_ connection: HTTPConnection, _ id: RequestID, _ request: Request) {
    let (record, step) = handler.begin(
      request, from: connection.sender, at: context.now, isShuttingDown: isShuttingDown)
    let ticket = parts.dispatcher.makeTicket()
    pending[ticket] = PendingRequest(connection: connection, id: id, record: record)
    guard case .lookAtKeys = step else { return take(step, ticket, request.body.count) }
    parts.namedKeys.look { [self] in
      let (record, step) = handler.route(request, record, isShuttingDown: isShuttingDown)
      pending[ticket]?.record = record
      take(step, ticket, request.body.count)
    }
  }

  private func take(_ step: RequestHandler.Step, _ ticket: Ticket, _ bodyBytes: Int) {
    let request = self[ticket]
    request.connection.note(request.record.verdict)
    parts.heapTrimmer.noteRelease(bytes: bodyBytes)
    switch step {
    case .answer(let response): answer(ticket, with: response)
    case .perform(let routed): perform(routed, ticket)
    case .lookAtKeys: preconditionFailure("the named keys have been looked at")
    }
  }

  /// The answer to a request that is refused for its header, whose body is not read then; nil if it
  /// is.
  func refuse(_ connection: HTTPConnection, header request: Request) -> Response? {
    let (record, step) = handler.begin(
      header: request, from: connection.sender, at: context.now, isShuttingDown: isShuttingDown)
    connection.note(record.verdict)
    switch step {
    case .readBody: return nil
    case .answer(let response, let looksAtKeys):
      if looksAtKeys { parts.namedKeys.look {} }
      return completed(response, record)
    case .answerHealth(let isDetailed):
      let problems = parts.problems.list.all
      return completed(Answers.health(problems, isDetailed: isDetailed), record)
    }
  }

  // MARK: Requests that wait

  /// A request that has not been answered.
  subscript(ticket: Ticket) -> PendingRequest {
    guard let request = pending[ticket] else {
      preconditionFailure("the request of \(ticket) has been answered")
    }
    return request
  }

  /// Changes what is known of a request that has not been answered.
  func update(_ ticket: Ticket, _ change: (inout RequestRecord) -> Void) {
    var request = self[ticket]
    change(&request.record)
    pending[ticket] = request
  }

  // MARK: The way out

  /// Sends the answer to a request. Each request comes by here or by ``abandon(_:)`` once, when it
  /// is known what became of it, also if the client has gone in the meantime.
  func answer(_ ticket: Ticket, with response: Response) {
    let request = take(ticket)
    guard let response = completed(response, request.record) else { return }
    let bodyBytes = response.body.count
    request.connection.respond(to: request.id, with: response)
    parts.heapTrimmer.noteRelease(bytes: bodyBytes)
  }

  /// Begins the answer to a request whose body comes in pieces, by ``HTTPConnection/send(_:to:)``;
  /// what the log says of the request is written now.
  /// - Parameters:
  ///   - response: what is before the body.
  ///   - onRoom: called when the client has taken of what was sent, and there is room for more.
  ///   - onGone: called once if the client goes before the answer ends.
  /// - Returns: where the answer goes; nil if the client has gone.
  func beginStream(
    _ ticket: Ticket, with response: Response, onRoom: @escaping () -> Void,
    onGone: @escaping () -> Void
  ) -> PendingRequest? {
    let request = take(ticket)
    guard let response = completed(response, request.record) else { return nil }
    let hasBegun = request.connection.beginStream(
      for: request.id, with: response, onRoom: onRoom, onGone: onGone)
    return hasBegun ? request : nil
  }

  /// Answers a `HEAD` with what is before a body that would come in pieces.
  func answerHead(_ ticket: Ticket, with response: Response) {
    let request = take(ticket)
    guard let response = completed(response, request.record) else { return }
    request.connection.respondWithHead(to: request.id, response)
  }

  /// Notes that the client does not wait for the answer to a request any more, and lets go of its
  /// connection.
  func abandon(_ ticket: Ticket) {
    let request = take(ticket)
    request.connection.close()
    _ = completed(nil, request.record)
  }

  private func take(_ ticket: Ticket) -> PendingRequest {
    let request = self[ticket]
    pending[ticket] = nil
    return request
  }

  /// Notes what never became a request.
  func noteRefused(_ peer: String, _ request: RefusedRequest?, _ response: Response?) {
    context.log.debug(RequestHandler.accessLine(ofRefused: request, peer: peer, response).text)
  }

  /// Writes the lines of a request, and adds what its answer has to say in any case.
  ///
  /// - Parameter response: nil if the client had gone before there was one.
  private func completed(_ response: Response?, _ record: RequestRecord) -> Response? {
    let completion = handler.complete(
      record, with: response, at: context.now, isShuttingDown: isShuttingDown)
    if let line = completion.auditLine { context.log.write(line.level, line.text) }
    context.log.debug(completion.accessLine.text)
    return completion.response
  }
}
