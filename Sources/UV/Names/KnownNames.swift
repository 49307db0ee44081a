import Basics
import Glibc

/// What is known of names without asking.
enum KnownNames {
  /// Whether it may be the name of a host: dots between labels of 1 to 63 letters, digits, hyphens
  /// and underscores, 253 characters at the most without the dot that may stand at its end.
  static func isPossible(_ name: String) -> Bool {
    let bytes = name.utf8.last == UInt8(ascii: ".") ? name.utf8.dropLast() : name.utf8[...]
    guard !bytes.isEmpty, bytes.count <= 253 else { return false }
    return bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy {
      !$0.isEmpty && $0.count <= 63
        && $0.allSatisfy {
          $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
        }
    }
  }

  /// The addresses of a host that need no question: of a number, and of `localhost` and the names
  /// below it, which are the loopback addresses whatever a name server says (RFC 6761, 6.3).
  static func knownAddresses(of host: String) -> [SocketAddress]? {
    if let address = SocketAddress(numericHost: host) { return [address] }
    guard isBelow("localhost", host) else { return nil }
    return AddressOrder.sort(["::1", "127.0.0.1"].compactMap { SocketAddress(numericHost: $0) })
  }

  /// Whether no name server knows the name, by its last label (RFC 6761, 6.4; RFC 7686).
  static func isOfNoServer(_ name: String) -> Bool {
    isBelow("invalid", name) || isBelow("onion", name)
  }

  private static func isBelow(_ domain: String, _ name: String) -> Bool {
    let name = (name.hasSuffix(".") ? String(name.dropLast()) : name).lowercased()
    return name == domain || (name.hasSuffix("." + domain) && isPossible(name))
  }
}
