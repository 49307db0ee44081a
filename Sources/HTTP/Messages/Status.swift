/// The status of an answer: a code and the words that go with it (RFC 9110, 15).
package struct Status: Hashable, Sendable {
  /// 100 to 599.
  package let code: Int
  /// For people who read the wire; no program may depend on it.
  package let reason: String

  /// A status that has no name here. Control characters in `reason` become blanks.
  package init(code: Int, reason: String) {
    precondition((100...999).contains(code), "\(code) is no status code")
    self.code = code
    if reason.utf8.allSatisfy(\.isFieldValueCharacter) {
      self.reason = reason
    } else {
      let bytes = reason.utf8.map { $0.isFieldValueCharacter ? $0 : .space }
      self.reason = String(decoding: bytes, as: UTF8.self)
    }
  }

  package static let ok = Status(code: 200, reason: "OK")
  package static let created = Status(code: 201, reason: "Created")
  package static let accepted = Status(code: 202, reason: "Accepted")
  package static let noContent = Status(code: 204, reason: "No Content")
  package static let badRequest = Status(code: 400, reason: "Bad Request")
  package static let unauthorized = Status(code: 401, reason: "Unauthorized")
  package static let forbidden = Status(code: 403, reason: "Forbidden")
  package static let notFound = Status(code: 404, reason: "Not Found")
  package static let methodNotAllowed = Status(code: 405, reason: "Method Not Allowed")
  package static let requestTimeout = Status(code: 408, reason: "Request Timeout")
  package static let conflict = Status(code: 409, reason: "Conflict")
  package static let gone = Status(code: 410, reason: "Gone")
  package static let contentTooLarge = Status(code: 413, reason: "Content Too Large")
  package static let uriTooLong = Status(code: 414, reason: "URI Too Long")
  package static let unsupportedMediaType = Status(code: 415, reason: "Unsupported Media Type")
  package static let expectationFailed = Status(code: 417, reason: "Expectation Failed")
  package static let misdirectedRequest = Status(code: 421, reason: "Misdirected Request")
  package static let tooManyRequests = Status(code: 429, reason: "Too Many Requests")
  package static let requestHeaderFieldsTooLarge = Status(
    code: 431, reason: "Request Header Fields Too Large")
  package static let internalServerError = Status(code: 500, reason: "Internal Server Error")
  package static let notImplemented = Status(code: 501, reason: "Not Implemented")
  package static let serviceUnavailable = Status(code: 503, reason: "Service Unavailable")
  package static let httpVersionNotSupported = Status(
    code: 505, reason: "HTTP Version Not Supported")
}
