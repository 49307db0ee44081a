package import Basics

/// Which lines of a log `/logs/{id}` is to show.
package struct LogsQuery: Hashable, Sendable {
  /// From 1, and so small that `page * pageSize` is an `Int`.
  package var page = 1
  /// 1 to 10,000 lines.
  package var pageSize = 50
  /// All of them where nil.
  package var stream: LogStream?
  /// What a line must hold; never empty.
  package var text: String?
  /// Whether page 1 holds the oldest lines, not the newest.
  package var ascending = false
  /// Only lines with smaller numbers; nil: all.
  package var before: LogCursor?
  /// Only lines with larger numbers; nil: all.
  package var after: LogCursor?

  /// The newest fifty lines.
  package init() {}
}
