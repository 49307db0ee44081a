/// An IPv4 or IPv6 address. An IPv4 address is the same as the IPv6 address that it maps to (RFC
/// 4291, 2.5.5.2), whichever way it was written.
package struct IPAddress: Hashable, Sendable {
  /// All 128 bits, the first one the highest; an IPv4 address as `::ffff:a.b.c.d`.
  package let bits: UInt128

  /// What an IPv4 address has above its 32 bits.
  private static let mapped: UInt128 = 0xFFFF

  /// The address with these bits.
  package init(bits: UInt128) {
    self.bits = bits
  }

  /// Reads `192.0.2.1` or `2001:db8::1`; nil for anything else, also for brackets, a port or a
  /// zone.
  package init?(_ text: some StringProtocol) {
    guard let address = IPAddress(v4: text) ?? IPAddress(v6: text) else { return nil }
    self = address
  }

  /// Reads `192.0.2.1` alone.
  package init?(v4 text: some StringProtocol) {
    guard let number = Self.v4(text) else { return nil }
    self.init(bits: Self.mapped << 32 | UInt128(number))
  }

  /// Reads `2001:db8::1` or `::ffff:192.0.2.1` alone.
  package init?(v6 text: some StringProtocol) {
    guard let number = Self.v6(text) else { return nil }
    self.init(bits: number)
  }

  /// Its sixteen bytes, as the network has them; those of an IPv4 address are the last four.
  package var bytes: [UInt8] { (0..<16).map { UInt8(truncatingIfNeeded: bits >> (120 - 8 * $0)) } }

  /// Whether it is an IPv4 address, perhaps written as an IPv6 one.
  package var isV4: Bool { bits >> 32 == Self.mapped }

  /// `127.0.0.0/8` or `::1`: no other machine can reach it.
  package var isLoopback: Bool { isV4 ? bits >> 24 & 0xFF == 127 : bits == 1 }

  /// `0.0.0.0` or `::`: where something listens on it, every address of the machine is meant.
  package var isUnspecified: Bool { isV4 ? bits & 0xFFFF_FFFF == 0 : bits == 0 }

  /// `fe80::/10`: the one network where all clients have their first 64 bits in common.
  package var isLinkLocal: Bool { bits >> 118 == 0xFE80 >> 6 }

  /// Four numbers from 0 to 255, without leading zeros, which some programs take for octal.
  private static func v4(_ text: some StringProtocol) -> UInt32? {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var number: UInt32 = 0
    for part in parts {
      guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0") else {
        return nil
      }
      var value: UInt32 = 0
      for byte in part {
        guard byte.isDigit else { return nil }
        value = value * 10 + UInt32(byte - UInt8(ascii: "0"))
      }
      guard value <= 255 else { return nil }
      number = number << 8 | value
    }
    return number
  }

  /// Eight groups of up to four hexadecimal digits, of which `::` stands for as many zeros as are
  /// missing; the last two may be written as an IPv4 address (RFC 4291, 2.2).
  private static func v6(_ text: some StringProtocol) -> UInt128? {
    guard let gap = text.firstRange(of: "::") else {
      guard let all = groups(text[...], mayEndInV4: true), all.count == 8 else { return nil }
      return joined(all)
    }
    guard let before = groups(text[..<gap.lowerBound], mayEndInV4: false),
      let after = groups(text[gap.upperBound...], mayEndInV4: true), before.count + after.count < 8
    else { return nil }
    return joined(
      before + Array(repeating: 0, count: 8 - before.count - after.count) + after)
  }

  private static func groups(
    _ text: some StringProtocol, mayEndInV4: Bool
  ) -> [UInt16]? {
    if text.isEmpty { return [] }
    var groups: [UInt16] = []
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if mayEndInV4, index == parts.count - 1, let number = v4(part) {
        groups += [UInt16(number >> 16), UInt16(truncatingIfNeeded: number)]
      } else {
        guard (1...4).contains(part.utf8.count),
          part.utf8.allSatisfy({ $0.hexadecimalValue != nil }), let group = UInt16(part, radix: 16)
        else { return nil }
        groups.append(group)
      }
    }
    return groups
  }

  private static func joined(_ groups: [UInt16]) -> UInt128 {
    groups.reduce(0) { $0 << 16 | UInt128($1) }
  }
}
