/// A start that failed: one line that says what, and what to do; the exit code is 1.
package struct StartError: Error, Equatable {
  package let message: String

  package init(_ message: String) {
    self.message = message
  }
}
