package import UV

/// Connects to a port of 127.0.0.1.
///
/// - Parameter then: called once, from the loop.
package func connect(
  toPort port: UInt16, on loop: Loop, then: @escaping (Result<Stream, UVError>) -> Void
) throws(UVError) {
  var connector: Connector?
  connector = try Connector(host: "127.0.0.1", port: port, on: loop) { result in
    // It is held until here.
    connector = nil
    then(result)
  }
  _ = connector
}
