/// A whole request, its body included.
package struct Request: Sendable {
  /// `GET`, `POST`; never empty, in the case it came in.
  package var method: String
  /// As it stood in the request line: `/logs/a%20b?page=2`.
  package var target: String
  /// Percent-decoded, without the query: `/logs/a b`. `*` for `OPTIONS *`.
  package var path: String
  /// What stands between the slashes of the path, each decoded by itself: an encoded slash (`%2F`)
  /// is part of its segment. Empty for `/`; `/list/` ends with an empty one.
  package var pathSegments: [String]
  /// The parameters after `?`, in order, percent- and plus-decoded.
  package var query: [(name: String, value: String)]
  package var headers: Headers
  package var body: [UInt8]
  /// Whether it came as HTTP/1.0.
  package var isHTTP10: Bool

  /// A request out of its parts.
  package init(
    method: String, target: String, path: String, pathSegments: [String],
    query: [(name: String, value: String)], headers: Headers, body: [UInt8], isHTTP10: Bool
  ) {
    self.method = method
    self.target = target
    self.path = path
    self.pathSegments = pathSegments
    self.query = query
    self.headers = headers
    self.body = body
    self.isHTTP10 = isHTTP10
  }
}
