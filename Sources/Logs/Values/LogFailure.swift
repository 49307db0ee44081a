import Basics
import UV

/// Why a page of a log cannot be given.
package struct LogFailure: Error, Equatable, CustomStringConvertible {
  /// A sentence for the client.
  package let message: String
  /// What is to be asked differently.
  package let cause: Cause

  /// What a page fails because of.
  package enum Cause: Equatable, Sendable {
    /// The log cannot be read.
    case log
    /// Another question would be answered: the page is too large, for instance.
    case question
    /// A cursor of the question is of a numbering that there is no more.
    case cursor
  }

  /// Whether another question would be answered.
  package var isClientError: Bool { cause != .log }

  package init(message: String, cause: Cause = .log) {
    self.message = message
    self.cause = cause
  }

  /// A cursor belongs to a numbering that there is no more.
  init(outdated cursor: LogCursor) {
    self.init(
      message: "The numbering of this log has begun afresh: the cursor '\(cursor)' is of an "
        + "earlier one.", cause: .cursor)
  }

  /// The files could not be read.
  init(because error: UVError) {
    self.init(message: "The log could not be read: \(error)")
  }

  /// The page is not wanted any more.
  package static let readerGone = LogFailure(
    message: "The reader has gone.", cause: .question)

  package var description: String { message }
}
