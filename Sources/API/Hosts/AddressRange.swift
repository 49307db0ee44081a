import Basics

/// The addresses that have their first bits in common: `192.0.2.0/24` (CIDR, RFC 4632).
struct AddressRange: Hashable, Sendable {
  private let first: IPAddress
  /// How many bits count, of 128.
  private let length: Int

  /// Reads an address or a network; throws `ElementError` for what is neither.
  init(_ element: String) throws(ElementError) {
    let parts = element.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = IPAddress(parts[0]) else {
      throw ElementError(element, "is no address, network or 'unix'")
    }
    guard parts.count == 2 else {
      self.init(first: address, length: 128)
      return
    }
    let longest = parts[0].contains(":") ? 128 : 32
    guard !parts[1].isEmpty, parts[1].utf8.count <= 3,
      parts[1].utf8.allSatisfy(\.isDigit),
      let given = Int(parts[1]), given <= longest
    else { throw ElementError(element, "needs a prefix length from 0 to \(longest)") }
    let length = 128 - longest + given
    self.init(first: IPAddress(bits: address.bits & Self.mask(length)), length: length)
    guard first == address else {
      throw ElementError(
        element, "has bits set beyond its prefix: the network is '\(first)/\(given)'")
    }
  }

  /// The first `length` of 128 bits.
  init(of address: IPAddress, length: Int) {
    self.init(first: IPAddress(bits: address.bits & Self.mask(length)), length: length)
  }

  private init(first: IPAddress, length: Int) {
    self.first = first
    self.length = length
  }

  func contains(_ address: IPAddress) -> Bool {
    (address.bits ^ first.bits) & Self.mask(length) == 0
  }

  private static func mask(_ length: Int) -> UInt128 {
    length == 0 ? 0 : UInt128.max << (128 - length)
  }
}

extension AddressRange: CustomStringConvertible {
  /// `2001:db8::/64`, of an IPv6 network.
  var description: String { "\(first)/\(length)" }
}
