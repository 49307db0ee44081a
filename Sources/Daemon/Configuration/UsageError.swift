/// A command line or an environment that cannot be taken: one line, and the exit code is 2.
package struct UsageError: Error, Equatable {
  package let message: String

  package init(_ message: String) {
    self.message = message
  }
}
