import Basics

/// What there is to say of the addresses that a daemon listens on.
package enum Exposure {
  /// Why it is a bad idea to listen there; nil if only the machine itself can connect.
  ///
  /// - Parameter addresses: as the sockets have them: `192.0.2.1:8080`, `[::]:8080`.
  package static func warning(of addresses: [String]) -> String? {
    let open = addresses.filter { text in
      guard case .address(let address) = Authority(text)?.host else { return true }
      return !address.isLoopback
    }
    guard !open.isEmpty else { return nil }
    return "other machines can connect to \(open.joined(separator: " and ")), and HTTP is not"
      + " encrypted: the API key can be read on the way; listen on 127.0.0.1 or --socket, and put TLS"
      + " in front (docs/nginx.md)"
  }
}
