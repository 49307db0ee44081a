import API
import HTTP

/// A request on its way to an answer: where that goes, and what the lines of the log say of it.
struct RequestContext {
  let connection: HTTPConnection
  let id: RequestID
  /// Who asks: an address, or `unix`.
  let client: String
  let method: String
  /// As it stood in the request line. It may hold what must not be logged: see `AccessLine`.
  let target: String
  /// When the whole of it had come, on the monotonic clock.
  let received: Duration
  /// What the answer says of the page that may read it, nil where nothing.
  let grant: CrossOriginGrant?
  /// What was asked for, and with which key; nil until the router has seen it.
  var subject: AuditSubject?

  /// The name of the key that it came with; nil where none was needed or none was right.
  var key: String? { subject?.key.name }
}
