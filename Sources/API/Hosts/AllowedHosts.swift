import Basics

/// What the daemon is called: the names under which a browser may ask for it.
///
/// A page can have its own name resolve to this machine (DNS rebinding), and its requests then
/// count as coming from the same origin. All that tells them from honest ones is the name in their
/// `Host` header.
package struct AllowedHosts: Equatable, Sendable {
  private var hosts: Set<HostName> = []
  /// Each with its dot in front: `.example.org`.
  private var domains: Set<String> = []
  private var allowsEverything = false
  /// It listens on every address of the machine. An address in a `Host` was typed by the user of
  /// the client: there was no name that could have been rebound.
  private var allowsEveryAddress = false

  /// Names and addresses of the loopback interface.
  package init() {}

  /// Those, and names, addresses, domains (`.example.org`) or `*` for all, with commas between
  /// them. Throws `ElementError` for the first element that is none of these.
  package init(_ list: String) throws(ElementError) {
    for element in list.listElements {
      if element == "*" {
        allowsEverything = true
      } else if element.hasPrefix("."), case .name(let name) = HostName(String(element.dropFirst()))
      {
        domains.insert(".\(name)")
      } else if let address = IPAddress(element) {
        hosts.insert(.address(address))
      } else if let host = HostName(element) {
        hosts.insert(host)
      } else {
        throw ElementError(
          element, "is no name, address or domain (.example.org), without scheme and port, nor '*'")
      }
    }
  }

  /// Adds where the daemon listens.
  ///
  /// - Parameters:
  ///   - addresses: as the sockets have them: `192.0.2.1:8080`, `[::]:8080`.
  ///   - name: what was asked for, which may be a name.
  package mutating func addBound(_ addresses: [String], name: String) {
    if let host = HostName(name) { hosts.insert(host) }
    for case .address(let address) in addresses.map({ Authority($0)?.host }) {
      hosts.insert(.address(address))
      if address.isUnspecified { allowsEveryAddress = true }
    }
  }

  /// Whether a `Host` header names the daemon, at any port.
  package func allows(_ header: String) -> Bool {
    if allowsEverything { return true }
    guard let host = Authority(header)?.host else { return false }
    if hosts.contains(host) { return true }
    switch host {
    case .address(let address): return address.isLoopback || allowsEveryAddress
    // Browsers resolve these to the loopback address by themselves (RFC 6761, 6.3).
    case .name(let name) where name == "localhost" || name.hasSuffix(".localhost"): return true
    case .name(let name): return domains.contains { ".\(name)".hasSuffix($0) }
    }
  }
}
