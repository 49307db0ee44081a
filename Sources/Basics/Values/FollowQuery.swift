package import Basics

/// Where a reader begins to follow a log.
package struct FollowStart: Equatable, Sendable {
  /// Where to begin.
  package enum Place: Equatable, Sendable {
    /// Behind a line.
    case after(LogCursor)
    /// Behind a line that is not known any more.
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
  /// Which lines match: from there; nil: all.
  package var stream: LogStream?
  /// Which lines match: those that hold this text; nil: all.
  package var text: String?

  /// Makes a start.
  package init(
    _ place: Place, tail: Int? = 100, stream: LogStream? = nil, text: String? = nil
  ) {
    self.place = place
    self.tail = tail
    self.stream = stream
    self.text = text
  }
}
