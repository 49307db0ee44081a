import Basics
import Glibc
import Testing

@testable import UV

/// Numeric addresses are judged as the C library judges them.
struct NumericAddressTests {
  private static let valid = [
    "192.0.2.1", "0.0.0.0", "255.255.255.255", "127.1", "0x7f.1", "::", "::1", "1::", "fe80::1",
    "2001:db8::1:0:0:1", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::ffff:192.0.2.1",
    "64:ff9b::192.0.2.1", "1:2:3:4:5:6:1.2.3.4", "::2:3:4:5:6:7:8",
  ]
  private static let letters = Array("0123456789afFg:.:.[]+- x")

  /// Texts that are addresses, and those that nearly are.
  private static let texts: [String] = {
    var texts = valid + ["", ":", ".", "[::1]", "1.2.3.4:80", "01.2.3.4", "1.2.3.256", "1.2.3.4 x"]
    for text in valid {
      for index in 0...text.count {
        for letter in letters {
          var changed = Array(text)
          changed.insert(letter, at: index)
          texts.append(String(changed))
          guard index < text.count else { continue }
          changed.remove(at: index + 1)
          texts.append(String(changed))
          changed.remove(at: index)
          texts.append(String(changed))
        }
      }
    }
    return texts
  }()

  /// What inet_pton(3) makes of a text.
  private static func bytes(_ text: String, _ family: Int32, _ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    return inet_pton(family, text, &bytes) == 1 ? bytes : nil
  }

  @Test func addressesAreThoseOfTheCLibrary() {
    for text in Self.texts {
      #expect(
        IPAddress(v4: text).map { Array($0.bytes.suffix(4)) } == Self.bytes(text, AF_INET, 4),
        "\(text)")
      #expect(IPAddress(v6: text)?.bytes == Self.bytes(text, AF_INET6, 16), "\(text)")
    }
  }

  @Test func hostsAreThoseOfTheCLibrary() {
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICHOST
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    for text in Self.texts {
      var found: UnsafeMutablePointer<addrinfo>?
      let result = getaddrinfo(text, nil, &hints, &found)
      defer { if result == 0 { freeaddrinfo(found) } }
      let own = SocketAddress(numericHost: text)
      guard result == 0, let address = found?.pointee.ai_addr, let size = found?.pointee.ai_addrlen
      else {
        #expect(own == nil, "\(text)")
        continue
      }
      let theirs = SocketAddress(address, size: size)
      #expect(own?.family == theirs.family, "\(text)")
      #expect(own?.mappedBytes == theirs.mappedBytes, "\(text)")
    }
  }

  @Test(arguments: [
    ("127.0.0.1:80", "127.0.0.1:80"), ("[::1]:80", "[::1]:80"), ("[::]:0", "[::]:0"),
    ("[::ffff:192.0.2.1]:1", "192.0.2.1:1"), ("[fe80::1%lo]:80", "[fe80::1]:80"),
  ])
  func anAddressWithItsPortIsRead(text: String, address: String) {
    #expect(SocketAddress(numeric: text)?.description == address)
  }

  @Test(arguments: [
    "", "80", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x", "[::1]", "::1:80",
    "[127.0.0.1]:80", "[::1]x:80", "[::1:80", "localhost:80", "127.1:80", "/run/socket",
  ])
  func whatIsNoAddressWithAPortIsNone(text: String) {
    #expect(SocketAddress(numeric: text) == nil)
  }

  @Test func aZoneIsTheNumberOfAnInterface() {
    func zone(_ text: String) -> UInt32? {
      SocketAddress(numericHost: text)?.withPointer { pointer, _ in
        pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { $0.pointee.sin6_scope_id }
      }
    }
    #expect(zone("fe80::1%lo") == if_nametoindex("lo") && zone("fe80::1%lo") != 0)
    #expect(zone("fe80::1") == 0 && zone("fe80::1%none") == 0)
    #expect(SocketAddress(numericHost: "127.0.0.1%lo") == nil)
  }
}
