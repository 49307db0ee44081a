package import Basics
package import HTTP
package import Supervision

/// Says what each request comes to: who may ask, what there is to ask for, and whether it is asked
/// well.
package struct Router {
  private var keys: KeyRing
  private let info: Response
  private var wrongKeys = WrongKeys()
  /// How many requests came with a wrong key. Those of an address that has to wait are not looked
  /// at.
  package private(set) var wrongKeyCount = 0
  /// The controllers that the supervisor's cgroup can give to its processes. `/add` refuses a limit
  /// that none of them keeps: it would be a promise that no route keeps.
  package var limitControllers: Set<CgroupController> = []
  /// What the supervisor may give to its processes. A definition that asks for more is refused: it
  /// could never start.
  package var privileges = Privileges.root

  package init(keys: KeyRing, info: ServerInfo) {
    self.keys = keys
    self.info = Answers.info(info)
  }

  /// Whether a request brings a key that may be a named one.
  package func needsNamedKeys(_ request: Request) -> Bool {
    APIKey.candidate(in: request.headers).map(keys.needsNamedKeys) ?? false
  }

  /// Whether a named key is there, as of the last look at the file; nil if that cannot be told now.
  package mutating func hasNamedKey(_ name: String) -> Bool? { keys.hasNamedKey(name) }

  /// What the request comes to.
  ///
  /// - Parameters:
  ///   - peer: The address it came from, for the count of wrong keys.
  ///   - local: Who asks where the kernel says so, and no key is needed; a request that brings a
  ///     key is judged by the key.
  ///   - now: The time on the monotonic clock.
  ///   - isShuttingDown: Refuses everything but `/info`, whatever the key.
  package mutating func route(
    _ request: Request, peer: String, local: Caller? = nil, at now: Duration, isShuttingDown: Bool
  ) -> RoutedRequest {
    let match = Route.of(request.pathSegments)
    var subject = AuditSubject(request, match)
    if let refusal = refusal(
      of: request, match, peer: peer, local: local, at: now, isShuttingDown: isShuttingDown,
      &subject) ?? (request.body.isEmpty ? nil : RequestBody.refusal(ofEncodingIn: request.headers))
    {
      return RoutedRequest(.response(refusal), subject)
    }
    guard let match else { preconditionFailure("a request of no route was not refused") }
    var warnings: [String]?
    do throws(BadRequest) {
      let routed = try commanded(match.route, id: match.id, request, &subject, &warnings)
      return RoutedRequest(routed, subject, warnings: warnings)
    } catch {
      return RoutedRequest(.response(Answers.refused(.badRequest, error.message)), subject)
    }
  }

  /// What a request comes to whose body has not been read: a refusal, or the answer of a route that
  /// needs neither key nor body; nil if the body is wanted. The parameters are those of `route`.
  package mutating func route(
    header request: Request, peer: String, local: Caller? = nil, at now: Duration,
    isShuttingDown: Bool
  ) -> (routed: Routed?, subject: AuditSubject) {
    let match = Route.of(request.pathSegments)
    var subject = AuditSubject(request, match)
    // The key may have been added since the last look at the file, which the request waits for when
    // its body is there. A large body is not read for that, and an address that has sent too many
    // wrong ones has to wait in any case.
    if request.headers.declaresSmallBody, let candidate = APIKey.candidate(in: request.headers),
      keys.needsNamedKeys(candidate),
      !keys.wasRight(candidate), wrongKeys.wait(of: peer, at: now) == nil, !isShuttingDown
    {
      return (nil, subject)
    }
    if let refusal = refusal(
      of: request, match, peer: peer, local: local, at: now, isShuttingDown: isShuttingDown,
      &subject) ?? RequestBody.refusal(ofEncodingIn: request.headers)
    {
      return (.response(refusal), subject)
    }
    guard let match, match.route.isOpen else { return (nil, subject) }
    var warnings: [String]?
    do throws(BadRequest) {
      return (try routed(match.route, id: match.id, request, &subject, &warnings), subject)
    } catch {
      return (.response(Answers.refused(.badRequest, error.message)), subject)
    }
  }

  /// What does not depend on the body: who asks, and whether there is what is asked for.
  private mutating func refusal(
    of request: Request, _ match: (route: Route, id: String)?, peer: String, local: Caller?,
    at now: Duration, isShuttingDown: Bool, _ subject: inout AuditSubject
  ) -> Response? {
    if isShuttingDown, match?.route != .info {
      return Answers.refused(.serviceUnavailable, Messages.shuttingDown)
    }
    if match?.route.isOpen != true {
      let (verdict, refusal) = checkKey(of: request, peer: peer, local: local, at: now)
      subject.key = verdict
      if let refusal { return refusal }
    } else if match?.route == .health,
      local != nil || APIKey.candidate(in: request.headers) != nil
    {
      // A wrong key counts as everywhere, or keys could be guessed here; but the answer is the one
      // without a key.
      subject.key = checkKey(of: request, peer: peer, local: local, at: now).verdict
    }
    guard let match else { return Answers.noSuchRoute(request) }
    guard match.route.methods.contains(request.method) else {
      return Answers.wrongMethod(request, of: match.route)
    }
    if case .right(let caller) = subject.key, let role = match.route.leastRole, caller.role < role {
      return Answers.forbidden(match.route, to: caller, needing: role)
    }
    return nil
  }

  /// What the key of a request is worth, and the refusal where its sender may not ask or has to
  /// wait.
  private mutating func checkKey(
    of request: Request, peer: String, local: Caller?, at now: Duration
  ) -> (verdict: KeyVerdict, refusal: Response?) {
    // No key is guessed, so no wrong one counts.
    if let local, !APIKey.isClaimed(in: request.headers) { return (.right(local), nil) }
    if let wait = wrongKeys.wait(of: peer, at: now) {
      return (.tooSoon, Answers.tooManyWrongKeys(wait))
    }
    guard let candidate = APIKey.candidate(in: request.headers) else {
      return (.missing, Answers.unauthorized("no API key"))
    }
    let verdict = keys.check(candidate)
    switch verdict {
    case .right(let caller):
      // A client with a lesser key could guess the main key without end, with its own in between.
      if caller.role == .admin { wrongKeys.forget(peer) }
      return (verdict, nil)
    case .unusable:
      // No client can guess now, and those whose keys are right must not make the main key wait.
      return (verdict, Answers.unauthorized("the named keys cannot be checked at present"))
    case .unchecked, .missing, .tooSoon, .wrong:
      wrongKeys.countWrong(from: peer, at: now)
      wrongKeyCount += 1
      if let wait = wrongKeys.wait(of: peer, at: now) {
        return (verdict, Answers.tooManyWrongKeys(wait))
      }
      return (verdict, Answers.unauthorized("wrong API key"))
    }
  }

  /// What a request comes to, an order that is forced marked as such.
  private func commanded(
    _ route: Route, id: String, _ request: Request, _ subject: inout AuditSubject,
    _ warnings: inout [String]?
  ) throws(BadRequest) -> Routed {
    let routed = try routed(route, id: id, request, &subject, &warnings)
    guard try isForced(route, request) else { return routed }
    switch routed {
    case .command(let command):
      subject.add("(forced)")
      return .forced(command)
    case .merge(let id, let patch, _):
      subject.add("(forced)")
      return .merge(id: id, patch, isForced: true)
    case .response, .forced, .list, .status, .logs, .logStream, .input, .clearLog, .runs, .health,
      .metrics:
      return routed
    }
  }

  private func isForced(_ route: Route, _ request: Request) throws(BadRequest) -> Bool {
    guard route.parameters.contains("force") else { return false }
    return try QueryReader(request.query, known: route.parameters, of: route).boolean("force")
      ?? false
  }

  /// Refuses what no process can be given here, the first thing in the order of the contract.
  func check(_ definition: ProcessDefinition) throws(BadRequest) {
    if let reason = refusal(of: definition) { throw BadRequest(reason) }
  }

  /// What of a definition no process can be given here, in words; nil if there is nothing.
  package func refusal(of definition: ProcessDefinition) -> String? {
    privileges.excess(of: definition) ?? definition.excess(overControllers: limitControllers)
  }

  /// The definition that a patch makes of the one that is there, or why it makes none, and what the
  /// answer says of old names.
  package func merge(
    _ patch: MergePatch, into definition: ProcessDefinition
  ) -> (routed: Routed, warnings: [String]?) {
    do throws(BadRequest) {
      let record = try patch.applied(to: definition)
      try check(record.definition)
      return (.command(.update(record.definition)), record.warnings)
    } catch {
      return (.response(Answers.refused(.badRequest, error.message)), nil)
    }
  }

  private func routed(
    _ route: Route, id: String, _ request: Request, _ subject: inout AuditSubject,
    _ warnings: inout [String]?
  ) throws(BadRequest) -> Routed {
    // What has not the form of an id names no process, and is not handed on to become a file name.
    if route.takesID, !ProcessID.isValid(id) { return .response(Answers.noSuchProcess(id)) }
    // A health monitor may add a query of its own (`?t=123`, against caches).
    let query = try QueryReader(
      route.isOpen ? [] : request.query, known: route.parameters, of: route)
    switch route {
    case .info: return .response(info)
    case .health: return .health(isDetailed: subject.key.name != nil)
    case .list: return .list(try ListFilter(query))
    case .metrics: return .metrics(MetricsFormat(accept: request.headers.values("accept")))
    case .status: return .status(id: id, hidesEnvironment: subject.key.hidesEnvironment)
    case .logs: return .logs(id: id, try LogsQuery(query))
    case .logStream: return .logStream(id: id, try LogStreamQuery(query, request.headers))
    case .clearLog: return .clearLog(id: id)
    case .runs: return .runs(id: id)
    case .add: return try added(by: request, &subject, &warnings)
    case .update: return try updated(id, by: request, query, &warnings)
    case .scale: return try scaled(id, by: request, &subject)
    case .signal: return try signalled(id, by: request, &subject)
    case .reload: return try reloaded(query, &subject)
    case .input:
      let record = try RequestBody.read(request.body, of: route, InputRecord.init)
      return .input(id: id, record.request)
    case .remove:
      let deletesLog = try query.boolean("delete_log") ?? false
      return .command(.remove(id: id, deletesLog: deletesLog))
    case .start: return .command(.start(id: id))
    case .stop: return .command(.stop(id: id))
    case .restart:
      let isRolling = try query.boolean("rolling") ?? false
      return .command(isRolling ? .rollingRestart(id: id) : .restart(id: id))
    case .startAll: return .command(.startAll)
    case .stopAll: return .command(.stopAll)
    case .restartAll: return .command(.restartAll)
    case .shutdown: return .command(.shutdown)
    }
  }
}

extension Headers {
  /// Whether a body comes with them that takes none of the room that large ones share.
  fileprivate var declaresSmallBody: Bool {
    guard !contains("transfer-encoding") else { return false }
    guard let length = self["content-length"] else { return true }
    return Int(length).map { $0 <= ServerLimits().smallBodyBytes } ?? false
  }
}
