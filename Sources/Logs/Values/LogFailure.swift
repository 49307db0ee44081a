/// Why a page of a log cannot be given.
package struct LogFailure: Error, Equatable, CustomStringConvertible {
  /// A sentence for whoever asked.
  package let message: String

  /// Makes a failure.
  package init(message: String) {
    self.message = message
  }

  package var description: String { message }
}
