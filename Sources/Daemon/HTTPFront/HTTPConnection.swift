import HTTP
import UV

/// One client's connection: moves bytes between its stream and the HTTP state machine.
final class HTTPConnection {
  private let stream: UV.Stream
  private let http: ServerConnection
  private let timer: UV.Timer
  /// When the timer will look at the deadline next; a later deadline leaves it as it is.
  private var timerFiresAt: Duration?
  private var isReading = true
  private var isEnding = false
  /// The client has closed its end: nothing more comes, and there is nothing to linger for.
  private var hasInputEnded = false
  private var isClosed = false
  private var isPumping = false
  private let onRequest: (HTTPConnection, RequestID, Request) -> Void
  private let onClosed: (HTTPConnection) -> Void
  private let date: () -> String

  /// A client that leaves this much unread is not read from either.
  private static let maxQueuedBytes = 256 << 10
  /// How long a client may take nothing of what waits for it.
  private static let stallTime: Duration = .seconds(60)
  /// How long a client has to close its end once it has everything, and how much it may still send.
  private static let lingerTime: Duration = .seconds(2)
  private static let maxLingerBytes = 4 << 20
  private var lingeredBytes = 0
  /// What waited for the client, and since when it has been so much.
  private var stall: (bytes: Int, since: Duration)?

  /// The client's address, for the limit on wrong keys.
  var peer: String { stream.peer }

  /// - Parameters:
  ///   - refusal: the answer to a request that is no HTTP.
  ///   - date: the value of the Date field, now.
  ///   - onAnswered: called for each answer that is written; the method is empty where it could not be read.
  ///   - onClosed: called once, when nothing more comes of the connection.
  init(
    _ stream: UV.Stream, on loop: Loop, limits: ServerLimits,
    refusal: @escaping (RefusedRequest) -> Response, date: @escaping () -> String,
    onAnswered: @escaping (_ method: String, Status) -> Void,
    onRequest: @escaping (HTTPConnection, RequestID, Request) -> Void,
    onClosed: @escaping (HTTPConnection) -> Void
  ) throws(UVError) {
    timer = try UV.Timer(on: loop)
    self.stream = stream
    self.date = date
    self.onRequest = onRequest
    self.onClosed = onClosed
    http = ServerConnection(limits: limits, now: SystemProcess.monotonicClock)
    http.makeErrorResponse = refusal
    http.onAnswered = onAnswered
    stream.startReading { [self] bytes in
      received(bytes)
    } onEnd: { [self] error in
      ended(error)
    }
    pump()
  }

  /// Answers a request; nothing happens if the client has gone.
  func respond(to id: RequestID, with response: Response) {
    guard !isClosed, !isEnding else { return }
    http.respond(to: id, with: response, date: date(), at: SystemProcess.monotonicClock)
    pump()
  }

  /// No more requests; what is under way is answered, then the connection ends.
  ///
  /// One that is idle ends at once: everything was sent long ago, and a client that keeps its own end open
  /// must not hold up a shutdown.
  func beginClosing() {
    guard !isClosed, !isEnding else { return }
    http.beginClosing()
    guard let action = http.nextAction() else { return }
    if case .close = action, stream.queuedBytes == 0 { return close() }
    perform(action)
    pump()
  }

  /// Sends these bytes and ends, whatever the client asks for.
  func refuse(_ bytes: [UInt8]) {
    send(bytes)
    if !isClosed { end() }
  }

  /// Ends it at once.
  func close() {
    guard !isClosed else { return }
    isClosed = true
    timer.close()
    stream.close()
    onClosed(self)
  }

  private func received(_ bytes: RawSpan) {
    if isEnding {
      lingeredBytes += bytes.byteCount
      if lingeredBytes > Self.maxLingerBytes { close() }
      return
    }
    http.receive(bytes, at: SystemProcess.monotonicClock)
    pump()
  }

  private func ended(_ error: UVError?) {
    hasInputEnded = true
    if error != nil || isEnding {
      close()
    } else {
      http.receiveEnd(at: SystemProcess.monotonicClock)
      pump()
    }
  }

  /// Does what the state machine wants until it wants no more, or the client has too much unread. A request
  /// that is answered at once comes back in here; the outer call goes on with what it brought.
  private func pump() {
    guard !isPumping, !isClosed else { return }
    isPumping = true
    while !isClosed, stream.queuedBytes < Self.maxQueuedBytes, let action = http.nextAction() {
      perform(action)
    }
    isPumping = false
    guard !isClosed else { return }
    updateReading()
    updateTimer()
  }

  private func perform(_ action: ServerConnection.Action) {
    switch action {
    case .request(let id, let request): onRequest(self, id, request)
    case .send(let bytes): send(bytes)
    case .close: end()
    }
  }

  private func send(_ bytes: [UInt8]) {
    stream.write(bytes) { [weak self] error in
      guard let self else { return }
      if error != nil { close() } else { pump() }
    }
  }

  /// Says that no more will come, and waits for the client to agree: closing with its bytes unread would
  /// make the kernel throw away the last answer (RFC 9112, section 9.6).
  private func end() {
    guard !isEnding else { return }
    isEnding = true
    stream.shutdownWriting { [weak self] error in
      guard let self, !isClosed else { return }
      if error != nil || hasInputEnded { return close() }
      timer.start(after: Self.lingerTime) { [weak self] in self?.close() }
    }
  }

  private func updateReading() {
    guard !isClosed else { return }
    let wanted = isEnding || (http.wantsInput && stream.queuedBytes < Self.maxQueuedBytes)
    guard wanted != isReading else { return }
    isReading = wanted
    if wanted { stream.resumeReading() } else { stream.stopReading() }
  }

  /// Keeps one timer for all deadlines of the connection. They mostly move later, a request at a time, so
  /// the timer is left as it stands and looks again when it fires.
  private func updateTimer() {
    let now = SystemProcess.monotonicClock
    noteProgress(at: now)
    let stallDeadline = stall.map { $0.since + Self.stallTime }
    guard let deadline = (isEnding ? nil : http.deadline) ?? stallDeadline else { return }
    if let timerFiresAt, timerFiresAt <= deadline { return }
    timerFiresAt = deadline
    timer.start(after: max(.zero, deadline - now)) { [weak self] in self?.timerFired() }
  }

  private func noteProgress(at now: Duration) {
    let bytes = stream.queuedBytes
    if bytes == 0 {
      stall = nil
    } else if stall?.bytes != bytes {
      stall = (bytes, now)
    }
  }

  private func timerFired() {
    timerFiresAt = nil
    let now = SystemProcess.monotonicClock
    noteProgress(at: now)
    if let stall, now >= stall.since + Self.stallTime { return close() }
    if !isEnding, let deadline = http.deadline, now >= deadline { http.deadlinePassed(at: now) }
    pump()
  }
}
