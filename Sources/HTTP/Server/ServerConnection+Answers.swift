extension ServerConnection {
  /// Answers a request that was handed out. Answers may come in any order and leave in the order of
  /// the requests. One that comes after the connection has ended goes nowhere.
  ///
  /// - Parameter date: the value of the `Date` field (`httpDate`), nil for none.
  package func respond(
    to id: RequestID, with response: Response, date: String?, at now: Duration
  ) {
    let index = id.number - firstNumber
    guard index >= 0 else { return }
    precondition(index < exchanges.count, "request \(id.number) was never handed out")
    precondition(exchanges[index].response == nil, "request \(id.number) is answered twice")
    exchanges[index].response = response
    exchanges[index].date = date
    sendAnswers(at: now)
    parsePending(at: now)
  }

  /// Graceful end: takes no more requests, drops one that has not come in whole, lets those that
  /// are under way be answered, and closes.
  package func beginClosing() {
    guard isParsing else { return }
    stopParsing()
    if exchanges.isEmpty { phase = .closed }
  }

  /// The peer has gone: nothing more is handed out, and what was received and not handed out is
  /// forgotten, with what it has taken of the budget. Answers that still come go nowhere.
  package func abandon() {
    end(lingers: false, at: .zero)
    outgoing = []
    isCloseTaken = true
  }

  /// Answers what cannot be taken, after the earlier requests, and parses nothing more.
  func refuse(_ refusal: Refusal, at now: Duration) {
    let began: Duration? =
      switch phase {
      case .head(let since): since
      case .body(let since): since
      case .idle, .skipping, .draining, .lingering, .closed: nil
      }
    let age = began.map { now - $0 } ?? .zero
    var response = makeErrorResponse(RefusedRequest(refusal, scanner, age: age))
    response.closesConnection = true
    exchanges.append(
      Exchange(isHead: scanner.isHead, lingers: refusal.isMidMessage, response: response))
    stopParsing()
    sendAnswers(at: now)
  }

  /// Takes no more requests; the connection ends with the last answer.
  func drain(at now: Duration) {
    stopParsing()
    sendAnswers(at: now)
  }

  /// Writes out the answers whose turn it is.
  func sendAnswers(at now: Duration) {
    while let exchange = exchanges.first, let response = exchange.response {
      exchanges.removeFirst()
      firstNumber += 1
      let isLast =
        response.closesConnection || !exchange.keepsAlive || (exchanges.isEmpty && !isParsing)
      response.write(into: &outgoing, exchange, closes: isLast)
      onAnswered?(exchange.method, response.status)
      if isLast {
        end(lingers: exchange.lingers, at: now)
        return
      }
    }
    guard exchanges.isEmpty else { return }
    switch phase {
    case .idle: phase = .idle(since: now)
    case .body: sendContinueIfDue(at: now)
    case .draining: phase = .closed
    case .head, .skipping, .lingering, .closed: break
    }
  }

  func stopParsing() {
    phase = .draining
    incoming = nil
    parser.body = []
    pending = []
    pendingStart = 0
  }

  /// The last answer is written: what was asked for after it is forgotten.
  func end(lingers: Bool, at now: Duration) {
    stopParsing()
    firstNumber += exchanges.count
    exchanges = []
    parsed = []
    phase = lingers && !inputEnded ? .lingering(until: now + limits.lingerTime) : .closed
  }
}
