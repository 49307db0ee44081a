package import HTTP
import UV

/// One client's connection: moves bytes between its stream and the HTTP state machine.
package final class HTTPConnection {
  private let stream: UV.Stream
  private let http: ServerConnection
  private let timer: UV.Timer
  /// When the timer will look at the deadline next; a later deadline leaves it as it is.
  private var timerFiresAt: Duration?
  private var isReading = true
  private var isEnding = false
  /// The client has closed its end: nothing more comes, and there is nothing to linger for.
  private var hasInputEnded = false
  private(set) var isClosed = false
  /// No client is waited for that has everything.
  private var isServerClosing = false
  private var isPumping = false
  private let settings: Settings
  private let handlers: Handlers
  private var times: Times { settings.times }

  /// What all connections of a server have in common.
  struct Settings {
    var limits = ServerLimits()
    /// What the bodies of all connections count in; nil for no bound.
    var bodies: ByteBudget?
    /// What the answers of all connections count in.
    let answers: AnswerBudget
    /// How long a client is waited for.
    let times: Times
    /// The value of the Date field, now.
    let date: () -> String
  }

  /// What a connection has done by others.
  struct Handlers {
    /// Gives the answer to a request that is no HTTP.
    var refusal: (RefusedRequest) -> Response = { Response.refusal($0.status, $0.message) }
    /// Says what a request with a body is refused with, before the body is read.
    var judge: (HTTPConnection, Request) -> Response? = { _, _ in nil }
    /// A request has come; the answer goes to ``HTTPConnection/respond(to:with:)``.
    let onRequest: (HTTPConnection, RequestID, Request) -> Void
    /// Called for each answer that is written; the method is empty if it could not be read.
    var onAnswered: (_ method: String, Status) -> Void = { _, _ in }
    /// Called when more waits for the client than before.
    var onQueued: () -> Void = {}
    /// Called once, when nothing more comes of the connection.
    var onClosed: (HTTPConnection) -> Void = { _ in }
  }

  /// How long a client is waited for.
  package struct Times {
    /// How long it may take nothing of what waits for it.
    package var stall: Duration = .seconds(60)
    /// How long it has to close its end once it has everything.
    package var linger: Duration = .seconds(2)
    /// How often it is looked at while it is not read from: the loop does not tell of its end then.
    package var look: Duration = .seconds(5)
    /// The time on a monotonic clock.
    package let now: () -> Duration

    /// Those of the contract, on this clock.
    package init(now: @escaping () -> Duration) {
      self.now = now
    }
  }

  /// A client that leaves this much unread gets no more requests answered, and is not read from
  /// either.
  private static let maxQueuedBytes = 256 << 10
  /// How much a client may still send once it has everything.
  private static let maxLingerBytes = 4 << 20
  private var lingeredBytes = 0
  /// The answer that is under way in pieces.
  private var streaming: Streaming?

  private struct Streaming {
    let id: RequestID
    let onRoom: () -> Void
    let onGone: () -> Void
  }

  /// How many bytes have been given to the stream.
  private var givenBytes = 0
  /// How many of them the client had taken while something waited for it, and since when.
  private var stall: (taken: Int, since: Duration)?

  /// The client's address, for the limit on wrong keys.
  var peer: String { stream.peer }
  /// The user at the other end of a Unix socket.
  var peerUser: UInt32? { stream.peerUser }
  /// Its last request showed a right key, or came from a user who needs none.
  package var isTrusted = false
  /// It is answered with a refusal alone.
  private(set) var isRefused = false
  /// How many requests have been handed out and not been answered: one at most.
  private var requestsUnderWay = 0
  /// Since when it has had no request under way.
  private(set) var silentSince: Duration
  /// Since when something has waited for the client without a break; nil if it has taken
  /// everything.
  private(set) var unreadSince: Duration?
  /// How many bytes wait for the client, as `answers` has them.
  private(set) var countedBytes = 0
  /// The most that ever waited for the client.
  private(set) var mostCountedBytes = 0
  /// Whether it came over a Unix socket.
  var isUnix: Bool { stream.isUnix }
  /// Its request is given up when the client ends its side: see `isClientGone`.
  var endsWithInput = false

  /// Whether it may be closed for a newcomer.
  var isExpendable: Bool { !isTrusted && requestsUnderWay == 0 && !isClosed }

  /// Whether no client waits for the answer to the request under way: the connection is broken, or,
  /// where `endsWithInput` says so, the client has ended its side.
  var isClientGone: Bool {
    if isClosed { return true }
    switch stream.peerEnd {
    case nil: return false
    case .sending: return endsWithInput
    case .all: return true
    }
  }

  /// Serves a client that has connected.
  init(
    _ stream: UV.Stream, on loop: Loop, _ settings: Settings, _ handlers: Handlers
  ) throws(UVError) {
    timer = try UV.Timer(on: loop)
    self.stream = stream
    self.settings = settings
    self.handlers = handlers
    let now = settings.times.now()
    silentSince = now
    http = ServerConnection(limits: settings.limits, now: now)
    http.bodyBudget = settings.bodies
    // Nothing else holds `http`. A weak reference to what each request uses would make every retain
    // of it slow.
    http.judgeHeader = { [unowned self] request in
      handlers.judge(self, request).map { ($0, settings.date()) }
    }
    http.makeErrorResponse = handlers.refusal
    http.onAnswered = handlers.onAnswered
    stream.startReading { [self] bytes in
      received(bytes)
    } onEnd: { [self] error in
      ended(error)
    }
    pump()
  }

  /// Answers a request; nothing happens if the client has gone.
  package func respond(to id: RequestID, with response: Response) {
    guard !isClosed, !isEnding else { return }
    requestsUnderWay -= 1
    endsWithInput = false
    silentSince = times.now()
    http.respond(to: id, with: response, date: settings.date(), at: silentSince)
    pump()
  }

  // MARK: Answers in pieces

  /// Begins an answer whose body comes in pieces, by ``send(_:to:)``. The client is taken to have
  /// gone when it ends its side.
  /// - Parameters:
  ///   - response: what is before the body, of which it has none.
  ///   - onRoom: called when the client has taken of what was sent, and there is room for more.
  ///   - onGone: called once if the connection ends before the answer does.
  /// - Returns: whether the answer has begun and the client is there.
  func beginStream(
    for id: RequestID, with response: Response, onRoom: @escaping () -> Void,
    onGone: @escaping () -> Void
  ) -> Bool {
    guard !isClosed, !isEnding else { return false }
    endsWithInput = true
    streaming = Streaming(id: id, onRoom: onRoom, onGone: onGone)
    http.beginStream(for: id, with: response, date: settings.date(), at: times.now())
    pump()
    return streaming?.id == id
  }

  /// Answers a request with what is before a body that comes in pieces, to which it gets no piece:
  /// a `HEAD`.
  func respondWithHead(to id: RequestID, _ response: Response) {
    guard !isClosed, !isEnding else { return }
    requestsUnderWay -= 1
    silentSince = times.now()
    http.beginStream(for: id, with: response, date: settings.date(), at: silentSince)
    http.endStream(id, at: silentSince)
    pump()
  }

  /// Sends a piece of the body of an answer that has begun.
  func send(_ bytes: [UInt8], to id: RequestID) {
    guard streaming?.id == id else { return }
    http.send(bytes, to: id)
    pump()
  }

  /// How many bytes may be sent until the client has taken some.
  var streamRoom: Int { Self.maxQueuedBytes - stream.queuedBytes - http.waitingBytes }

  /// Ends the body of an answer.
  func endStream(_ id: RequestID) {
    guard streaming?.id == id else { return }
    streaming = nil
    requestsUnderWay -= 1
    endsWithInput = false
    silentSince = times.now()
    http.endStream(id, at: silentSince)
    pump()
  }

  // MARK: The end

  /// No more requests; what is under way is answered, then the connection ends.
  ///
  /// One that is idle ends at once: everything was sent long ago, and a client that keeps its own
  /// end open must not hold up a shutdown.
  func beginClosing() {
    guard !isClosed else { return }
    isServerClosing = true
    // It has everything, and what it has still sent has been read: a client that keeps its own end
    // open gets nothing from waiting.
    if isEnding, stream.queuedBytes == 0 { return close() }
    guard !isEnding else { return }
    http.beginClosing()
    guard let action = http.nextAction() else { return }
    if case .close = action, stream.queuedBytes == 0 { return close() }
    perform(action)
    pump()
  }

  /// Sends these bytes and ends, whatever the client asks for.
  func refuse(_ bytes: [UInt8]) {
    isRefused = true
    send(bytes)
    if !isClosed { end() }
  }

  /// Ends it at once.
  func close() {
    guard !isClosed else { return }
    isClosed = true
    count(0)
    timer.close()
    stream.close()
    // The request under way keeps this connection until it is answered, which may take long: the
    // room that the bodies behind it have taken is not kept from others until then.
    http.abandon()
    let streaming = streaming
    self.streaming = nil
    handlers.onClosed(self)
    streaming?.onGone()
  }

  private func received(_ bytes: RawSpan) {
    if isEnding {
      lingeredBytes += bytes.byteCount
      if lingeredBytes > Self.maxLingerBytes { close() }
      return
    }
    http.receive(bytes, at: times.now())
    pump()
  }

  private func ended(_ error: UVError?) {
    hasInputEnded = true
    if error != nil || isEnding || endsWithInput {
      close()
    } else {
      http.receiveEnd(at: times.now())
      pump()
    }
  }

  /// Does what the state machine wants until it wants no more, or the client has too much unread. A
  /// request that is answered at once comes back in here; the outer call goes on with what it
  /// brought.
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
    case .request(let id, let request):
      requestsUnderWay += 1
      handlers.onRequest(self, id, request)
    case .send(let bytes): send(bytes)
    case .close: end()
    }
  }

  private func send(_ bytes: [UInt8]) {
    givenBytes += bytes.count
    stream.write(bytes) { [self] error in
      if error != nil {
        close()
      } else {
        countQueued()
        pump()
        if let streaming, streamRoom > Self.maxQueuedBytes / 2 { streaming.onRoom() }
      }
    }
    countQueued()
  }

  private func countQueued() {
    if !isClosed { count(stream.queuedBytes) }
  }

  /// Counts what waits for the client, as far as it has grown, or all of a piece has been read: a
  /// piece keeps its memory until its end.
  private func count(_ bytes: Int) {
    let change = bytes - countedBytes
    guard change != 0 else { return }
    countedBytes = bytes
    mostCountedBytes = max(mostCountedBytes, bytes)
    unreadSince = bytes == 0 ? nil : unreadSince ?? times.now()
    settings.answers.change(by: change)
    if change > 0 { handlers.onQueued() }
  }

  /// Says that no more will come, and waits for the client to agree: closing with its bytes unread
  /// would make the kernel throw away the last answer (RFC 9112, section 9.6).
  private func end() {
    guard !isEnding else { return }
    isEnding = true
    stream.shutdownWriting { [self] error in
      guard !isClosed else { return }
      if error != nil || hasInputEnded || isServerClosing { return close() }
      timer.start(after: times.linger) { [self] in close() }
    }
  }

  private func updateReading() {
    guard !isClosed else { return }
    let wanted = isEnding || (http.wantsInput && stream.queuedBytes < Self.maxQueuedBytes)
    guard wanted != isReading else { return }
    isReading = wanted
    if wanted { stream.resumeReading() } else { stream.stopReading() }
  }

  /// Keeps one timer for all deadlines of the connection. They mostly move later, a request at a
  /// time, so the timer is left as it stands and looks again when it fires.
  private func updateTimer() {
    let now = times.now()
    noteProgress(at: now)
    let stallDeadline = stall.map { $0.since + times.stall }
    var next = (isEnding ? nil : http.deadline) ?? stallDeadline
    if !isReading {
      let look = now + times.look
      next = min(next ?? look, look)
    }
    guard let deadline = next else { return }
    if let timerFiresAt, timerFiresAt <= deadline { return }
    timerFiresAt = deadline
    timer.start(after: max(.zero, deadline - now)) { [self] in timerFired() }
  }

  private func noteProgress(at now: Duration) {
    let waiting = stream.queuedBytes
    guard waiting > 0 else {
      stall = nil
      return
    }
    let taken = givenBytes - waiting
    if stall?.taken != taken { stall = (taken, now) }
  }

  private func timerFired() {
    timerFiresAt = nil
    let now = times.now()
    noteProgress(at: now)
    if !isReading, isClientGone { return close() }
    if let stall, now >= stall.since + times.stall { return close() }
    if !isEnding, let deadline = http.deadline, now >= deadline { http.deadlinePassed(at: now) }
    pump()
  }
}
