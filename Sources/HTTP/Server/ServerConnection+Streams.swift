/// Answers whose bodies come in pieces, for as long as they like.
extension ServerConnection {
  /// Begins the answer to a request that was handed out; its body comes by ``send(_:to:)`` and ends
  /// by ``endStream(_:at:)``. To `HEAD`, this is all of the answer. Nothing happens once the
  /// connection has ended.
  ///
  /// - Parameters:
  ///   - response: what is before the body, of which it has none yet.
  ///   - date: the value of the `Date` field (`httpDate`), nil for none.
  package func beginStream(
    for id: RequestID, with response: Response, date: String?, at now: Duration
  ) {
    guard id.number >= firstNumber else { return }
    precondition(id.number == firstNumber && !exchanges.isEmpty, "\(id.number) was not handed out")
    precondition(!isAnswering(exchanges[0]), "request \(id.number) is answered twice")
    exchanges[0].date = date
    let end: BodyEnd = exchanges[0].isHTTP10 ? .close : .chunks
    if end == .close || response.closesConnection { exchanges[0].keepsAlive = false }
    exchanges[0].stream = end
    response.write(
      into: &outgoing, exchanges[0],
      closes: !exchanges[0].keepsAlive || (exchanges.count == 1 && !isParsing),
      end: end)
    onAnswered?(exchanges[0].method, response.status)
    if exchanges[0].isHead { endAnswer(at: now) }
  }

  /// Sends a piece of the body of an answer that has begun. Nothing happens once that has ended.
  package func send(_ bytes: [UInt8], to id: RequestID) {
    guard id.number >= firstNumber, !bytes.isEmpty else { return }
    precondition(id.number == firstNumber, "request \(id.number) was not handed out")
    switch exchanges[0].stream {
    case .chunks:
      outgoing.reserveCapacity(outgoing.count + bytes.count + 12)
      outgoing += String(bytes.count, radix: 16).utf8
      outgoing += [.carriageReturn, .lineFeed]
      outgoing += bytes
      outgoing += [.carriageReturn, .lineFeed]
    case .close: outgoing += bytes
    case .length, nil: preconditionFailure("the answer to request \(id.number) has not begun")
    }
  }

  /// Ends the body of an answer. Nothing happens once that has ended.
  package func endStream(_ id: RequestID, at now: Duration) {
    guard id.number >= firstNumber else { return }
    precondition(id.number == firstNumber, "request \(id.number) was not handed out")
    precondition(exchanges[0].stream != nil, "the answer to request \(id.number) has not begun")
    if exchanges[0].stream == .chunks { outgoing += "0\r\n\r\n".utf8 }
    endAnswer(at: now)
  }

  /// How many bytes wait to be taken as ``Action/send(_:)``.
  package var waitingBytes: Int { outgoing.count }

  private func isAnswering(_ exchange: Exchange) -> Bool {
    exchange.response != nil || exchange.stream != nil
  }

  private func endAnswer(at now: Duration) {
    let exchange = exchanges.removeFirst()
    firstNumber += 1
    guard exchange.keepsAlive, !exchanges.isEmpty || isParsing else {
      return end(lingers: exchange.lingers, at: now)
    }
    sendAnswers(at: now)
    parsePending(at: now)
  }
}
