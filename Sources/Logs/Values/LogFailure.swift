import UV

/// Why a page of a log cannot be given.
package struct LogFailure: Error, Equatable, CustomStringConvertible {
  /// A sentence for the client.
  package let message: String
  /// Whether another question would be answered: the page is too large, not the log unreadable.
  package let isClientError: Bool

  /// Makes a failure.
  package init(message: String, isClientError: Bool = false) {
    self.message = message
    self.isClientError = isClientError
  }

  /// The files could not be read.
  init(because error: UVError) {
    self.init(message: "The log could not be read: \(error)")
  }

  /// The page is not wanted any more.
  package static let readerGone = LogFailure(
    message: "The reader has gone.", isClientError: true)

  package var description: String { message }
}
