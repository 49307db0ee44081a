/// How large a log may get.
package struct LogLimits: Equatable, Sendable {
  /// The size in bytes at which the live file is rotated; zero: never.
  package var maxBytes: Int
  /// How many rotated files are kept beside the live one; zero: none, the live file is emptied.
  package var maxFiles: Int

  /// Makes limits.
  package init(maxBytes: Int, maxFiles: Int) {
    self.maxBytes = maxBytes
    self.maxFiles = maxFiles
  }
}
