extension ServerConnection {
  /// A body is given room for what it says its length is, up to this: memory for more is taken only
  /// as it comes.
  private static let firstBodyCapacity = 64 * 1024

  /// The header is complete: checks it and begins the body, or hands the request out if it has
  /// none. A body is read only for a request that is not refused by its header. `hasMore`: bytes
  /// after the header are there already.
  func endHead(hasMore: Bool, at now: Duration) throws(Refusal) {
    scanner.trimValues()
    let framing = try RequestFraming(scanner, limits: limits)
    try parseHead()
    guard parser.hasHeaders, parser.isComplete == (framing.body == .none) else {
      throw .badRequest("malformed request header")
    }
    let method = MethodNames[parser.methodNumber]
    guard method != "CONNECT" else {
      throw Refusal(status: .notImplemented, message: "CONNECT: this is no proxy")
    }
    let target = try RequestTarget(scanner.bytes[scanner.target], method: method)
    var request = IncomingRequest(
      request: Request(
        method: method, target: String(decoding: scanner.bytes[scanner.target], as: UTF8.self),
        path: target.path, pathSegments: target.pathSegments, query: target.query,
        headers: Headers(bytes: scanner.bytes, fields: scanner.fields), body: [],
        isHTTP10: framing.isHTTP10),
      framing: framing, keepsAlive: parser.keepsAlive)
    if framing.body == .none { return endRequest(request, at: now) }
    if let (response, date) = judgeHeader?(request.request) {
      return answer(request, withoutBody: response, date: date, at: now)
    }
    switch framing.body {
    case .none: break
    case .length(let length):
      request.reservation = try reserveBody(length)
      parser.body.reserveCapacity(min(length, Self.firstBodyCapacity))
    case .chunked:
      request.reservation = try reserveBody(limits.bodyBytes)
      request.chunks = ChunkedBody(limits: limits)
    }
    // A client that has begun to send the body does not wait (RFC 9110, 10.1.1).
    request.owesContinue = framing.expectsContinue && !hasMore
    phase = .body(since: request.owesContinue ? nil : now)
    incoming = request
    sendContinueIfDue(at: now)
  }

  /// Reads on in the body, and hands the request out at its end.
  func readBody(
    _ input: UnsafeRawBufferPointer, _ position: inout Int, at now: Duration
  ) throws(Refusal) {
    guard let framing = incoming?.framing else {
      preconditionFailure("a body without its header")
    }
    if incoming?.owesContinue == true {
      incoming?.owesContinue = false
      phase = .body(since: now)
    }
    switch framing.body {
    case .none: preconditionFailure("a request without a body is complete with its header")
    case .length(let length):
      let end = position + min(length - parser.body.count, input.count - position)
      try parser.read(UnsafeRawBufferPointer(rebasing: input[position..<end]))
      position = end
    case .chunked:
      let isWhole = try incoming?.chunks?.read(input, from: &position, into: parser) ?? false
      guard isWhole == parser.isComplete else { throw .badRequest("malformed chunked body") }
    }
    if parser.isComplete, let request = incoming { endRequest(request, at: now) }
  }

  /// Tells the client to send the body, once nothing stands before that on the wire.
  func sendContinueIfDue(at now: Duration) {
    guard exchanges.isEmpty, incoming?.owesContinue == true else { return }
    incoming?.owesContinue = false
    outgoing += "HTTP/1.1 100 Continue\r\n\r\n".utf8
    phase = .body(since: now)
  }

  /// Answers a request whose body is not wanted. The connection is kept where it is certain where
  /// the next request begins, and that is not far away.
  private func answer(
    _ incoming: IncomingRequest, withoutBody response: Response, date: String?, at now: Duration
  ) {
    var response = response
    var exchange = exchange(of: incoming)
    exchange.date = date
    if case .length(let length) = incoming.framing.body, length <= limits.smallBodyBytes,
      // A client that waits for `100 Continue` may send the body or leave it out (RFC 9110,
      // 10.1.1).
      !incoming.framing.expectsContinue, incoming.keepsAlive, !response.closesConnection
    {
      exchange.response = response
      exchanges.append(exchange)
      scanner = HeadScanner(limits: limits)
      phase = .skipping(remaining: length, since: now)
    } else {
      response.closesConnection = true
      exchange.response = response
      exchange.lingers = true
      exchanges.append(exchange)
      stopParsing()
    }
    sendAnswers(at: now)
  }

  /// Takes room for a body that is not small out of the budget of all connections.
  private func reserveBody(_ length: Int) throws(Refusal) -> ByteBudget.Reservation? {
    guard let bodyBudget, length > limits.smallBodyBytes else { return nil }
    guard let reservation = bodyBudget.reserve(length) else {
      throw Refusal(
        status: .serviceUnavailable,
        message: "too many large request bodies are being received; try again later",
        isMidMessage: true)
    }
    return reservation
  }

  private func exchange(of incoming: IncomingRequest) -> Exchange {
    let method = incoming.request.method
    return Exchange(
      method: method, isHead: method == "HEAD", isHTTP10: incoming.framing.isHTTP10,
      keepsAlive: incoming.keepsAlive)
  }

  private func endRequest(_ incoming: consuming IncomingRequest, at now: Duration) {
    let id = RequestID(number: firstNumber + exchanges.count)
    exchanges.append(exchange(of: incoming))
    incoming.request.body = parser.body
    parsed.append((id, incoming.request, incoming.reservation))
    self.incoming = nil
    parser.body = []
    scanner = HeadScanner(limits: limits)
    phase = incoming.keepsAlive ? .idle(since: now) : .draining
  }

  /// Gives http-parser the whole header, which has passed the scanner.
  private func parseHead() throws(Refusal) {
    parser.reset()
    var failure: Refusal?
    scanner.bytes.withUnsafeBytes { head in
      do throws(Refusal) { try parser.read(head) } catch { failure = error }
    }
    if let failure { throw failure }
  }
}
