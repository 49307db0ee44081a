package import HTTP
package import Supervision

/// Says which requests leave a line in the supervisor's own log, and what it says: all that change
/// something, and all that were refused for their key.
///
/// Never a key, an environment value or a body. Refusals are rationed, each kind by itself, so that
/// no client can fill the disk with them, or push older lines out of the log.
package struct Audit {
  private var strangers = LineRation()
  private var forbidden = LineRation()

  package init() {}

  /// The line of a request that has been answered; nil if it leaves none.
  ///
  /// - Parameters:
  ///   - client: The address that it came from, or `unix`.
  ///   - now: The time on the monotonic clock.
  package mutating func line(
    of subject: AuditSubject, client: String, status: Status, at now: Duration
  ) -> (level: LogLevel, text: String)? {
    let manner: String
    switch subject.key {
    case .unchecked: return nil
    case .right(let caller):
      guard subject.changes else { return nil }
      let manner = caller.isUser ? "by \(caller.name)" : "by key '\(caller.name)'"
      let text = line(subject, manner, client, status)
      guard status == .forbidden else { return (.info, text) }
      return forbidden.admit(text, at: now).map { (.warning, $0) }
    case .missing:
      // A client that only looks round without a key guesses nothing.
      guard subject.changes else { return nil }
      manner = "without a key"
    case .wrong: manner = "with a wrong key"
    case .tooSoon: manner = "too soon after wrong keys"
    case .unusable: manner = "with a named key, none of which can be checked,"
    }
    return strangers.admit(line(subject, manner, client, status), at: now).map { (.warning, $0) }
  }

  private func line(
    _ subject: AuditSubject, _ manner: String, _ client: String, _ status: Status
  ) -> String {
    "Audit: \(subject.action) \(manner) from \(client): \(status.code)"
  }
}
