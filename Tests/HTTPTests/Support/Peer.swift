import HTTP

/// A client and the clock of one `ServerConnection`: feeds it, takes its actions, remembers them.
final class Peer {
  let connection: ServerConnection
  var now = Duration.seconds(1000)
  /// What was handed out, in order.
  private(set) var requests: [(id: RequestID, request: Request)] = []
  /// All that was sent.
  private(set) var sent: [UInt8] = []
  /// How many actions the sending took.
  private(set) var sendCount = 0
  private(set) var isClosed = false
  /// Answers each request at once; nil leaves them to the test.
  var answer: ((Request) -> Response?)?

  init(limits: ServerLimits = ServerLimits(), answer: ((Request) -> Response?)? = nil) {
    connection = ServerConnection(limits: limits, now: now)
    self.answer = answer
  }

  var output: String { String(decoding: sent, as: UTF8.self) }

  func feed(_ text: String, pieces: Pieces = .whole) { feed(Array(text.utf8), pieces: pieces) }

  func feed(_ bytes: [UInt8], pieces: Pieces = .whole) {
    for piece in pieces.cut(bytes) {
      connection.receive(piece.span.bytes, at: now)
      takeActions()
    }
  }

  func end() {
    connection.receiveEnd(at: now)
    takeActions()
  }

  func respond(to index: Int, _ response: Response, date: String? = nil) {
    connection.respond(to: requests[index].id, with: response, date: date, at: now)
    takeActions()
  }

  func beginClosing() {
    connection.beginClosing()
    takeActions()
  }

  /// Moves the clock, calling at each deadline on the way.
  func wait(_ time: Duration) {
    let end = now + time
    while let deadline = connection.deadline, deadline <= end, !isClosed {
      now = max(now, deadline)
      connection.deadlinePassed(at: now)
      takeActions()
    }
    now = end
  }

  func takeActions() {
    while let action = connection.nextAction() {
      precondition(!isClosed, "an action after close")
      switch action {
      case .request(let id, let request):
        requests.append((id, request))
        if let response = answer?(request) {
          connection.respond(to: id, with: response, date: nil, at: now)
        }
      case .send(let bytes):
        sent += bytes
        sendCount += 1
      case .close:
        isClosed = true
      }
    }
  }

  func clearSent() {
    sent = []
    sendCount = 0
  }
}

/// How input is cut before it is fed.
enum Pieces: CaseIterable {
  case whole, bytes

  func cut(_ bytes: [UInt8]) -> [[UInt8]] {
    switch self {
    case .whole: [bytes]
    case .bytes: bytes.map { [$0] }
    }
  }
}

extension Response {
  /// An answer that says what was asked.
  static func echo(_ request: Request) -> Response {
    Response(.ok, headers: ["Content-Type": "text/plain"], body: Array(request.target.utf8))
  }
}
