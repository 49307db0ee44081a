import Basics
import UV

/// Where the daemon is reached: how it calls itself in its log lines, the banner and `/info`.
struct ListenAddress {
  /// As it was given, or a number. Nil for a Unix socket.
  let host: String?
  /// The one that is bound, also where `0` was asked for.
  let port: UInt16?
  /// `127.0.0.1:8080`, `[::1]:8080`, `unix:/path`.
  let origin: String

  /// A TCP port that the daemon has bound by itself.
  init(host: String, port: UInt16) {
    self.host = host
    self.port = port
    origin = HostPort.text(host: host, port: port)
  }

  /// The first TCP socket of those that were handed over, else the first of all. Nil where there is
  /// none.
  init?(_ handed: [HandedSocket]) {
    guard let first = handed.first(where: { $0.port != nil }) ?? handed.first else { return nil }
    port = first.port
    host = first.port == nil ? nil : first.host
    origin = first.address
  }

  /// `http://127.0.0.1:8080`; a Unix socket has no URL that everybody knows, and is named as it is.
  var url: String { port == nil ? origin : "http://\(origin)" }
}
