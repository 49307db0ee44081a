package import Basics

/// A line of a log whose end has not come yet, as an answer shows it.
package struct PartialLine: Equatable, Sendable {
  /// Where it comes from.
  package let stream: LogStream
  /// The bytes as they will stand in the log if the line ends now.
  package let line: ArraySlice<UInt8>
  /// What the process has written of it.
  package let text: ArraySlice<UInt8>

  package init(stream: LogStream, line: ArraySlice<UInt8>, text: ArraySlice<UInt8>) {
    self.stream = stream
    self.line = line
    self.text = text
  }
}
