import CLibUV
import Glibc

extension SocketAddress {
  /// Reads `127.0.0.1:8000` or `[::1]:8000` (`uv_ip4_addr`, `uv_ip6_addr`); nil for anything else.
  init?(numeric text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...])
    else { return nil }
    let host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      var address = sockaddr_in6()
      guard uv_ip6_addr(String(host.dropFirst().dropLast()), Int32(port), &address) == 0 else {
        return nil
      }
      self = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          SocketAddress($0, size: socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
      }
    } else {
      var address = sockaddr_in()
      guard uv_ip4_addr(String(host), Int32(port), &address) == 0 else { return nil }
      self = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          SocketAddress($0, size: socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    }
  }
}
