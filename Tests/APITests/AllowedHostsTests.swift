import API
import Testing

/// What a daemon is called.
struct AllowedHostsTests {
  @Test(arguments: [
    "localhost", "localhost:8080", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.0.0.1:1",
    "127.9.9.9",
    "[::1]", "[::1]:8080", "[::ffff:127.0.0.1]", "[0:0::1]:80",
  ])
  func theLoopbackNamesAreAlwaysAllowed(_ host: String) throws {
    #expect(AllowedHosts().allows(host))
    #expect(try AllowedHosts("example.org").allows(host))
  }

  @Test(arguments: [
    "example.org", "localhost.example.org", "notlocalhost", "192.0.2.1", "[2001:db8::1]:8080",
    "127.0.0.1.example.org", "", ":8080", "::1", "localhost:port", "[::1", "127.0.0.1@example.org",
    "localhost:", "0.0.0.0", ".localhost", "a..localhost", "1.0.0.127",
  ])
  func nothingElseIsByItself(_ host: String) {
    #expect(!AllowedHosts().allows(host))
  }

  @Test(arguments: [
    ("example.org", "example.org"), ("example.org", "EXAMPLE.org.:8080"),
    ("Example.ORG.", "example.org"),
    ("a.org, example.org", "example.org:443"), (".example.org", "example.org"),
    (".example.org", "a.b.example.org:1"), (".Example.org.", "a.EXAMPLE.ORG."),
    ("192.0.2.1", "192.0.2.1:80"),
    ("2001:db8::1", "[2001:DB8:0::1]:80"), ("[2001:db8::1]", "[2001:db8::1]"),
    ("*", "anything.example"),
    ("*", "not even: a host"), ("::ffff:192.0.2.1", "192.0.2.1"),
  ])
  func aNameIsComparedWithoutCasePortAndDot(_ list: String, host: String) throws {
    #expect(try AllowedHosts(list).allows(host))
  }

  @Test(arguments: [
    ("example.org", "a.example.org"), (".example.org", "badexample.org"),
    ("example.org", "example.com"),
    (".example.org", "example.org.evil.test"), ("192.0.2.1", "192.0.2.2"),
    ("example.org", "example.org..:80"), ("example.org", "example.org:99999"),
  ])
  func aNameAllowsNoOther(_ list: String, host: String) throws {
    #expect(try !AllowedHosts(list).allows(host))
  }

  @Test func whereItListensIsAllowed() {
    var hosts = AllowedHosts()
    hosts.addBound(["192.0.2.1:8080", "[2001:db8::1]:8080"], name: "Server.example.org")
    for host in ["192.0.2.1:80", "[2001:db8::1]", "server.example.org:8080", "localhost"] {
      #expect(hosts.allows(host), "\(host)")
    }
    #expect(!hosts.allows("192.0.2.2"))
    #expect(!hosts.allows("evil.example"))
  }

  @Test(arguments: ["0.0.0.0:8080", "[::]:8080"])
  func onAllAddressesEachOfThemIsAllowedAndNoName(_ address: String) {
    var hosts = AllowedHosts()
    hosts.addBound([address], name: "0.0.0.0")
    #expect(hosts.allows("192.0.2.1:8080"))
    #expect(hosts.allows("[2001:db8::1]"))
    #expect(!hosts.allows("evil.example:8080"))
  }

  @Test(arguments: [
    "https://example.org", "example.org:80", "example.org/", "", "a,,b", "a b", "ümlaut.org", ".",
    "..org",
    "*.example.org", "[::1", "a@b", ".192.0.2.1",
  ])
  func whatIsNoNameIsRefused(_ list: String) {
    let error = #expect(throws: ElementError.self) { try AllowedHosts(list) }
    #expect(error?.description.contains("is no name, address or domain") == true)
  }
}
