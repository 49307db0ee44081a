import API
import HTTP
import Testing

/// Which requests of browsers get past the filter.
struct RequestFilterTests {
  /// The headers that a browser sends with what a page asks of another origin over plain HTTP.
  private static let page: Headers = [
    "Host": "localhost:8080", "Origin": "https://evil.example", "User-Agent": "Mozilla/5.0",
    "Accept-Language": "en",
  ]

  private func requestFilter(
    proxies: String? = nil, hosts: String? = nil, origins: String? = nil
  ) throws -> RequestFilter {
    RequestFilter(
      proxies: try proxies.map { try TrustedProxies($0) } ?? TrustedProxies(),
      hosts: try hosts.map { try AllowedHosts($0) } ?? AllowedHosts(),
      origins: try origins.map { try CrossOrigins($0) } ?? CrossOrigins())
  }

  private func admit(
    _ requestFilter: RequestFilter, _ headers: Headers, method: String = "GET",
    peer: String = "127.0.0.1"
  ) -> Admission {
    requestFilter.admit(Request(method: method, target: "/list", headers: headers), peer: peer)
  }

  @Test(arguments: [
    ["Accept": "*/*", "User-Agent": "curl/8.0"],
    ["User-Agent": "python-requests/2.31", "Accept-Encoding": "gzip", "Connection": "keep-alive"],
    ["User-Agent": "Go-http-client/1.1"], [:], ["Referer": "http://localhost/"],
  ])
  func otherClientsMayUseAnyName(_ headers: [String: String]) throws {
    for method in ["GET", "POST"] {
      var request = Headers(headers.map { ($0, $1) })
      request.add("Host", "evil.example:8080")
      #expect(admit(try requestFilter(), request, method: method).response == nil)
    }
  }

  @Test(arguments: [
    ["Origin": "http://evil.example"], ["Origin": "null"], ["Sec-Fetch-Site": "same-origin"],
    ["Sec-Fetch-Mode": "navigate"], ["Accept-Language": "de"], ["Accept-Language": ""],
    ["User-Agent": "Mozilla/5.0 (X11)"],
  ])
  func aBrowserIsKnownByEachOfItsHeaders(_ headers: [String: String]) throws {
    var request = Headers(headers.map { ($0, $1) })
    request.add("Host", "evil.example:8080")
    let answer = try Answer(#require(admit(try requestFilter(), request).response))
    #expect(answer.status == 421)
    let message = try answer.message
    #expect(message.contains(#""evil.example:8080""#) && message.contains("--allowed-host"))
    #expect(admit(try requestFilter(hosts: "evil.example"), request).response == nil)
    #expect(admit(try requestFilter(hosts: "*"), request).response == nil)
  }

  @Test func aBrowserWithoutAHostIsRefused() throws {
    let response = admit(try requestFilter(), ["User-Agent": "Mozilla/5.0"]).response
    #expect(response?.status == .misdirectedRequest)
  }

  @Test func aForwardedHostDoesNotStandInForTheHost() throws {
    let headers: Headers = [
      "Host": "evil.example", "X-Forwarded-Host": "localhost", "Accept-Language": "en",
    ]
    let response = admit(try requestFilter(proxies: "127.0.0.1"), headers).response
    #expect(response?.status == .misdirectedRequest)
  }

  @Test func aPageOfAnotherOriginMayReadWhatTheBrowserKeepsFromIt() throws {
    for method in ["GET", "HEAD", "OPTIONS"] {
      let admission = admit(try requestFilter(), Self.page, method: method)
      #expect(admission.response == nil)
      #expect(admission.grant == nil)
    }
  }

  @Test(arguments: ["POST", "PUT", "DELETE", "PATCH"])
  func aPageOfAnotherOriginMayChangeNothing(method: String) throws {
    let answer = try Answer(
      #require(admit(try requestFilter(), Self.page, method: method).response))
    #expect(answer.status == 403)
    let message = try answer.message
    #expect(message.contains(#""https://evil.example""#) && message.contains("--cors-origin"))
  }

  struct Post: CustomTestStringConvertible {
    let origin: String?
    var site: String?
    var host = "localhost:8080"
    var forwardedHost: String?
    var isTrusted = false
    let passes: Bool
    var testDescription: String { "\(self)" }
  }

  static let posts = [
    Post(origin: nil, passes: true),
    Post(origin: "http://localhost:8080", passes: true),
    Post(origin: "https://LOCALHOST.:8080", passes: true),
    Post(origin: "http://localhost:8081", passes: false),
    Post(origin: "http://127.0.0.1:8080", passes: false),
    Post(origin: "null", passes: false),
    Post(origin: "localhost:8080", passes: false),
    Post(origin: "http://localhost:8080/path", passes: false),
    Post(origin: "http://localhost:8080 http://evil.example", passes: false),
    Post(origin: "http://[::1]:8080", host: "[0::1]:8080", passes: true),
    Post(origin: "https://localhost", host: "localhost", passes: true),
    Post(origin: "http://localhost", host: "localhost", passes: true),
    Post(origin: "https://localhost:8443", host: "localhost", passes: false),
    Post(origin: "https://localhost", host: "localhost:443", passes: true),
    Post(origin: "https://localhost", host: "localhost:80", passes: false),
    Post(origin: "ftp://localhost", host: "localhost", passes: false),
    Post(origin: "http://localhost:3000", site: "same-origin", passes: true),
    Post(origin: nil, site: "none", passes: true),
    Post(origin: "http://localhost:8080", site: "same-site", passes: false),
    Post(origin: "http://localhost:8080", site: "cross-site", passes: false),
    Post(origin: nil, site: "cross-site", passes: false),
    Post(origin: nil, site: "nonsense", passes: false),
    Post(
      origin: "https://exeio.example.org", forwardedHost: "exeio.example.org", isTrusted: true,
      passes: true),
    Post(
      origin: "https://exeio.example.org", forwardedHost: "exeio.example.org, inner",
      isTrusted: true, passes: true),
    Post(origin: "https://exeio.example.org", forwardedHost: "exeio.example.org", passes: false),
    Post(
      origin: "https://evil.example", forwardedHost: "exeio.example.org", isTrusted: true,
      passes: false),
  ]

  @Test(arguments: posts)
  func aPostComesFromAPageOfItsOwnHost(_ post: Post) throws {
    var headers: Headers = ["Host": post.host, "User-Agent": "Mozilla/5.0"]
    if let origin = post.origin { headers.add("Origin", origin) }
    if let site = post.site { headers.add("Sec-Fetch-Site", site) }
    if let forwarded = post.forwardedHost { headers.add("X-Forwarded-Host", forwarded) }
    let requestFilter = try requestFilter(proxies: post.isTrusted ? "127.0.0.1" : nil)
    let response = admit(requestFilter, headers, method: "POST").response
    #expect(response?.status == (post.passes ? nil : .forbidden))
  }

  @Test func theClientIsWhomATrustedProxySpeaksFor() throws {
    let headers: Headers = ["Host": "x", "X-Forwarded-For": "192.0.2.1"]
    #expect(admit(try requestFilter(), headers).client == "127.0.0.1")
    #expect(admit(try requestFilter(proxies: "127.0.0.1"), headers).client == "192.0.2.1")
  }

  @Test(arguments: [
    ("192.0.2.1", "192.0.2.1"), ("unix", "unix"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ("2001:db8:1:2::1", "2001:db8:1:2::/64"), ("::1", "::/64"), ("fe80::1:2", "fe80::1:2"),
    ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
  ])
  func wrongKeysOfAnIPv6AddressCountForItsNetwork(_ peer: String, counted: String) throws {
    #expect(admit(try requestFilter(), [:], peer: peer).limitedAddress == counted)
  }
}
