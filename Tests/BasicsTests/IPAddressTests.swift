import Basics
import Testing

/// Addresses as people, proxies and sockets write them.
struct IPAddressTests {
  @Test(arguments: [
    ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
    ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("2001:DB8::1", "2001:db8::1"),
    ("2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"),
    ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"),
    ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("0:0:1:2:3:4:5:6", "::1:2:3:4:5:6"),
    ("::ffff:192.0.2.1", "192.0.2.1"), ("::FFFF:c000:201", "192.0.2.1"),
    ("64:ff9b::192.0.2.1", "64:ff9b::c000:201"), ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
  ])
  func anAddressIsWrittenInOneWay(_ text: String, written: String) {
    #expect(IPAddress(text)?.description == written)
    #expect(IPAddress(written) == IPAddress(text))
  }

  @Test(arguments: [
    "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.256", "01.2.3.4",
    "1.2.3.4 ",
    "+1.2.3.4", "0x1.2.3.4", "1.2.3.4:80", "localhost", ":", ":::", "1:", ":1", "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9", "1::2::3", "1:::2", "::12345", "::g", "::+1", "::-1", "::-0", "[::1]",
    "::1%eth0",
    "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1.2.3.4::", "::1.2.3.4:5", "::1.2.3",
    "::ffff:1.2.3.256",
    "１.2.3.4",
  ])
  func whatIsNoAddressIsNone(_ text: String) {
    #expect(IPAddress(text) == nil)
  }

  @Test func loopbackAndUnspecifiedAddressesAreKnown() throws {
    for text in ["127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"] {
      #expect(try #require(IPAddress(text)).isLoopback, "\(text)")
    }
    for text in ["128.0.0.1", "126.255.255.255", "::", "::2", "0.0.0.0", "7f00::1"] {
      #expect(try !#require(IPAddress(text)).isLoopback, "\(text)")
    }
    for text in ["0.0.0.0", "::", "::ffff:0.0.0.0"] {
      #expect(try #require(IPAddress(text)).isUnspecified, "\(text)")
    }
    for text in ["0.0.0.1", "::1", "127.0.0.1"] {
      #expect(try !#require(IPAddress(text)).isUnspecified, "\(text)")
    }
  }
}
