extension MessageParser {
  /// Reads bytes of a request that have passed the checks of this room. Throws what to answer when
  /// http-parser refuses them all the same, or does not take all of them.
  func read(_ bytes: UnsafeRawBufferPointer) throws(Refusal) {
    let taken: Int
    do throws(MessageParserError) {
      taken = try execute(bytes)
    } catch {
      throw error.isUnknownMethod
        ? Refusal(status: .notImplemented, message: "unknown request method")
        : .badRequest("malformed request: \(error.reason)")
    }
    guard taken == bytes.count else { throw .badRequest("malformed request") }
  }
}
