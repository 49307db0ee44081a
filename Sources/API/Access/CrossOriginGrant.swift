package import HTTP

/// What an answer says of the page that may read it. Never that it may send credentials: keys come
/// in a header that the page sets by itself.
package struct CrossOriginGrant: Equatable, Sendable {
  /// `*`, or the origin that asked; nil if it may not read the answer.
  let origin: String?
  /// Whether others would get another answer, which a cache has to know.
  let varies: Bool

  /// Adds it to an answer.
  package func apply(to response: inout Response) {
    if varies { response.headers.add("Vary", "Origin") }
    guard let origin else { return }
    response.headers.add("Access-Control-Allow-Origin", origin)
    response.headers.add("Access-Control-Expose-Headers", "Retry-After")
  }

  /// The answer to a browser that asks beforehand what the page may send.
  static var preflight: Response {
    Response(
      .noContent,
      headers: [
        "Access-Control-Allow-Methods": "GET, HEAD, POST",
        "Access-Control-Allow-Headers": "\(APIKey.headerName), authorization, content-type",
        // Two hours, the longest that a common browser keeps it.
        "Access-Control-Max-Age": "7200",
      ])
  }
}
