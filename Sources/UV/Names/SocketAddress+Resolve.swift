extension SocketAddress {
  /// The addresses of a host, in the order in which they are tried. Waits for the name servers and
  /// the disk: for the start of the program, whose loop does not turn yet. Three servers that do
  /// not answer hold it up for 21 s.
  static func resolve(_ host: String, port: UInt16) throws(UVError) -> [SocketAddress] {
    let loop = try Loop()
    var result: Result<[SocketAddress], UVError>?
    let resolver = Resolver(on: loop, isBlocking: true)
    do throws(UVError) {
      _ = try resolver.lookUp(host) { result = $0 }
    } catch {
      result = .failure(error)
    }
    loop.run()
    try loop.close()
    guard let result else { preconditionFailure("a look-up ended without a result") }
    return try result.get().map { address in
      var address = address
      address.port = port
      return address
    }
  }
}
