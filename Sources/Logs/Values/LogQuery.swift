package import Basics

/// Which lines of a log are asked for.
package struct LogQuery: Equatable, Sendable {
  /// The page, counted from 1.
  package var page: Int
  /// How many lines a page has, at least 1.
  package var pageSize: Int
  /// Only lines that came from there; nil: all.
  package var stream: LogStream?
  /// Only lines whose message holds this text, byte for byte; nil or empty: all.
  package var text: String?
  /// Whether the newest line comes first; else it is the oldest. So it is with the pages as well,
  /// unless there is one cursor.
  package var newestFirst: Bool
  /// Only lines with smaller numbers, page 1 the nearest to it; nil: all.
  package var before: LogCursor?
  /// Only lines with larger numbers, page 1 the nearest to it; nil: all.
  package var after: LogCursor?

  package init(
    page: Int, pageSize: Int, stream: LogStream? = nil, text: String? = nil,
    newestFirst: Bool = true, before: LogCursor? = nil, after: LogCursor? = nil
  ) {
    self.page = page
    self.pageSize = pageSize
    self.stream = stream
    self.text = text
    self.newestFirst = newestFirst
    self.before = before
    self.after = after
  }
}
