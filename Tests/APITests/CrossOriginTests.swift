import API
import HTTP
import Testing

/// What pages of other origins may read, and how the browser hears of it.
struct CrossOriginTests {
  private static let dashboard = "https://dash.example.org"

  private func requestFilter(_ origins: String?) throws -> RequestFilter {
    RequestFilter(
      proxies: TrustedProxies(), hosts: AllowedHosts(),
      origins: try origins.map { try CrossOrigins($0) } ?? CrossOrigins())
  }

  /// The answer to a request of a page, with what the gate adds to it.
  private func answer(
    _ origins: String?, _ method: String = "GET", origin: String? = dashboard,
    asking wanted: String? = nil
  ) throws -> Response {
    var headers: Headers = ["Host": "localhost"]
    if let origin { headers.add("Origin", origin) }
    if let wanted { headers.add("Access-Control-Request-Method", wanted) }
    let admission = try requestFilter(origins).admit(
      Request(method: method, target: "/list", headers: headers), peer: "127.0.0.1")
    var response = admission.response ?? Response(.ok)
    admission.grant?.apply(to: &response)
    return response
  }

  @Test func nothingIsSaidOfOriginsByDefault() throws {
    #expect(try answer(nil) == Response(.ok))
    #expect(try answer(nil, "OPTIONS", asking: "POST") == Response(.ok))
  }

  @Test(arguments: ["GET", "POST"])
  func anOriginThatIsListedIsNamed(method: String) throws {
    #expect(
      try answer("https://a.org,\(Self.dashboard)", method)
        == Response(
          .ok,
          headers: [
            "Vary": "Origin", "Access-Control-Allow-Origin": Self.dashboard,
            "Access-Control-Expose-Headers": "Retry-After",
          ]))
  }

  @Test(arguments: [nil, "https://other.example.org", "http://dash.example.org", "null"])
  func anotherOriginIsNotNamedAndCachesKnowWhy(origin: String?) throws {
    #expect(
      try answer(Self.dashboard, origin: origin) == Response(.ok, headers: ["Vary": "Origin"]))
  }

  @Test func anOriginThatIsNotListedMayNotPost() throws {
    let response = try answer(Self.dashboard, "POST", origin: "https://other.example.org")
    #expect(response.status == .forbidden)
    #expect(response.headers["Access-Control-Allow-Origin"] == nil)
  }

  @Test(arguments: ["https://anything.example", "null", Self.dashboard])
  func aStarAllowsAllOrigins(origin: String) throws {
    for method in ["GET", "POST"] {
      let response = try answer("*", method, origin: origin)
      #expect(response.status == .ok)
      #expect(response.headers["Access-Control-Allow-Origin"] == "*")
      #expect(response.headers["Vary"] == nil)
    }
  }

  @Test func aPreflightIsAnsweredWithoutAKey() throws {
    let response = try answer(Self.dashboard, "OPTIONS", asking: "POST")
    #expect(
      response
        == Response(
          .noContent,
          headers: [
            "Access-Control-Allow-Methods": "GET, HEAD, POST",
            "Access-Control-Allow-Headers": "exeio-api-key, authorization, content-type",
            "Access-Control-Max-Age": "7200", "Vary": "Origin",
            "Access-Control-Allow-Origin": Self.dashboard,
            "Access-Control-Expose-Headers": "Retry-After",
          ]))
  }

  @Test func whatIsNoPreflightIsAnOrdinaryRequest() throws {
    #expect(try answer(Self.dashboard, "OPTIONS").status == .ok)
    #expect(
      try answer(Self.dashboard, "OPTIONS", origin: "https://a.org", asking: "POST").status == .ok)
    #expect(try answer(Self.dashboard, "GET", asking: "POST").status == .ok)
    #expect(try answer(Self.dashboard, "OPTIONS", origin: nil, asking: "POST").status == .ok)
  }

  @Test func credentialsAreNeverAllowed() throws {
    for origins in ["*", Self.dashboard] {
      for (method, wanted) in [("GET", nil), ("POST", nil), ("OPTIONS", "POST")] {
        let response = try answer(origins, method, asking: wanted)
        #expect(!response.headers.contains("Access-Control-Allow-Credentials"))
      }
    }
  }

  @Test(arguments: [
    ("https://a.org:443", "https://a.org"), ("HTTP://A.org:80", "http://a.org"),
    ("http://[::1]:3000", "http://[::1]:3000"), ("app://panel", "app://panel"),
  ])
  func originsAreComparedAsBrowsersWriteThem(_ listed: String, sent: String) throws {
    let response = try answer(listed, origin: sent)
    #expect(response.headers["Access-Control-Allow-Origin"] == sent)
  }

  @Test(arguments: [
    "dash.example.org", "https://a.org/", "https://a.org/path", "https://", "null", "",
    "https://*.a.org",
    "://a.org", "1http://a.org", "https://user@a.org", "https://a.org:99999",
  ])
  func whatIsNoOriginIsRefused(_ list: String) {
    let error = #expect(throws: ElementError.self) { try CrossOrigins(list) }
    #expect(error?.description.hasPrefix("'\(list)' is no origin") == true)
  }
}
