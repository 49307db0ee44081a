package import Basics

/// A line whose end has not come yet.
package struct PartialLine: Equatable, Sendable {
  /// Where it comes from.
  package let stream: LogStream
  /// What stands before it in the file if it ends now: time, run and stream.
  package let prefix: [UInt8]
  /// What the process has written of it.
  package let text: [UInt8]

  package init(stream: LogStream, prefix: [UInt8], text: [UInt8]) {
    self.stream = stream
    self.prefix = prefix
    self.text = text
  }
}
