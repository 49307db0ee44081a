import HTTP

/// What the audit says of a request: what was asked for, and with which key.
package struct AuditSubject: Hashable, Sendable {
  /// `POST /stop/web`, `POST /add 'web'`, `POST /signal/web 'SIGHUP'`. Only what has the form of a
  /// route and of an id is in it: the client may have put a key into the rest of the target, or
  /// into the place of the id.
  package internal(set) var action: String
  /// Whether it would change something.
  package internal(set) var changes: Bool
  package internal(set) var key: KeyVerdict = .unchecked
  /// Nil where there is none of that path.
  let route: Route?

  init(_ request: Request, _ match: (route: Route, id: String)?) {
    let method = shortened(request.method)
    route = match?.route
    if let match {
      let hasID =
        match.route.takesID && ProcessID.isValid(match.id) && !NamedKey.isLikelyKey(match.id)
      action = "\(method) \(hasID ? match.route.path(of: match.id) : match.route.template)"
    } else {
      action = "\(method) on no route"
    }
    changes = match?.route.changes == true && match?.route.methods.contains(request.method) == true
  }

  /// Adds what the path does not tell, once it has been checked.
  package mutating func add(_ detail: String) { action += " \(detail)" }
}
