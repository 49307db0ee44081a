import Basics
package import HTTP

/// What the access log says of one request: `127.0.0.1 "GET /list" 200 5321 0.4ms key=deploy`.
///
/// Never a header, and nothing of the target after its path: the client may have put a key there.
/// In the path keys that exeio made are shown as `***`.
package struct AccessLine {
  /// The address of the client, or `unix`.
  package var client: String
  /// Nil where the request line did not come in whole.
  package var method: String?
  /// As it stood in the request line; nil if that did not come in whole.
  package var target: String?
  /// Nil where the connection was closed without an answer.
  package var status: Status?
  /// How many bytes of body were sent.
  package var bodyBytes: Int
  /// From the whole request to its answer.
  package var time: Duration
  /// The name of the key, nil if none was needed or none was right.
  package var key: String?

  /// What became of one request.
  package init(
    client: String, method: String?, target: String?, status: Status?, bodyBytes: Int,
    time: Duration, key: String?
  ) {
    self.client = client
    self.method = method
    self.target = target
    self.status = status
    self.bodyBytes = bodyBytes
    self.time = time
    self.key = key
  }

  /// The line, without a time in front and without a newline.
  package var text: String {
    let request = [method, target.map(Self.shownPath(of:))].compactMap { $0 }.joined(separator: " ")
    let status = status.map { "\($0.code)" } ?? "-"
    return "\(client) \"\(request.isEmpty ? "-" : request)\" \(status) \(bodyBytes) \(milliseconds)"
      + " key=\(key ?? "-")"
  }

  /// How much of a path is shown, in characters.
  private static let longestPath = 256

  /// The path of a target, so that it cannot end its quotes nor command a terminal. It ends at a
  /// `?`, also at one that is percent-encoded: that is a query that the client encoded once too
  /// often.
  private static func shownPath(of target: String) -> String {
    var path = target.prefix { $0 != "?" }
    for mark in ["%3F", "%3f"] {
      if let query = path.firstRange(of: mark) { path = path[..<query.lowerBound] }
    }
    let segments = path.split(separator: "/", omittingEmptySubsequences: false)
    if segments.contains(where: { NamedKey.isLikelyKey($0) }) {
      path = segments.map { NamedKey.isLikelyKey($0) ? "***" : $0 }.joined(separator: "/")[...]
    }
    let shown = path.unicodeScalars.prefix(longestPath)
    var text = ""
    for scalar in printable(String(shown)).unicodeScalars {
      if scalar == "\"" || scalar == "\\" { text.append("\\") }
      text.unicodeScalars.append(scalar)
    }
    return text + (shown.endIndex == path.unicodeScalars.endIndex ? "" : "…")
  }

  private var milliseconds: String {
    let tenths = max(.zero, time).ticks(perSecond: 10_000)
    return "\(tenths / 10).\(tenths % 10)ms"
  }
}
