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
  /// Whether page 1 is the newest line first; else it is the oldest.
  package var newestFirst: Bool

  /// Makes a query.
  package init(
    page: Int, pageSize: Int, stream: LogStream? = nil, text: String? = nil,
    newestFirst: Bool = true
  ) {
    self.page = page
    self.pageSize = pageSize
    self.stream = stream
    self.text = text
    self.newestFirst = newestFirst
  }
}
