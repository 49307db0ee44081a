import API
import HTTP
import UV

extension HTTPServer {
  /// A server that does not listen yet. Throws what the system refused.
  convenience init(
    _ configuration: Configuration, on loop: Loop, clock: Clock
  ) throws(UVError) {
    let date = HTTPDate(clock)
    try self.init(
      on: loop, maxConnections: configuration.maxConnections,
      firstReservedDescriptor: configuration.firstReservedDescriptor,
      times: HTTPConnection.Times(now: clock.monotonic),
      refusal: { Answers.refused($0.status, $0.message) }, date: { date.now })
  }

  /// Listens on the sockets that the service manager has bound, which take the place of host and
  /// port, or else on those; and on the Unix socket that the configuration names, unless it is one
  /// of them. Returns where the daemon is reached. Throws what `bind(2)` or the resolver says.
  func listen(
    _ configuration: Configuration, handed: [HandedSocket]
  ) throws(UVError) -> ListenAddress {
    for socket in handed { try adopt(socket) }
    let address =
      if let address = ListenAddress(handed) {
        address
      } else {
        ListenAddress(
          host: configuration.host,
          port: try listen(host: configuration.host, port: configuration.port))
      }
    if let path = configuration.socketPath, !handed.contains(where: { $0.isBound(to: path) }) {
      try listen(socketPath: path)
    }
    return address
  }
}

extension HandedSocket {
  /// Whether it is the socket of that path, by whatever links it is named.
  fileprivate func isBound(to path: String) -> Bool {
    guard let own = self.path else { return false }
    return own == path || Files.resolvingLinks(own) == Files.resolvingLinks(path)
  }
}
