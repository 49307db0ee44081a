/// Where a line of a log came from; the names are those of the API.
package enum LogStream: String, Hashable, Sendable, CaseIterable {
  /// The process's standard output.
  case stdout
  /// The process's standard error output.
  case stderr
  /// The supervisor itself.
  case system
}
