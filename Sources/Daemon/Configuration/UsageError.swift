/// A command line or an environment that cannot be taken: one line, and the exit code is 2.
package struct UsageError: Error, Equatable {
  package let message: String
  /// The command that tells how it is done.
  package let help: String

  package init(_ message: String, help: String = "exeio --help") {
    self.message = message
    self.help = help
  }
}
