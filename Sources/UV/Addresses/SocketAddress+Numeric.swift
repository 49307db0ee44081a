import Basics
import CAres
import CLibUV
import CLinux
import Glibc

extension SocketAddress {
  /// Reads `127.0.0.1:8000` or `[::1]:8000`; nil for anything else.
  init?(numeric text: String) {
    // Nil for what cannot be taken apart, too.
    guard let parts = try? HostPort(text[...]), let port = parts.port,
      let address = parts.isBracketed
        ? SocketAddress(v6: parts.host) : SocketAddress(v4: parts.host)
    else { return nil }
    self = address
    self.port = port
  }

  /// Reads an address without a port: `127.0.0.1`, `::1`, `fe80::1%eth0`, and the short forms of
  /// inet_aton(3), `127.1`, as getaddrinfo(3) does. The port is 0.
  init?(numericHost text: String) {
    if let address = SocketAddress(v4: text[...]) ?? SocketAddress(v6: text[...]) {
      self = address
      return
    }
    // inet_aton takes what follows a blank for a comment.
    var bytes: [UInt8] = [0, 0, 0, 0]
    guard text.utf8.first?.isDigit == true,
      text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), exeio_inet_aton(text, &bytes) != 0
    else { return nil }
    self.init(ipv4: bytes)
  }

  private init?(v4 text: Substring) {
    guard let address = IPAddress(v4: text) else { return nil }
    self.init(ipv4: Array(address.bytes.suffix(4)))
  }

  /// Reads an IPv6 address, perhaps with a zone: the name of an interface behind `%` (RFC 4007,
  /// 11).
  private init?(v6 text: Substring) {
    let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = IPAddress(v6: parts[0]) else { return nil }
    // An interface that is not there is number 0: the zone is left open.
    self.init(ipv6: address.bytes, zone: parts.count > 1 ? if_nametoindex(String(parts[1])) : 0)
  }

  /// An IPv4 address by its four bytes; the port is 0.
  init(ipv4 bytes: [UInt8]) {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: bytes.prefix(4)) }
    self.init(address)
  }

  /// An IPv6 address by its sixteen bytes; the port is 0.
  ///
  /// - Parameter zone: the number of an interface; 0 for an address that belongs to none.
  init(ipv6 bytes: [UInt8], zone: UInt32 = 0) {
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(AF_INET6)
    address.sin6_scope_id = zone
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

  /// The sixteen bytes of an IPv6 address; those of an IPv4 address behind the prefix
  /// `::ffff:0:0/96`.
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
