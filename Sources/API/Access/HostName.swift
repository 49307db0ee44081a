/// A host, as a `Host` header or an origin names it. Names are compared without case and without the dot
/// at their end.
enum HostName: Hashable, Sendable {
  case address(IPAddress)
  case name(String)

  /// Reads a name, an IPv4 address or an IPv6 address in brackets; nil for anything else.
  init?(_ text: some StringProtocol) {
    if text.hasPrefix("["), text.hasSuffix("]") {
      guard text.contains(":"), let address = IPAddress(text.dropFirst().dropLast()) else {
        return nil
      }
      self = .address(address)
    } else if !text.contains(":"), let address = IPAddress(text) {
      self = .address(address)
    } else {
      var name = text.lowercased()[...]
      if name.hasSuffix(".") { name = name.dropLast() }
      guard !name.isEmpty, name.utf8.allSatisfy(Self.isNameByte), !name.contains(".."),
        !name.hasPrefix(".")
      else { return nil }
      self = .name(String(name))
    }
  }

  /// Letters, digits and what else is found in names of hosts; not ASCII is written as `xn--…` there.
  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
