import Glibc
import TestSupport
import Testing

@testable import UV

/// What is decided of names without asking a server.
struct NameValueTests {
  @Test func resolvConfIsReadAsTheCLibraryDoes() {
    let text = """
      # a comment
      ; another
      nameserver 192.0.2.1   # the first
      nameserver 2001:db8::53
      nameserver not-an-address
      nameserver 192.0.2.3
      nameserver 192.0.2.4
      domain left.test
      search one.test two.test. .
      options ndots:2 rotate use-vc timeout:3 unknown
      """
    let read = NameConfiguration(resolvConf: text, nsswitch: "")
    #expect(read.servers == ["192.0.2.1", "2001:db8::53", "192.0.2.3"])
    #expect(read.domains == ["one.test", "two.test"])
    #expect(read.ndots == 2 && read.rotates && read.usesTCP)
    #expect(read.sources == [.hosts, .servers])
  }

  @Test func withoutResolvConfTheServerIsThisMachineAndTheDomainItsOwn() {
    let read = NameConfiguration(resolvConf: "", nsswitch: "", hostName: "www.example.test")
    #expect(read.servers == ["127.0.0.1"] && read.domains == ["example.test"])
    #expect(NameConfiguration(resolvConf: "", nsswitch: "", hostName: "www").domains == [])
  }

  @Test func theEnvironmentGoesBeforeResolvConf() {
    let read = NameConfiguration(
      resolvConf: "search one.test\noptions ndots:3", nsswitch: "", localDomain: "a.test b.test",
      options: "ndots:0")
    #expect(read.domains == ["a.test", "b.test"] && read.ndots == 0)
  }

  @Test(arguments: [
    ("hosts: dns files", [NameConfiguration.Source.servers, .hosts]),
    ("passwd: files\nhosts:\tfiles mymachines [NOTFOUND=return] # dns", [.hosts]),
    ("hosts: mymachines resolve [!UNAVAIL=return] files myhostname dns", [.servers, .hosts]),
    ("hosts: mdns4", [.hosts, .servers]),
    ("networks: dns", [.hosts, .servers]),
  ])
  func nsswitchSaysWhatIsAskedFirst(text: String, sources: [NameConfiguration.Source]) {
    #expect(NameConfiguration(resolvConf: "", nsswitch: text).sources == sources)
  }

  @Test func aNameIsTriedBehindTheDomainsByItsDots() {
    let text = "search one.test two.test\noptions ndots:2"
    let read = NameConfiguration(resolvConf: text, nsswitch: "")
    #expect(read.candidates(for: "db") == ["db.one.test", "db.two.test", "db"])
    #expect(read.candidates(for: "db.a") == ["db.a.one.test", "db.a.two.test", "db.a"])
    #expect(read.candidates(for: "db.a.b") == ["db.a.b", "db.a.b.one.test", "db.a.b.two.test"])
    #expect(read.candidates(for: "db.") == ["db"])
    let long = Array(repeating: "a", count: 124).joined(separator: ".")
    #expect(read.candidates(for: long) == [long], "longer than a name may be")
  }

  @Test func theFileOfHostsHasNamesByLine() {
    let text = """
      # comment
      192.0.2.1\tdb.test db DB2 # other
      ::1 six
      192.0.2.2 db
      192.0.2.2 db
      not-an-address bad
      192.0.2.9
      """
    let file = HostsFile(Array(text.utf8))
    #expect(file.addresses(of: "DB").map(\.host) == ["192.0.2.1", "192.0.2.2"])
    #expect(file.addresses(of: "db2.").map(\.host) == ["192.0.2.1"])
    #expect(file.addresses(of: "six").map(\.host) == ["::1"])
    for name in ["other", "bad", "192.0.2.9", "d"] { #expect(file.addresses(of: name).isEmpty) }
  }

  @Test func theFileOfHostsIsReadAgainWhenItHasChanged() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("hosts")
    #expect(HostsFile.read(path, unlessStill: nil).addresses(of: "db").isEmpty)
    try Files.createNew(path, mode: 0o600, contents: Array("192.0.2.1 db\n".utf8))
    let first = HostsFile.read(path, unlessStill: nil)
    #expect(first.addresses(of: "db").map(\.host) == ["192.0.2.1"])
    try Files.createNew(path + ".new", mode: 0o600, contents: Array("192.0.2.2 db\n".utf8))
    try #require(rename(path + ".new", path) == 0)
    #expect(
      HostsFile.read(path, unlessStill: first).addresses(of: "db").map(\.host) == ["192.0.2.2"])
    try Files.remove(path)
    #expect(HostsFile.read(path, unlessStill: first).addresses(of: "db").isEmpty)
  }

  @Test(arguments: ["a", "a.b", "a-b_c.test.", "1a", String(repeating: "a", count: 63)])
  func aHostMayBeCalled(name: String) { #expect(KnownNames.isPossible(name)) }

  @Test(arguments: [
    "", ".", "a..b", ".a", "a b", "a/b", "ä", "a\u{0}b", "%", String(repeating: "a", count: 64),
    String(repeating: "a.", count: 128),
  ])
  func aHostIsNotCalled(name: String) { #expect(!KnownNames.isPossible(name)) }

  @Test(arguments: [
    ("127.0.0.1", ["127.0.0.1"]), ("127.1", ["127.0.0.1"]), ("0x7f000001", ["127.0.0.1"]),
    ("::1", ["::1"]), ("2001:db8::1", ["2001:db8::1"]),
  ])
  func aNumberIsItsOwnAddress(host: String, addresses: [String]) {
    #expect(KnownNames.knownAddresses(of: host)?.map(\.host) == addresses)
  }

  @Test(arguments: ["localhost", "LOCALHOST.", "a.localhost", "a.b.LocalHost"])
  func localhostIsTheLoopbackAddress(host: String) {
    #expect(Set(KnownNames.knownAddresses(of: host)?.map(\.host) ?? []) == ["::1", "127.0.0.1"])
  }

  @Test(arguments: ["localhost.test", "notlocalhost", "..localhost", "", "256.1.1.1", "1.2.3.4 x"])
  func otherNamesHaveToBeAskedFor(host: String) {
    #expect(KnownNames.knownAddresses(of: host) == nil)
  }

  /// A destination and the address of this machine that would speak to it, nil where there is none.
  @Test(
    arguments: [
      // Where there is no route, there is no use.
      ([("2001:db8::1", nil), ("192.0.2.1", "192.0.2.9")], ["192.0.2.1", "2001:db8::1"]),
      // IPv6 before IPv4, and what is alike in the order of the server.
      (
        [("192.0.2.2", "192.0.2.9"), ("192.0.2.1", "192.0.2.9"), ("2001:db8::1", "2001:db8::9")],
        ["2001:db8::1", "192.0.2.2", "192.0.2.1"]
      ),
      // A private network of IPv6 does not go before IPv4.
      ([("fd00::1", "fd00::9"), ("192.0.2.1", "192.0.2.9")], ["192.0.2.1", "fd00::1"]),
      // The own address of a tunnel does not speak to others of IPv6.
      ([("2001:db8::1", "2002::9"), ("192.0.2.1", "192.0.2.9")], ["192.0.2.1", "2001:db8::1"]),
      ([("127.0.0.1", "127.0.0.1"), ("::1", "::1")], ["::1", "127.0.0.1"]),
      // A link-local address speaks to its link.
      (
        [("2001:db8::1", "fe80::9"), ("192.0.2.1", "192.0.2.9")], ["192.0.2.1", "2001:db8::1"]
      ),
    ] as [([(String, String?)], [String])])
  func addressesAreTriedInTheOrderOfTheRFC(candidates: [(String, String?)], order: [String]) throws
  {
    let sorted = AddressOrder.sort(
      try candidates.map { destination, source in
        AddressOrder.Candidate(
          destination: try #require(SocketAddress(numericHost: destination)),
          source: source.flatMap { SocketAddress(numericHost: $0) })
      })
    #expect(sorted.map(\.destination.host) == order)
  }
}
