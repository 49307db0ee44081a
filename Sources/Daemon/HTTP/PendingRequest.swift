import API
import HTTP
import Logs
import UV

/// A request that waits for its answer, and where that goes.
struct PendingRequest {
  let connection: HTTPConnection
  let id: RequestID
  /// What is known of the request.
  var record: RequestRecord

  /// Who asks for pages of a log by it: those of one client and key take turns with others.
  var pageRequester: PageRequester {
    PageRequester(name: "\(record.client) \(record.key ?? "")") { [connection] in
      !connection.isClientGone
    }
  }
}

extension HTTPConnection {
  /// Who is at the other end.
  var sender: RequestHandler.Sender {
    RequestHandler.Sender(peer: peer, user: peerUser)
  }

  /// Notes what the key of its last request was worth. A route that needs none changes nothing.
  func note(_ verdict: KeyVerdict?) {
    switch verdict {
    case .right: isTrusted = true
    case .wrong, .missing: isTrusted = false
    case .unchecked, .tooSoon, .unusable, nil: break
    }
  }
}
