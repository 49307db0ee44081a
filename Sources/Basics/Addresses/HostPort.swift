/// A host and perhaps a port, taken apart (RFC 3986, 3.2): `example.org:8080`, `[::1]`. Whether
/// either is one is for the caller to say.
package struct HostPort: Hashable, Sendable {
  /// What stands before the port, without brackets.
  package let host: Substring
  /// Whether the host stood in brackets, as an IPv6 address does.
  package let isBracketed: Bool
  /// What stands behind the colon, also if it is empty; nil if there is no colon.
  package let portText: Substring?

  /// What keeps a text from being taken apart.
  package enum Fault: Error, Hashable, Sendable {
    /// A bracket is opened and not closed.
    case bracketMissing
    /// What follows the brackets is no colon and port.
    case followsBracket(Substring)
  }

  /// Takes a text apart.
  package init(_ text: Substring) throws(Fault) {
    let colon = UInt8(ascii: ":")
    isBracketed = text.utf8.first == UInt8(ascii: "[")
    var rest: Substring
    if isBracketed {
      guard let end = text.utf8.firstIndex(of: UInt8(ascii: "]")) else { throw .bracketMissing }
      host = text[text.utf8.index(after: text.startIndex)..<end]
      rest = text[text.utf8.index(after: end)...]
      guard rest.isEmpty || rest.utf8.first == colon else { throw .followsBracket(rest) }
    } else {
      let end = text.utf8.firstIndex(of: colon) ?? text.endIndex
      host = text[..<end]
      rest = text[end...]
    }
    portText = rest.isEmpty ? nil : rest[rest.utf8.index(after: rest.startIndex)...]
  }

  /// The port, which is written in digits alone; nil if there is none or it is above 65535.
  package var port: UInt16? {
    guard let portText, portText.utf8.allSatisfy(\.isDigit) else { return nil }
    return UInt16(portText)
  }

  /// The other way round: an IPv6 address in brackets.
  package static func text(host: String, port: UInt16) -> String {
    host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
