import API
import HTTP
import UV

/// A request on its way to an answer, and where that goes.
struct RequestContext {
  let connection: HTTPConnection
  /// Nil while only the header has come in.
  let id: RequestID?
  /// What is known of the request.
  var record: RequestRecord

  /// - Parameter id: nil where only its header has come in.
  init(_ connection: HTTPConnection, _ id: RequestID?, _ record: RequestRecord) {
    self.connection = connection
    self.id = id
    self.record = record
  }

  /// Notes what the key of the request was worth for its connection. A route that needs none
  /// changes nothing.
  func noteVerdict() {
    switch record.verdict {
    case .right: connection.isTrusted = true
    case .wrong, .missing: connection.isTrusted = false
    case .unchecked, .tooSoon, .unusable, nil: break
    }
  }
}
