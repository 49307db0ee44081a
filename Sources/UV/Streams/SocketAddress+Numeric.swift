import CAres
import CLibUV
import CLinux
import Glibc

extension SocketAddress {
  /// Reads `127.0.0.1:8000` or `[::1]:8000` (`uv_ip4_addr`, `uv_ip6_addr`); nil for anything else.
  init?(numeric text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...])
    else { return nil }
    let host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      self.init(ipv6: String(host.dropFirst().dropLast()), port: port)
    } else {
      self.init(ipv4: String(host), port: port)
    }
  }

  /// Reads an address without a port: `127.0.0.1`, `::1`, `fe80::1%eth0`, and the short forms of inet_aton(3), `127.1`,
  /// as getaddrinfo(3) does. The port is 0.
  init?(numericHost text: String) {
    if let address = SocketAddress(ipv4: text, port: 0) ?? SocketAddress(ipv6: text, port: 0) {
      self = address
      return
    }
    // inet_aton takes what follows a blank for a comment.
    var bytes: [UInt8] = [0, 0, 0, 0]
    guard text.utf8.first.map({ (48...57).contains($0) }) == true,
      text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), exeio_inet_aton(text, &bytes) != 0
    else { return nil }
    self.init(ipv4: bytes)
  }

  private init?(ipv4 text: String, port: UInt16) {
    var address = sockaddr_in()
    guard uv_ip4_addr(text, Int32(port), &address) == 0 else { return nil }
    self.init(address)
  }

  private init?(ipv6 text: String, port: UInt16) {
    var address = sockaddr_in6()
    guard uv_ip6_addr(text, Int32(port), &address) == 0 else { return nil }
    self.init(address)
  }

  /// An IPv4 address by its four bytes; the port is 0.
  init(ipv4 bytes: [UInt8]) {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: bytes.prefix(4)) }
    self.init(address)
  }

  /// An IPv6 address by its sixteen bytes; the port is 0.
  init(ipv6 bytes: [UInt8]) {
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(AF_INET6)
    withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: bytes.prefix(16)) }
    self.init(address)
  }

  private init<Address>(_ address: Address) {
    self = withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        SocketAddress($0, size: socklen_t(MemoryLayout<Address>.size))
      }
    }
  }

  /// The sixteen bytes of an IPv6 address; those of an IPv4 address behind the prefix `::ffff:0:0/96`.
  var mappedBytes: [UInt8] {
    withPointer { pointer, _ in
      let bytes = UnsafeRawPointer(pointer)
      if family == AF_INET6 {
        let start = bytes + 8
        return Array(UnsafeRawBufferPointer(start: start, count: 16))
      }
      return [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        + Array(UnsafeRawBufferPointer(start: bytes + 4, count: 4))
    }
  }
}
