import API
import HTTP
import UV

/// A request on its way to an answer: where that goes, and what the lines of the log say of it.
struct RequestContext {
  let connection: HTTPConnection
  /// Nil while only the header has come in.
  let id: RequestID?
  /// Who asks: an address, or `unix`.
  let client: String
  let method: String
  /// As it stood in the request line. It may hold what must not be logged: see `AccessLine`.
  let target: String
  /// When the whole of it had come, or its header where that was enough, on the monotonic clock.
  let received: Duration
  /// What the answer says of the page that may read it, nil where nothing.
  let grant: CrossOriginGrant?
  /// What was asked for, and with which key; nil until the router has seen it.
  var subject: AuditSubject?

  /// What the answer says beside the reply to its command.
  var notes = AnswerNotes()

  /// The name of the key that it came with; nil where none was needed or none was right.
  var key: String? { subject?.key.name }

  /// A request that has just come in.
  ///
  /// - Parameter id: nil where only its header has.
  init(
    _ request: Request, _ id: RequestID?, from connection: HTTPConnection, _ admission: Admission,
    receivedAt received: Duration
  ) {
    self.connection = connection
    self.id = id
    client = admission.client
    method = request.method
    target = request.target
    self.received = received
    grant = admission.grant
  }
}

extension HTTPConnection {
  /// Notes what the key of its request was worth. A route that needs none changes nothing.
  func note(_ verdict: KeyVerdict) {
    switch verdict {
    case .right: isTrusted = true
    case .wrong, .missing: isTrusted = false
    case .unchecked, .tooSoon, .unusable: break
    }
  }
}
