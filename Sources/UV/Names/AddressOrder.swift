import CAres
import CLibUV
import CLinux
import Glibc

/// In which order the addresses of a host are tried: RFC 6724, by what can be told without asking
/// the kernel for the state of its addresses and interfaces: its rules 1, 2, 5, 6, 8 and 10. The
/// kernel chooses the source addresses.
enum AddressOrder {
  /// An address, and the one of this machine that would speak to it; nil if no route leads
  /// there.
  struct Candidate {
    let destination: SocketAddress
    let source: SocketAddress?
  }

  /// Sorts addresses.
  static func sort(_ addresses: [SocketAddress]) -> [SocketAddress] {
    guard addresses.count > 1 else { return addresses }
    return sort(addresses.map { Candidate(destination: $0, source: source(for: $0)) })
      .map(\.destination)
  }

  /// Sorts addresses whose sources are known.
  static func sort(_ candidates: [Candidate]) -> [Candidate] {
    // What is alike keeps its order, which may be the servers' way of sharing a load.
    candidates.enumerated().sorted { left, right in
      let (l, r) = (Rank(left.element), Rank(right.element))
      return l == r ? left.offset < right.offset : l < r
    }.map(\.element)
  }

  /// What decides, the lower the earlier.
  private struct Rank: Equatable, Comparable {
    let isUnreachable: Bool
    let isOfOtherScope: Bool
    let isOfOtherLabel: Bool
    let precedence: Int
    let scope: Int

    init(_ candidate: Candidate) {
      let own = Properties(candidate.destination)
      let source = candidate.source.map(Properties.init)
      isUnreachable = source == nil
      isOfOtherScope = source.map { $0.scope != own.scope } ?? true
      isOfOtherLabel = source.map { $0.label != own.label } ?? true
      precedence = -own.precedence
      scope = own.scope
    }

    static func < (left: Rank, right: Rank) -> Bool {
      left.order.lexicographicallyPrecedes(right.order)
    }

    private var order: [Int] {
      [isUnreachable, isOfOtherScope, isOfOtherLabel].map { $0 ? 1 : 0 } + [precedence, scope]
    }
  }

  /// An address by the table of the RFC's section 2.1; its scope is numbered as in RFC 4291, 2.7.
  private struct Properties {
    let precedence: Int
    let label: Int
    let scope: Int

    init(_ address: SocketAddress) {
      let bytes = address.mappedBytes
      (precedence, label) =
        Self.table.first { Self.begins(bytes, $0.prefix, $0.bits) }
        .map { ($0.precedence, $0.label) } ?? (40, 1)
      scope = Self.scope(bytes)
    }

    private static let table: [(prefix: [UInt8], bits: Int, precedence: Int, label: Int)] = [
      ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 128, 50, 0),
      ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], 96, 35, 4),
      ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 96, 1, 3),
      ([0x20, 0x01, 0, 0], 32, 5, 5),
      ([0x20, 0x02], 16, 30, 2),
      ([0x3F, 0xFE], 16, 1, 12),
      ([0xFE, 0xC0], 10, 1, 11),
      ([0xFC], 7, 3, 13),
    ]

    private static func begins(_ bytes: [UInt8], _ prefix: [UInt8], _ bits: Int) -> Bool {
      let whole = bits / 8
      guard bytes.prefix(whole).elementsEqual(prefix.prefix(whole)) else { return false }
      let rest = bits % 8
      return rest == 0 || (bytes[whole] ^ prefix[whole]) >> (8 - rest) == 0
    }

    private static func scope(_ bytes: [UInt8]) -> Int {
      if begins(bytes, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], 96) {
        let isOfLink = bytes[12] == 127 || (bytes[12] == 169 && bytes[13] == 254)
        return isOfLink ? 2 : 14
      }
      if bytes[0] == 0xFF { return Int(bytes[1] & 15) }
      if begins(bytes, [0xFE, 0x80], 10) { return 2 }
      if begins(bytes, [0xFE, 0xC0], 10) { return 5 }
      return bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1 ? 2 : 14
    }
  }

  /// Which address of this machine would speak to another one: what the kernel chooses for a socket
  /// that is connected to it. A datagram socket sends nothing for that, so that this never waits.
  private static func source(for address: SocketAddress) -> SocketAddress? {
    let kind = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(address.family, kind, 0)
    guard descriptor >= 0 else { return nil }
    defer { Glibc.close(descriptor) }
    var address = address
    // Any port will do; 0 is refused by some kernels.
    if address.port == 0 { address.port = 53 }
    guard address.withPointer({ Glibc.connect(descriptor, $0, $1) }) == 0 else { return nil }
    // A socket that is connected has an address.
    return try? SocketAddress(boundBy: descriptor)
  }
}
