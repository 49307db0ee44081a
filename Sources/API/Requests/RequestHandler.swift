package import HTTP
package import Supervision

/// The way of a request in, and of its answer out: filter, keys and router; audit, access line and
/// what each answer says. It knows no connection and waits for nothing.
package struct RequestHandler {
  private let filter: RequestFilter
  private var router: Router
  private var audit = Audit()
  /// How long the requests took that were answered.
  package private(set) var times = RequestTimes()

  /// Who is at the other end of a connection.
  package struct Sender {
    let peer: String
    let user: UInt32?

    /// - Parameters:
    ///   - peer: the address, or `unix`.
    ///   - user: the user of a Unix socket; nil of another connection.
    package init(peer: String, user: UInt32?) {
      self.peer = peer
      self.user = user
    }
  }

  /// What is to be done for a request that has come.
  package enum Step {
    /// Nothing: this is the answer.
    case answer(Response)
    /// What it asks for.
    case perform(Routed)
    /// A look at the file of named keys: its key may be one of them. Then it goes on with
    /// ``route(_:_:isShuttingDown:)``.
    case lookAtKeys
  }

  /// What is to be done for a request of which only the header has come.
  package enum HeaderStep {
    /// Its body is to be read.
    case readBody
    /// It is answered without its body. With `looksAtKeys`, the file of named keys may have one
    /// since that is right at the next try.
    case answer(Response, looksAtKeys: Bool)
    /// It is answered with what is wrong at present.
    case answerHealth(isDetailed: Bool)
  }

  /// What becomes known of a request when it is answered.
  package struct Completion {
    /// The answer as it is to be sent; nil if the client had gone before there was one.
    package let response: Response?
    /// The line for the supervisor's own log; nil if it leaves none.
    package let auditLine: (level: LogLevel, text: String)?
    /// What the access log says.
    package let accessLine: AccessLine
  }

  /// A handler of requests that this filter lets in.
  package init(_ router: Router, _ filter: RequestFilter) {
    self.router = router
    self.filter = filter
  }

  /// How many wrong keys clients have sent.
  package var wrongKeyCount: Int { router.wrongKeyCount }

  /// Whether a named key is there, as of the last look at the file; nil if that cannot be told now.
  package mutating func hasNamedKey(_ name: String) -> Bool? { router.hasNamedKey(name) }

  /// Why a definition could never be started here; nil if it could.
  package func refusal(of definition: ProcessDefinition) -> String? {
    router.refusal(of: definition)
  }

  /// What a patch makes of a definition: a command, or a refusal; and what the answer says of old
  /// names.
  package func merge(
    _ patch: MergePatch, into definition: ProcessDefinition
  ) -> (routed: Routed, warnings: [String]?) {
    router.merge(patch, into: definition)
  }

  // MARK: The way in

  /// A request has come.
  package mutating func begin(
    _ request: Request, from sender: Sender, at now: Duration, isShuttingDown: Bool
  ) -> (record: RequestRecord, step: Step) {
    let admission = filter.admit(request, peer: sender.peer, user: sender.user)
    let record = RequestRecord(request, admission, receivedAt: now)
    if let response = admission.response { return (record, .answer(response)) }
    if router.needsNamedKeys(request) { return (record, .lookAtKeys) }
    return route(request, record, isShuttingDown: isShuttingDown)
  }

  /// A request goes on for which the named keys have been looked at, if that was needed.
  package mutating func route(
    _ request: Request, _ record: RequestRecord, isShuttingDown: Bool
  ) -> (record: RequestRecord, step: Step) {
    var record = record
    let routed = router.route(
      request, peer: record.admission.limitedAddress, local: record.admission.local,
      at: record.received, isShuttingDown: isShuttingDown)
    record.subject = routed.subject
    record.notes.warnings = routed.warnings
    if case .response(let response) = routed.routed { return (record, .answer(response)) }
    return (record, .perform(routed.routed))
  }

  /// The header of a request has come, and its body may be large.
  package mutating func begin(
    header request: Request, from sender: Sender, at now: Duration, isShuttingDown: Bool
  ) -> (record: RequestRecord, step: HeaderStep) {
    let admission = filter.admit(request, peer: sender.peer, user: sender.user)
    var record = RequestRecord(request, admission, receivedAt: now)
    if let response = admission.response {
      return (record, .answer(response, looksAtKeys: false))
    }
    let (routed, subject) = router.route(
      header: request, peer: admission.limitedAddress, local: admission.local,
      at: record.received, isShuttingDown: isShuttingDown)
    record.subject = subject
    switch routed {
    case nil: return (record, .readBody)
    case .response(let response):
      return (record, .answer(response, looksAtKeys: router.needsNamedKeys(request)))
    case .health(let isDetailed): return (record, .answerHealth(isDetailed: isDetailed))
    default: preconditionFailure("a route without a key is answered at once")
    }
  }

  // MARK: The way out

  /// A request is answered. Each comes by here once, when it is known what became of it.
  ///
  /// - Parameter response: nil if the client had gone before there was one.
  package mutating func complete(
    _ record: RequestRecord, with response: Response?, at now: Duration, isShuttingDown: Bool
  ) -> Completion {
    let time = now - record.received
    if response != nil { times.observe(time, of: record.subject?.route) }
    let auditLine = record.subject.flatMap { subject in
      response.flatMap {
        audit.line(of: subject, client: record.client, status: $0.status, at: now)
      }
    }
    let accessLine = AccessLine(
      client: record.client, method: record.method, target: record.target,
      status: response?.status,
      bodyBytes: record.method == "HEAD" ? 0 : response?.body.count ?? 0,
      time: time, key: record.key)
    return Completion(
      response: response.map { completed($0, record, isShuttingDown: isShuttingDown) },
      auditLine: auditLine,
      accessLine: accessLine)
  }

  /// Adds what an answer has to say in any case.
  private func completed(
    _ response: Response, _ record: RequestRecord, isShuttingDown: Bool
  ) -> Response {
    guard record.admission.grant != nil || isShuttingDown else { return response }
    var response = response
    record.admission.grant?.apply(to: &response)
    // A client that keeps its connection would hold up the end.
    if isShuttingDown { response.closesConnection = true }
    return response
  }

  /// What the access log says of what never became a request: it is refused before it is known
  /// which client a proxy speaks for.
  package static func accessLine(
    ofRefused request: RefusedRequest?, peer: String, _ response: Response?
  ) -> AccessLine {
    AccessLine(
      client: peer, method: request?.method, target: request?.target, status: response?.status,
      bodyBytes: request?.method == "HEAD" ? 0 : response?.body.count ?? 0,
      time: request?.age ?? .zero, key: nil)
  }
}
