import Basics
import HTTP
import Supervision

extension Answers {
  /// Asks for a key, and says how to send it.
  static func unauthorized(_ reason: String) -> Response {
    var response = refused(
      .unauthorized,
      "\(reason): send it as header '\(APIKey.headerName): KEY' or 'Authorization: Bearer KEY'")
    response.headers.add("WWW-Authenticate", "Bearer")
    return response
  }

  /// The key is right, but may not do this.
  static func forbidden(_ route: Route, to caller: Caller, needing role: Role) -> Response {
    refused(
      .forbidden,
      "\(route.title) needs a key with the role '\(role.rawValue)'"
        + "\(role == .admin ? "" : " or a higher one"), "
        + "but key '\(caller.name)' has the role '\(caller.role.rawValue)'")
  }

  /// Says how long an address has to wait that sent too many wrong keys.
  static func tooManyWrongKeys(_ wait: Duration) -> Response {
    let whole = max(1, wait.secondsRoundedUp)
    var response = refused(
      .tooManyRequests,
      "more than \(WrongKeys.tolerated) wrong API keys in a row: try again in \(whole) s")
    response.headers.add("Retry-After", "\(whole)")
    return response
  }

  static func noSuchRoute(_ request: Request) -> Response {
    var hint = "GET /info lists the routes"
    if let name = request.pathSegments.first, let route = Route(segment: name) {
      hint = "there is \(route.title)"
    }
    return refused(
      .notFound, "no route \(shortened(request.method)) \(shortened(request.path)): \(hint)")
  }

  static func wrongMethod(_ request: Request, of route: Route) -> Response {
    let allowed = route.methods.joined(separator: ", ")
    var response = refused(
      .methodNotAllowed, "\(route.template) takes \(allowed), not \(shortened(request.method))")
    response.headers.add("Allow", allowed)
    return response
  }
}

extension Reply.Refusal {
  /// The status of the answer.
  var status: Status {
    switch self {
    case .badDefinition: .badRequest
    case .noSuchProcess: .notFound
    case .conflict: .conflict
    case .shuttingDown: .serviceUnavailable
    case .failure: .internalServerError
    }
  }
}
