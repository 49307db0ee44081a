/// One connection of an HTTP/1.1 server (RFC 9112), without a socket and without a clock: bytes go
/// in, actions come out.
///
/// After every call that tells it something, the caller takes actions with `nextAction()` until
/// there is none, reads from the peer only while `wantsInput`, and arms its timer for `deadline`.
/// A caller whose peer does not read stops taking actions: nothing more is handed out then, and
/// what is kept here stays bounded.
package final class ServerConnection {
  /// What the connection asks its owner to do.
  package enum Action {
    /// Answer this request, now or later, with `respond(to:with:date:at:)`.
    case request(RequestID, Request)
    /// Send these bytes, in this order with those of other such actions.
    case send([UInt8])
    /// Once everything sent has left: shut down writing, then close. Comes once and last.
    case close
  }

  /// What the connection is doing with its input.
  enum Phase {
    /// Between requests, since then. Left by the first byte of a request, by the deadline.
    case idle(since: Duration)
    /// In a request line or header that began then. Left by its end, an error, the deadline.
    case head(since: Duration)
    /// In a body that nothing needs, because its request has been answered without it: so many
    /// bytes are to come, since then. Left by its end, the deadline.
    case skipping(remaining: Int, since: Duration)
    /// In a body, counted from then; nil while `100 Continue` waits for earlier answers to leave.
    /// Left by its end, an error, the deadline.
    case body(since: Duration?)
    /// No more requests are taken; the answers that are due are still sent. Left by the last one.
    case draining
    /// All is sent, and the client is perhaps still sending bytes that are not read. Left by its
    /// end or at that time.
    case lingering(until: Duration)
    /// The end: nothing goes in any more, and what comes out is the rest and `close`.
    case closed
  }

  /// What is taken from the peer, and how long it is waited for.
  package let limits: ServerLimits
  /// Gives the answer to a request that is refused here. The connection ends after it.
  package var makeErrorResponse: (RefusedRequest) -> Response = {
    Response.refusal($0.status, $0.message)
  }

  /// Judges a request that has a body when its header is complete: the answer to one that is
  /// refused, with the value of its `Date` field; nil if the body is to be read. Other requests
  /// are not judged.
  package var judgeHeader: ((Request) -> (response: Response, date: String?)?)?
  /// What the bodies of all connections may take together; nil: no bound.
  package var bodyBudget: ByteBudget?

  /// Called for each answer that is written, refusals included: with the method of the request,
  /// empty where it could not be read, and the status.
  package var onAnswered: ((_ method: String, Status) -> Void)?
  var phase: Phase
  var scanner: HeadScanner
  let parser = MessageParser(.request)
  /// The request whose body is being read.
  var incoming: IncomingRequest?
  /// Between requests: the CR of an empty line has been read.
  var isAfterCarriageReturn = false

  /// Requests that are parsed and not yet handed out, with what their bodies have taken of the
  /// budget.
  var parsed: [(id: RequestID, request: Request, reservation: ByteBudget.Reservation?)] = []
  /// The requests that are not answered yet, in order; answers that came out of order wait here.
  var exchanges: [Exchange] = []
  /// The number of the first of `exchanges`.
  var firstNumber = 0
  /// Bytes to send.
  var outgoing: [UInt8] = []
  /// `close` has been handed out.
  var isCloseTaken = false

  /// Bytes that were received and not parsed, because too many requests wait for their answers.
  var pending: [UInt8] = []
  /// How many of `pending` have been parsed since.
  var pendingStart = 0
  /// The peer sends no more.
  var inputEnded = false

  /// A connection that was accepted at `now`, on the clock that all other calls use.
  package init(limits: ServerLimits = ServerLimits(), now: Duration) {
    self.limits = limits
    self.phase = .idle(since: now)
    self.scanner = HeadScanner(limits: limits)
  }

  /// What to do next, nil when there is nothing: first the requests, so that answers given at once
  /// leave in one piece, then the bytes to send, then the end.
  ///
  /// A request is handed out when all earlier ones have been answered. So pipelined requests that
  /// change something are carried out one after the other (RFC 9112, 9.3.2), and a connection has
  /// at most one answer whose size is not known yet.
  package func nextAction() -> Action? {
    if parsed.first?.id.number == firstNumber, outgoing.count < Self.sendSize {
      let next = parsed.removeFirst()
      return .request(next.id, next.request)
    }
    if !outgoing.isEmpty {
      let bytes = outgoing
      outgoing = []
      return .send(bytes)
    }
    if case .closed = phase, !isCloseTaken {
      isCloseTaken = true
      return .close
    }
    return nil
  }

  /// From this many bytes on, answers are sent before more requests are handed out.
  private static let sendSize = 64 * 1024
}
