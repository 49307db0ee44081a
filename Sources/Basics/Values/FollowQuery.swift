/// Which lines of a log a reader wants who follows it.
package struct FollowQuery: Hashable, Sendable {
  /// Where to begin.
  package enum Place: Hashable, Sendable {
    /// Behind a line that the reader has.
    case after(LogCursor)
    /// Behind a line that it has and nothing is known of.
    case afterUnknown
    /// With the newest lines.
    case tail
    /// With the oldest line.
    case oldest
  }

  package var place: Place
  /// With how many of the newest lines that match it begins, also if the numbering is not that of
  /// the cursor any more; 0: with the next one; nil: with the oldest one.
  package var tail: Int?
  /// Only lines from there match; nil: all.
  package var stream: LogStream?
  /// Only lines that hold this text match; nil: all.
  package var text: String?

  /// Makes a query.
  package init(
    _ place: Place = .tail, tail: Int? = 100, stream: LogStream? = nil, text: String? = nil
  ) {
    self.place = place
    self.tail = tail
    self.stream = stream
    self.text = text
  }

  /// Whether all lines match.
  package var wantsAll: Bool { stream == nil && text == nil }
}
