import Basics

/// What the header says of the body and of the connection, checked more strictly than http-parser
/// does, since two programs that disagree on where a request ends can be played off against each
/// other.
struct RequestFraming {
  enum Body: Equatable {
    case none
    case length(Int)
    case chunked
  }

  private(set) var body = Body.none
  /// The client waits for `100 Continue` before it sends the body.
  private(set) var expectsContinue = false
  private(set) var isHTTP10 = false

  /// Reads `Host`, `Content-Length`, `Transfer-Encoding` and `Expect`; throws what to answer when
  /// they are wrong or contradict each other, or when the body would be too large.
  init(_ head: borrowing HeadScanner, limits: ServerLimits) throws(Refusal) {
    try readVersion(of: head)
    let counts = try readFields(of: head)
    try check(counts)
    if counts.codings == 1 {
      guard !isHTTP10 else { throw .badRequest("Transfer-Encoding in an HTTP/1.0 request") }
      body = .chunked
    }
    try check(limits)
  }

  /// How often the fields are there that may be there once.
  private struct FieldCounts {
    var hosts = 0
    var lengths = 0
    var codings = 0
  }

  private mutating func readVersion(of head: borrowing HeadScanner) throws(Refusal) {
    let major = head.bytes[head.version.lowerBound + 5]
    let minor = head.bytes[head.version.lowerBound + 7]
    guard major == UInt8(ascii: "1") else {
      throw Refusal(
        status: .httpVersionNotSupported, message: "only HTTP/1.1 and HTTP/1.0 are spoken here")
    }
    isHTTP10 = minor == UInt8(ascii: "0")
  }

  private mutating func readFields(
    of head: borrowing HeadScanner
  ) throws(Refusal) -> FieldCounts {
    var counts = FieldCounts()
    for field in head.fields {
      // Most fields are told apart by the length of their names alone.
      switch field.name.count {
      case 4 where Self.isNamed(field, "host", head.bytes):
        counts.hosts += 1
        guard head.bytes[field.value].allSatisfy(\.isHostCharacter) else {
          throw .badRequest("bad Host header")
        }
      case 6 where Self.isNamed(field, "expect", head.bytes):
        try readExpectation(head.bytes[field.value])
      case 14 where Self.isNamed(field, "content-length", head.bytes):
        counts.lengths += 1
        try readLength(head.bytes[field.value])
      case 17 where Self.isNamed(field, "transfer-encoding", head.bytes):
        counts.codings += 1
        guard equalsIgnoringCase(head.bytes[field.value], "chunked") else {
          throw .badRequest("the only Transfer-Encoding that is taken is 'chunked'")
        }
      default: break
      }
    }
    return counts
  }

  private func check(_ counts: FieldCounts) throws(Refusal) {
    guard counts.lengths <= 1 else { throw .badRequest("more than one Content-Length header") }
    guard counts.codings <= 1 else { throw .badRequest("more than one Transfer-Encoding header") }
    guard counts.lengths == 0 || counts.codings == 0 else {
      throw .badRequest("both Content-Length and Transfer-Encoding")
    }
    guard counts.hosts <= 1 else { throw .badRequest("more than one Host header") }
    guard counts.hosts == 1 || isHTTP10 else { throw .badRequest("no Host header") }
  }

  private mutating func check(_ limits: ServerLimits) throws(Refusal) {
    if case .length(let length) = body, length > limits.bodyBytes {
      throw Refusal(
        status: .contentTooLarge, message: "the body is larger than \(limits.bodyBytes) bytes",
        isMidMessage: true)
    }
    if isHTTP10 || body == .none { expectsContinue = false }
  }

  private mutating func readExpectation(_ value: ArraySlice<UInt8>) throws(Refusal) {
    guard equalsIgnoringCase(value, "100-continue") else {
      throw Refusal(
        status: .expectationFailed, message: "the only expectation that is met is '100-continue'",
        isMidMessage: true)
    }
    expectsContinue = true
  }

  private mutating func readLength(_ value: ArraySlice<UInt8>) throws(Refusal) {
    guard !value.isEmpty, value.allSatisfy(\.isDigit) else {
      throw .badRequest("bad Content-Length: it must be a number of bytes")
    }
    var length = 0
    for digit in value {
      // Digits beyond what an Int holds are read as "too much", which the limit refuses.
      let (product, overflows) = length.multipliedReportingOverflow(by: 10)
      let (sum, overflowsAgain) = product.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
      length = overflows || overflowsAgain ? Int.max : sum
      if length == Int.max { break }
    }
    body = length == 0 ? .none : .length(length)
  }

  private static func isNamed(
    _ field: Headers.Field, _ name: StaticString, _ bytes: [UInt8]
  ) -> Bool {
    equalsIgnoringCase(bytes[field.name], name)
  }
}
