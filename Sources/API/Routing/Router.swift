package import HTTP
import Supervision

/// Says what each request comes to: who may ask, what there is to ask for, and whether it is asked
/// well.
package struct Router {
  private let key: APIKey
  private let info: Response
  private var wrongKeys = WrongKeys()
  /// How many requests came with a wrong key. Those of an address that has to wait are not looked at.
  package private(set) var wrongKeyCount = 0
  /// The controllers that the supervisor's cgroup can give to its processes. `/add` refuses a limit
  /// that none of them keeps: it would be a promise without anybody to keep it.
  package var limitControllers: Set<LimitController> = []

  package init(key: APIKey, info: ServerInfo) {
    self.key = key
    self.info = Answers.info(info)
  }

  /// What the request comes to.
  ///
  /// - Parameters:
  ///   - peer: The address it came from, for the count of wrong keys.
  ///   - now: The time on the monotonic clock.
  ///   - isShuttingDown: Refuses everything but `/info`, whatever the key.
  package mutating func route(
    _ request: Request, peer: String, at now: Duration, isShuttingDown: Bool
  ) -> Routed {
    let match = Route.of(request.pathSegments)
    if isShuttingDown, match?.route != .info {
      return .response(Answers.refused(.serviceUnavailable, "exeio is shutting down"))
    }
    if match?.route.isOpen != true, let refusal = checkKey(of: request, peer: peer, at: now) {
      return .response(refusal)
    }
    guard let match else { return .response(Answers.noSuchRoute(request)) }
    guard match.route.methods.contains(request.method) else {
      return .response(Answers.wrongMethod(request, of: match.route))
    }
    do throws(BadRequest) {
      return try routed(match.route, id: match.id, request)
    } catch {
      return .response(Answers.refused(.badRequest, error.message))
    }
  }

  /// The refusal of a request whose sender may not ask or has to wait, nil where it may go on.
  private mutating func checkKey(
    of request: Request, peer: String, at now: Duration
  ) -> Response? {
    if let wait = wrongKeys.wait(of: peer, at: now) { return Answers.tooManyWrongKeys(wait) }
    guard let candidate = APIKey.candidate(in: request.headers) else {
      return Answers.unauthorized("no API key")
    }
    guard !key.matches(candidate) else {
      wrongKeys.forget(peer)
      return nil
    }
    wrongKeys.countWrong(from: peer, at: now)
    wrongKeyCount += 1
    if let wait = wrongKeys.wait(of: peer, at: now) { return Answers.tooManyWrongKeys(wait) }
    return Answers.unauthorized("wrong API key")
  }

  /// Refuses the first limit, in the order of the contract, that cannot be kept here.
  private func checkLimits(of definition: ProcessDefinition) throws(BadRequest) {
    let missing = LimitController.needed(by: definition).subtracting(limitControllers)
    guard let controller = LimitController.allCases.first(where: missing.contains) else { return }
    throw BadRequest(
      "\"\(controller.field.rawValue)\" cannot be kept here: the supervisor has no cgroup v2 with the "
        + "controller \"\(controller.rawValue)\" delegated to it (systemd: Delegate=yes)")
  }

  private func routed(
    _ route: Route, id: String, _ request: Request
  ) throws(BadRequest) -> Routed {
    // What has not the form of an id names no process, and is not handed on to become a file name.
    if route.takesID, !ProcessID.isValid(id) { return .response(Answers.noSuchProcess(id)) }
    // Whoever watches over health may add what it likes (`?t=123`, against caches).
    let query = try QueryReader(
      route.isOpen ? [] : request.query, known: route.parameters, of: route)
    switch route {
    case .info: return .response(info)
    case .health: return .response(Answers.done("ok"))
    case .list: return .list(try ListFilter(query))
    case .metrics: return .metrics
    case .status: return .status(id: id)
    case .logs: return .logs(id: id, try LogsQuery(query))
    case .clearLog: return .clearLog(id: id)
    case .add:
      let record = try RequestBody.decode(DefinitionRecord.self, from: request.body, of: route)
      try checkLimits(of: record.definition)
      return .command(.add(record.definition))
    case .input:
      let record = try RequestBody.decode(InputRecord.self, from: request.body, of: route)
      return .input(id: id, record.request)
    case .remove:
      let deletesLog = try query.boolean("delete_log") ?? false
      return .command(.remove(id: id, deletesLog: deletesLog))
    case .start: return .command(.start(id: id))
    case .stop: return .command(.stop(id: id))
    case .restart: return .command(.restart(id: id))
    case .startAll: return .command(.startAll)
    case .stopAll: return .command(.stopAll)
    case .restartAll: return .command(.restartAll)
    case .shutdown: return .command(.shutdown)
    }
  }
}
