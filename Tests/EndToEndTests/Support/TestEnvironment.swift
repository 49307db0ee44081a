import Foundation

/// What a daemon under test inherits.
enum TestEnvironment {
  /// The environment of the tests without the variables that are for them: the daemon warns of
  /// those it does not know.
  static var inherited: [String: String] {
    ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("EXEIO_") }
  }
}
