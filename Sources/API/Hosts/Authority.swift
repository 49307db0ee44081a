import Basics

/// A host and perhaps a port (RFC 3986, 3.2): `example.org:8080`, `[::1]`.
struct Authority: Hashable, Sendable {
  var host: HostName
  var port: UInt16?

  /// Nil for what is no authority, or one with a user name.
  init?(_ text: String) {
    self.init(text[...])
  }

  /// Reads a part of a text.
  init?(_ text: Substring) {
    // Whatever cannot be taken apart is no authority.
    guard let parts = try? HostPort(text), let host = HostName(parts) else { return nil }
    self.host = host
    guard parts.portText != nil else { return }
    guard let port = parts.port else { return nil }
    self.port = port
  }
}
