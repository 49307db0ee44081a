extension ServerConnection {
  /// False while too many requests wait or the connection is ending: stop reading from the peer.
  package var wantsInput: Bool {
    if inputEnded { return false }
    switch phase {
    case .idle: return pending.isEmpty && mayParseNext
    case .head, .skipping, .body, .lingering: return true
    // Reading on after a refusal keeps the peer's bytes from turning the close into a reset.
    case .draining: return exchanges.last?.lingers ?? false
    case .closed: return false
    }
  }

  /// Takes bytes from the peer, in any pieces. The span is not kept.
  package func receive(_ bytes: RawSpan, at now: Duration) {
    guard isParsing, !inputEnded else { return }
    bytes.withUnsafeBytes { input in
      if pending.isEmpty {
        let taken = parse(input, at: now)
        if taken < input.count { pending.append(contentsOf: input[taken...]) }
      } else {
        pending.append(contentsOf: input)
        parsePending(at: now)
      }
    }
  }

  /// The peer has half-closed: answers that are due are still sent, then the connection ends.
  package func receiveEnd(at now: Duration) {
    guard !inputEnded else { return }
    inputEnded = true
    if case .lingering = phase { phase = .closed }
    endInputIfParsed(at: now)
  }

  /// Whether what is received can still become a request.
  var isParsing: Bool {
    switch phase {
    case .idle, .head, .skipping, .body: true
    case .draining, .lingering, .closed: false
    }
  }

  /// Parses what has been kept, now that answers have left.
  func parsePending(at now: Duration) {
    guard isParsing, pendingStart < pending.count else { return }
    // A copy of the reference, since parsing may drop `pending`.
    let bytes = pending
    let taken = bytes.withUnsafeBytes { input in
      parse(UnsafeRawBufferPointer(rebasing: input[pendingStart...]), at: now)
    }
    pendingStart += taken
    if !isParsing || pendingStart == bytes.count {
      pending = []
      pendingStart = 0
    }
    endInputIfParsed(at: now)
  }

  /// Once the peer's last byte has been parsed, there is nothing more to come.
  private func endInputIfParsed(at now: Duration) {
    guard inputEnded, pending.isEmpty else { return }
    switch phase {
    case .idle, .skipping: drain(at: now)
    case .head, .body: refuse(.badRequest("the request is not complete"), at: now)
    case .draining, .lingering, .closed: break
    }
  }

  /// Parses until the input, the place for requests or the connection is at its end; returns how
  /// many bytes are done with.
  private func parse(_ input: UnsafeRawBufferPointer, at now: Duration) -> Int {
    var position = 0
    do throws(Refusal) {
      while position < input.count {
        switch phase {
        case .idle:
          guard mayParseNext else { return position }
          try skipEmptyLines(input, &position)
          if position < input.count { phase = .head(since: now) }
        case .head:
          guard try scanner.scan(input, from: &position) else { break }
          try endHead(hasMore: position < input.count, at: now)
        case .skipping(let remaining, let since):
          let count = min(remaining, input.count - position)
          position += count
          phase =
            count == remaining
            ? .idle(since: now) : .skipping(remaining: remaining - count, since: since)
        case .body:
          try readBody(input, &position, at: now)
        case .draining, .lingering, .closed:
          return input.count
        }
      }
    } catch {
      refuse(error, at: now)
      return input.count
    }
    return position
  }

  /// Whether there is room for another request: by number, and by what the bodies of those take
  /// that wait for earlier answers.
  private var mayParseNext: Bool {
    exchanges.count < limits.pipelined
      && parsed.reduce(0) { $0 + $1.request.body.count } <= limits.smallBodyBytes
  }

  /// Empty lines before a request are skipped (RFC 9112, 2.2) and do not count as its beginning.
  private func skipEmptyLines(
    _ input: UnsafeRawBufferPointer, _ position: inout Int
  ) throws(Refusal) {
    while position < input.count {
      if isAfterCarriageReturn {
        guard input[position] == .lineFeed else { throw scanner.bareCarriageReturn }
        isAfterCarriageReturn = false
      } else if input[position] == .carriageReturn {
        isAfterCarriageReturn = true
      } else {
        return
      }
      position += 1
    }
  }
}
