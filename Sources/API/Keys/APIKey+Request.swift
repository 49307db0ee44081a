import HTTP

extension APIKey {
  /// The header of the original; it goes before `Authorization`, which a proxy may need for itself.
  static let headerName = "exeio-api-key"

  /// Whether a request has a header for a key, whatever it says.
  static func isClaimed(in headers: Headers) -> Bool {
    headers.contains(headerName) || headers.contains("Authorization")
  }

  /// The key that a request gives, nil if it gives none. Only one: a request is one guess.
  static func candidate(in headers: Headers) -> String? {
    if let key = headers[headerName], !key.isEmpty { return key }
    guard let credentials = headers["Authorization"] else { return nil }
    let parts = credentials.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
    let token = parts[1].drop { $0 == " " }
    return token.isEmpty ? nil : String(token)
  }
}
