import HTTP

/// A request on its way to an answer: what the lines of the log say of it, and what its answer says
/// in any case.
package struct RequestRecord {
  let method: String
  /// As it stood in the request line. It may hold what must not be logged: see ``AccessLine``.
  let target: String
  /// When the whole of it had come, or its header where that was enough, on the monotonic clock.
  package let received: Duration
  let admission: Admission
  /// What was asked for, and with which key; nil until the router has seen it.
  var subject: AuditSubject?
  /// What the answer says beside the reply to its command.
  package var notes = AnswerNotes()

  init(_ request: Request, _ admission: Admission, receivedAt received: Duration) {
    method = request.method
    target = request.target
    self.received = received
    self.admission = admission
  }

  /// Whether only the header of the answer is wanted.
  package var isHead: Bool { method == "HEAD" }

  /// Who asks: an address, or `unix`.
  package var client: String { admission.client }

  /// The name of the key that it came with; nil if none was needed or none was right.
  package var key: String? { subject?.key.name }

  /// What its key was worth; nil until the router has seen it.
  package var verdict: KeyVerdict? { subject?.key }

  /// Whether the values of environments are hidden from who asks.
  package var hidesEnvironment: Bool { subject?.key.hidesEnvironment ?? true }

  /// Adds to what the audit line says was done.
  package mutating func add(_ detail: String) { subject?.add(detail) }
}
