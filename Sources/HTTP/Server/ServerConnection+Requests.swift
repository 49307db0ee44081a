extension ServerConnection {
  /// A body is given room for what it says its length is, up to this: memory for more is taken only
  /// as it comes.
  private static let firstBodyCapacity = 64 * 1024

  /// The header is complete: checks it and begins the body, or hands the request out if it has
  /// none. `hasMore`: bytes after the header are there already.
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
      method: method, target: target, framing: framing, keepsAlive: parser.keepsAlive)
    switch framing.body {
    case .none:
      endRequest(request, at: now)
      return
    case .length(let length): parser.body.reserveCapacity(min(length, Self.firstBodyCapacity))
    case .chunked: request.chunks = ChunkedBody(limits: limits)
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

  private func endRequest(_ incoming: IncomingRequest, at now: Duration) {
    let id = RequestID(number: firstNumber + exchanges.count)
    let request = Request(
      method: incoming.method,
      target: String(decoding: scanner.bytes[scanner.target], as: UTF8.self),
      path: incoming.target.path, pathSegments: incoming.target.pathSegments,
      query: incoming.target.query,
      headers: Headers(bytes: scanner.bytes, fields: scanner.fields), body: parser.body,
      isHTTP10: incoming.framing.isHTTP10)
    exchanges.append(
      Exchange(
        method: incoming.method, isHead: incoming.method == "HEAD",
        isHTTP10: incoming.framing.isHTTP10,
        keepsAlive: incoming.keepsAlive))
    parsed.append((id, request))
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
