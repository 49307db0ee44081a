import CHTTPParser

/// What http-parser found wrong.
struct MessageParserError: Error, Equatable {
  /// An `http_errno`.
  let code: UInt32

  /// Whether it does not know the request's method.
  var isUnknownMethod: Bool { code == HPE_INVALID_METHOD.rawValue }

  /// What http-parser says of it (`http_errno_description`).
  var reason: String {
    guard let text = http_errno_description(http_errno(rawValue: code)) else { return "unknown" }
    return String(cString: text)
  }
}
