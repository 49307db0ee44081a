import Basics

/// A host, as a `Host` header or an origin names it. Names are compared without case and without
/// the dot at their end.
enum HostName: Hashable, Sendable {
  case address(IPAddress)
  case name(String)

  /// Reads a name, an IPv4 address or an IPv6 address in brackets; nil for anything else.
  init?(_ text: String) {
    // Whatever cannot be taken apart is no host.
    guard let parts = try? HostPort(text[...]), parts.portText == nil else { return nil }
    self.init(parts)
  }

  /// Reads the host of what is taken apart already.
  init?(_ parts: HostPort) {
    let text = parts.host
    if parts.isBracketed {
      guard let address = IPAddress(v6: text) else { return nil }
      self = .address(address)
    } else if let address = IPAddress(v4: text) {
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

  /// Letters, digits and what else is found in names of hosts; not ASCII is written as `xn--…`
  /// there.
  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
    default: byte.isLowercaseLetter || byte.isDigit
    }
  }
}
