/// What is to be written to the standard input of a process.
package struct InputRequest: Hashable, Sendable {
  /// May be empty; the newline is in it if there is to be one.
  package var bytes: [UInt8]
  /// Whether the input ends after it.
  package var closes: Bool

  package init(bytes: [UInt8], closes: Bool) {
    self.bytes = bytes
    self.closes = closes
  }
}
