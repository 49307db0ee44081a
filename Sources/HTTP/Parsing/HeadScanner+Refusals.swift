extension HeadScanner {
  /// Longer than any method that http-parser knows.
  static let longestMethod = 32
  /// What a version looks like, a zero standing for any digit.
  static let versionForm: StaticString = "HTTP/0.0"

  var malformedRequestLine: Refusal {
    .badRequest("malformed request line: it must be 'METHOD /path HTTP/1.1' and end with CR LF")
  }

  var bareCarriageReturn: Refusal {
    .badRequest("a CR that is not followed by LF")
  }

  var headerTooLarge: Refusal {
    Refusal(
      status: .requestHeaderFieldsTooLarge,
      message: "the header is larger than \(limits.headerBytes) bytes", isMidMessage: true)
  }

  /// What is wrong with a byte that cannot stand in a field's name.
  func badName(_ byte: UInt8) -> Refusal {
    switch byte {
    case .space, .tab: .badRequest("a blank in a header name or before its colon")
    case UInt8(ascii: ":"): .badRequest("a header line without a name")
    case .carriageReturn, .lineFeed: .badRequest("a header line without a colon")
    default: .badRequest("a character in a header name that may not stand there")
    }
  }

  /// What is wrong with a byte that cannot stand in a field's value.
  func badValue(_ byte: UInt8) -> Refusal {
    switch byte {
    case .lineFeed: .badRequest("a header line that ends with LF alone, not with CR LF")
    default: .badRequest("a control character in a header value")
    }
  }
}
