extension Request {
  /// A request whose path and query are what `target` says; traps where a connection would have
  /// refused the target.
  package init(
    method: String, target: String, headers: Headers = Headers(), body: [UInt8] = [],
    isHTTP10: Bool = false
  ) {
    do throws(Refusal) {
      let parts = try RequestTarget(Array(target.utf8), method: method)
      self.init(
        method: method, target: target, path: parts.path, pathSegments: parts.pathSegments,
        query: parts.query, headers: headers, body: body, isHTTP10: isHTTP10)
    } catch {
      preconditionFailure("'\(target)' is no request target: \(error.message)")
    }
  }
}
