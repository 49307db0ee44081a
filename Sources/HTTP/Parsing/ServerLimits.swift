/// What a connection takes from its peer, and how long it waits for it.
package struct ServerLimits: Sendable {
  /// All header fields of a request together, line ends included; also the trailer fields.
  package var headerBytes = 16 * 1024
  /// The request target.
  package var targetBytes = 8 * 1024
  /// The body, without chunk framing.
  package var bodyBytes = 1024 * 1024
  /// A body that is not wanted is read to its end up to this length, so that the connection can be
  /// kept; with a longer one the connection ends. Bodies up to this length are not counted in the
  /// budget of all bodies.
  package var smallBodyBytes = 64 * 1024
  /// From the first byte of a request to the end of its header.
  package var headerTime = Duration.seconds(10)
  /// From the end of the header (or `100 Continue`) to the end of the body.
  package var bodyTime = Duration.seconds(30)
  /// Between requests, and before the first one.
  package var idleTime = Duration.seconds(75)
  /// How long input is thrown away after a refusal in the middle of a message, so that the client
  /// gets to read the answer instead of a reset.
  package var lingerTime = Duration.seconds(2)
  /// Requests that may wait for their answers before the next one is parsed.
  package var pipelined = 32

  /// The limits of the contract.
  package init() {}
}
