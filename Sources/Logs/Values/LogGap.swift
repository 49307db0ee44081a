/// Lines of a log that a reader does not get.
package struct LogGap: Equatable, Sendable {
  /// Why not.
  package enum Reason: String, Sendable {
    /// They have been rotated away.
    case rotated
    /// A client has cleared the log.
    case cleared
    /// They are not in the log between others that are.
    case dropped
    /// The numbering is another one.
    case reset
  }

  /// The number of the first one; nil for `reset`.
  package let from: Int?
  /// The number of the last one; for `reset` the one before the first line that follows.
  package let to: Int
  package let reason: Reason

  /// Lines that are not there.
  package init(from: Int?, to: Int, reason: Reason) {
    self.from = from
    self.to = to
    self.reason = reason
  }
}
