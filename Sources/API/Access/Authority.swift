/// A host and perhaps a port (RFC 3986, 3.2): `example.org:8080`, `[::1]`.
struct Authority: Hashable, Sendable {
  var host: HostName
  var port: UInt16?

  /// Nil for what is no authority, or one with a user name.
  init?(_ text: some StringProtocol) {
    var host = text[...]
    if let colon = text.lastIndex(of: ":"), text[colon...].allSatisfy({ $0 != "]" }) {
      host = text[..<colon]
      let digits = text[text.index(after: colon)...]
      guard digits.utf8.first != UInt8(ascii: "+"), let number = UInt16(digits) else { return nil }
      port = number
    }
    guard let name = HostName(host) else { return nil }
    self.host = name
  }
}
