import Supervision
import Testing

struct ProbeTargetTests {
  private func parts(_ target: ProbeTarget?) -> [String]? {
    target.map { [$0.host, "\($0.port)", $0.path, $0.authority] }
  }

  @Test(arguments: [
    ("http://127.0.0.1:8000/health", ["127.0.0.1", "8000", "/health", "127.0.0.1:8000"]),
    ("http://example.org", ["example.org", "80", "/", "example.org"]),
    ("HTTP://example.org?x=1", ["example.org", "80", "/?x=1", "example.org"]),
    ("http://[::1]:81/a?b#c", ["::1", "81", "/a?b", "[::1]:81"]),
    ("http://[::1]/", ["::1", "80", "/", "[::1]"]),
    ("http://my_db-1:65535/", ["my_db-1", "65535", "/", "my_db-1:65535"]),
  ])
  func anAddressOfHTTPIsTakenApart(text: String, expected: [String]) {
    #expect(parts(ProbeTarget(http: text)) == expected)
  }

  @Test(arguments: [
    "", "http://", "http:///x", "https://example.org/", "example.org", "http://user@example.org/",
    "http://a:0/", "http://a:65536/", "http://a:/", "http://a:+1/", "http://a b/", "http://a/b c",
    "http://a/\r\nX: y", "http://::1/", "http://[::1/", "http://[a]/", "http://a/ü", "http://ü/",
    "http://[1:2]/", "http://[:]/", "http://[::１]/", "http://[127.0.0.1]/",
  ])
  func whatIsNoSuchAddressIsRefused(text: String) {
    #expect(ProbeTarget(http: text) == nil)
  }

  @Test func hostAndPortAreTakenApart() {
    #expect(parts(ProbeTarget(tcp: "db:5432")) == ["db", "5432", "/", "db:5432"])
    #expect(parts(ProbeTarget(tcp: "[fe80::1]:1")) == ["fe80::1", "1", "/", "[fe80::1]:1"])
    for text in ["", "db", ":1", "db:", "db:x", "db:1:2", "::1:80", "[::1]", "db:0", "db:1/"] {
      #expect(ProbeTarget(tcp: text) == nil, "\(text)")
    }
  }
}
