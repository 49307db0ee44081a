import Basics

/// Where a probe of the health of a process goes.
package struct ProbeTarget: Hashable, Sendable {
  /// A name or a number, an IPv6 address without brackets.
  package var host: String
  package var port: UInt16
  /// The path with its query, as a request says it; `/` where there is none.
  package var path = "/"
  /// Host and port as they were written: the value of `Host`.
  package var authority: String

  /// Takes `host:port` apart; nil if it is not of that form. An IPv6 address stands in brackets.
  package init?(tcp text: String) {
    self.init(authority: text[...], defaultPort: nil)
  }

  /// Takes `http://host:port/path?query` apart; nil if it is not of that form. Only host and
  /// `http` are required; a fragment is for browsers and left out, a user is refused.
  package init?(http text: String) {
    let scheme = "http://"
    guard text.prefix(scheme.count).lowercased() == scheme else { return nil }
    let rest = text.dropFirst(scheme.count).prefix { $0 != "#" }
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    self.init(authority: rest[..<end], defaultPort: 80)
    let target = rest[end...]
    // Anything else would end the request line, or mean something else to the server that reads it.
    guard target.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
    path = target.hasPrefix("/") ? String(target) : "/\(target)"
  }

  private init?(authority: Substring, defaultPort: UInt16?) {
    self.authority = String(authority)
    // Nil for what cannot be taken apart, too.
    guard let parts = try? HostPort(authority) else { return nil }
    host = String(parts.host)
    let isHost =
      parts.isBracketed
      ? IPAddress(v6: parts.host) != nil
      : !host.isEmpty && host.utf8.allSatisfy(Self.mayBeInName)
    guard isHost else { return nil }
    if parts.portText == nil, let defaultPort {
      port = defaultPort
      return
    }
    guard let number = parts.port, number > 0 else { return nil }
    port = number
  }

  private static func mayBeInName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
    default: byte.isLetter || byte.isDigit
    }
  }
}
