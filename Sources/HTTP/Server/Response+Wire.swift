extension Response {
  /// The answer to a connection that is not served, whatever it will ask for.
  package var finalBytes: [UInt8] {
    var bytes: [UInt8] = []
    write(into: &bytes, Exchange(), closes: true)
    return bytes
  }

  /// Appends the answer as HTTP/1.1 has it on the wire; of one whose end its length does not tell,
  /// what is before the body.
  func write(
    into bytes: inout [UInt8], _ exchange: Exchange, closes: Bool, end: BodyEnd = .length
  ) {
    let hasNoBody = status.code == 204 || status.code == 304
    bytes.reserveCapacity(
      bytes.count + 128 + headers.bytes.count + 4 * headers.fields.count
        + (exchange.isHead || hasNoBody ? 0 : body.count))
    bytes += "HTTP/1.1 ".utf8
    bytes.appendDecimal(status.code)
    bytes.append(.space)
    bytes += status.reason.utf8
    bytes.appendLineEnd()
    if let date = exchange.date {
      bytes += "Date: ".utf8
      bytes.appendFieldValue(date)
      bytes.appendLineEnd()
    }
    for field in headers.fields where !isWrittenByConnection(field, exchange) {
      bytes += headers.bytes[field.name]
      bytes += ": ".utf8
      bytes += headers.bytes[field.value]
      bytes.appendLineEnd()
    }
    switch end {
    case .length where !hasNoBody:
      bytes += "Content-Length: ".utf8
      bytes.appendDecimal(body.count)
      bytes.appendLineEnd()
    case .chunks: bytes += "Transfer-Encoding: chunked\r\n".utf8
    case .length, .close: break
    }
    if closes {
      bytes += "Connection: close\r\n".utf8
    } else if exchange.isHTTP10 {
      bytes += "Connection: keep-alive\r\n".utf8
    }
    bytes.appendLineEnd()
    if !exchange.isHead, !hasNoBody { bytes += body }
  }

  private func isWrittenByConnection(_ field: Headers.Field, _ exchange: Exchange) -> Bool {
    let name = headers.bytes[field.name]
    switch name.count {
    case 4: return exchange.date != nil && equalsIgnoringCase(name, "date")
    case 10: return equalsIgnoringCase(name, "connection")
    case 14: return equalsIgnoringCase(name, "content-length")
    case 17: return equalsIgnoringCase(name, "transfer-encoding")
    default: return false
    }
  }
}

extension [UInt8] {
  fileprivate mutating func appendLineEnd() {
    append(.carriageReturn)
    append(.lineFeed)
  }

  /// Without a `String` between.
  fileprivate mutating func appendDecimal(_ number: Int) {
    let start = count
    var rest = number
    repeat {
      append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    self[start...].reverse()
  }
}
