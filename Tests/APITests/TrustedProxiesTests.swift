import API
import HTTP
import Testing

/// Whom `X-Forwarded-For` makes the client.
struct TrustedProxiesTests {
  struct Case: CustomTestStringConvertible {
    let name: String
    var trusted = "127.0.0.1,10.0.0.0/8,2001:db8::/32"
    var peer = "127.0.0.1"
    let lines: [String]
    let client: String
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "no header", lines: [], client: "127.0.0.1"),
    Case(name: "one address", lines: ["192.0.2.1"], client: "192.0.2.1"),
    Case(name: "the last one counts", lines: ["192.0.2.9, 192.0.2.1"], client: "192.0.2.1"),
    Case(
      name: "trusted ones are passed over", lines: ["192.0.2.9, 192.0.2.1, 10.1.2.3,2001:db8::7"],
      client: "192.0.2.1"),
    Case(name: "all trusted", lines: ["10.0.0.1, 10.0.0.2"], client: "10.0.0.1"),
    Case(
      name: "lines are one list", lines: ["192.0.2.9", "192.0.2.1, 10.0.0.1", "10.0.0.2"],
      client: "192.0.2.1"),
    Case(name: "a client says what it likes", lines: ["127.0.0.1, 192.0.2.1"], client: "192.0.2.1"),
    Case(name: "an unknown peer", peer: "192.0.2.7", lines: ["192.0.2.1"], client: "192.0.2.7"),
    Case(name: "an untrusted Unix socket", peer: "unix", lines: ["192.0.2.1"], client: "unix"),
    Case(
      name: "a trusted Unix socket", trusted: "unix", peer: "unix", lines: ["192.0.2.1"],
      client: "192.0.2.1"),
    Case(
      name: "a Unix socket trusts nobody on TCP", trusted: "unix", lines: ["192.0.2.1"],
      client: "127.0.0.1"),
    Case(name: "nobody is trusted", trusted: "", lines: ["192.0.2.1"], client: "127.0.0.1"),
    Case(name: "everybody is", trusted: "0.0.0.0/0", lines: ["192.0.2.1"], client: "192.0.2.1"),
    Case(name: "malformed at the end", lines: ["192.0.2.1, nonsense"], client: "127.0.0.1"),
    Case(
      name: "malformed before a trusted one", lines: ["192.0.2.1, _hidden, 10.0.0.1"],
      client: "10.0.0.1"),
    Case(name: "unknown", lines: ["unknown"], client: "127.0.0.1"),
    Case(name: "empty elements", lines: ["192.0.2.1, ,", ""], client: "192.0.2.1"),
    Case(name: "blanks", lines: ["\t192.0.2.1 \t"], client: "192.0.2.1"),
    Case(name: "a port", lines: ["192.0.2.1:4711"], client: "192.0.2.1"),
    Case(name: "a port of a trusted one", lines: ["192.0.2.1, 10.0.0.1:80"], client: "192.0.2.1"),
    Case(name: "IPv6", lines: ["2001:DB9::0:1"], client: "2001:db9::1"),
    Case(name: "IPv6 in brackets", lines: ["[2001:db9::1]"], client: "2001:db9::1"),
    Case(name: "IPv6 with a port", lines: ["[2001:db9::1]:4711"], client: "2001:db9::1"),
    Case(name: "a bad port", lines: ["192.0.2.1:port"], client: "127.0.0.1"),
    Case(name: "a port too large", lines: ["192.0.2.1:65536"], client: "127.0.0.1"),
    Case(name: "a name", lines: ["example.org:80"], client: "127.0.0.1"),
    Case(
      name: "IPv4 as IPv6 in the list", lines: ["192.0.2.1, ::ffff:10.0.0.1"], client: "192.0.2.1"),
    Case(
      name: "IPv4 as IPv6 as the client", lines: ["::ffff:192.0.2.1"], client: "192.0.2.1"),
    Case(
      name: "IPv4 as IPv6 in the option", trusted: "::ffff:127.0.0.0/104", lines: ["192.0.2.1"],
      client: "192.0.2.1"),
    Case(
      name: "IPv4 as IPv6 as the peer", peer: "::ffff:127.0.0.1", lines: ["192.0.2.1"],
      client: "192.0.2.1"),
    Case(
      name: "the IPv6 loopback", trusted: "::1", peer: "::1", lines: ["192.0.2.1"],
      client: "192.0.2.1"),
  ]

  @Test(arguments: cases)
  func theClientIsTheLastAddressThatIsNotTrusted(_ given: Case) throws {
    let proxies = given.trusted.isEmpty ? TrustedProxies() : try TrustedProxies(given.trusted)
    var headers: Headers = ["Forwarded": "for=203.0.113.1", "X-Real-IP": "203.0.113.2"]
    for line in given.lines { headers.add("x-forwarded-for", line) }
    #expect(proxies.client(of: headers, peer: given.peer) == given.client)
  }

  @Test(arguments: [
    ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"), ("192.0.2.128/25", "192.0.2.128", "192.0.2.127"),
    ("192.0.2.1/32", "192.0.2.1", "192.0.2.2"), ("192.0.2.1", "192.0.2.1", "192.0.2.0"),
    ("2001:db8::/32", "2001:db8:ffff::", "2001:db9::"), ("::1/128", "::1", "::2"),
    ("2001:db8::/33", "2001:db8:7fff::", "2001:db8:8000::"), ("0.0.0.0/0", "255.1.2.3", "::1"),
    ("127.0.0.1", "127.0.0.1", "unix"),
  ])
  func aNetworkEndsAtItsPrefix(_ network: String, inside: String, outside: String) throws {
    let proxies = try TrustedProxies(network)
    #expect(proxies.contains(peer: inside))
    #expect(!proxies.contains(peer: outside))
  }

  @Test(arguments: [
    ("nginx", "'nginx' is no address, network or 'unix'"),
    ("127.0.0.1,", "'' is no address, network or 'unix'"),
    ("unix,10.0.0.0/", "'10.0.0.0/' needs a prefix length from 0 to 32"),
    ("10.0.0.0/33", "'10.0.0.0/33' needs a prefix length from 0 to 32"),
    ("10.0.0.0/+8", "'10.0.0.0/+8' needs a prefix length from 0 to 32"),
    ("2001:db8::/129", "'2001:db8::/129' needs a prefix length from 0 to 128"),
    ("10.1.2.3/8", "'10.1.2.3/8' has bits set beyond its prefix: the network is '10.0.0.0/8'"),
    ("[::1]", "'[::1]' is no address, network or 'unix'"),
    ("127.0.0.1:80", "'127.0.0.1:80' is no address, network or 'unix'"),
  ])
  func whatCannotBeTakenIsNamed(_ list: String, words: String) {
    let error = #expect(throws: ElementError.self) { try TrustedProxies(list) }
    #expect(error?.description == words)
  }
}
