/// Where a line of a log came from.
package enum LogStream: Equatable, Sendable {
  /// The process's standard output.
  case stdout
  /// The process's standard error output.
  case stderr
  /// The supervisor itself.
  case system
}
