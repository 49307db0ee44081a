import Basics
package import HTTP

/// The proxies in front of exeio whose `X-Forwarded-For` is believed. Any other client can write
/// into that header what they like.
package struct TrustedProxies: Equatable, Sendable {
  /// What the address of a client is called that came over a Unix socket.
  private static let unix = "unix"

  private var ranges: [AddressRange] = []
  private var trustsUnix = false

  /// None.
  package init() {}

  /// Reads addresses, networks and the word `unix`, with commas between them.
  /// Throws `ElementError` for the first element that is none of these.
  package init(_ list: String) throws(ElementError) {
    for element in list.listElements {
      if element == Self.unix {
        trustsUnix = true
      } else {
        ranges.append(try AddressRange(element))
      }
    }
  }

  /// Whether a connection comes from one of them.
  ///
  /// - Parameter peer: the address of its other end, or `unix`.
  package func contains(peer: String) -> Bool {
    if peer == Self.unix { return trustsUnix }
    guard !ranges.isEmpty, let address = IPAddress(peer) else { return false }
    return contains(address)
  }

  /// Who asks: the peer itself, or, where that is one of these proxies, the last address before
  /// them that `X-Forwarded-For` names. The header is read from its end, where the nearest proxy
  /// has written, over all trusted addresses; what is no address ends the way at the last one that
  /// was.
  package func client(of headers: Headers, peer: String) -> String {
    guard !isEmpty, contains(peer: peer) else { return peer }
    var client = peer
    for line in headers.values("X-Forwarded-For").reversed() {
      for element in line.listElements.reversed() where !element.isEmpty {
        guard let address = Self.address(in: element) else { return client }
        client = address.description
        if !contains(address) { return client }
      }
    }
    return client
  }

  private var isEmpty: Bool { ranges.isEmpty && !trustsUnix }

  private func contains(_ address: IPAddress) -> Bool {
    ranges.contains { $0.contains(address) }
  }

  /// The address of an element, which may have a port (`192.0.2.1:80`, `[::1]:80`).
  private static func address(in element: String) -> IPAddress? {
    if let address = IPAddress(element) { return address }
    guard case .address(let address) = Authority(element)?.host else { return nil }
    return address
  }
}
