import HTTP

/// Tells browsers from other clients.
enum Browser {
  /// Whether a browser sent this.
  ///
  /// `Origin` and `Sec-Fetch-*` alone would not do: a page whose name was rebound asks its own
  /// origin, over plain HTTP, and gets neither with a `GET`. `Accept-Language` is in each request
  /// of a browser, and a page can change it but not leave it out; curl and the HTTP libraries do
  /// not send it by themselves.
  static func sent(_ headers: Headers) -> Bool {
    headers.contains("Origin") || headers.contains("Accept-Language")
      || headers.contains("Sec-Fetch-Site") || headers.contains("Sec-Fetch-Mode")
      || headers["User-Agent"]?.hasPrefix("Mozilla/") == true
  }
}
