package import Basics

/// The local time of the machine, as far into the future as schedules look: from which instant on
/// which offset from UTC holds.
package struct TimeZoneOffsets: Hashable, Sendable {
  /// In the order of time; the first one holds before it as well.
  package let transitions: [OffsetTransition]

  package static let utc = TimeZoneOffsets([OffsetTransition(at: 0, offset: 0)])

  /// At least one transition, in the order of time.
  package init(_ transitions: [OffsetTransition]) {
    precondition(!transitions.isEmpty, "a time zone without an offset")
    self.transitions = transitions
  }

  /// The offset at an instant, in seconds since 1970 UTC; seconds east of UTC.
  package func offset(at instant: Int64) -> Int32 { transitions[index(at: instant)].offset }

  /// A time without a change of the offset.
  struct Span {
    /// The instant with which it begins; nil if it has always been so.
    var start: Int64?
    /// The first instant after it; nil if it stays so.
    var end: Int64?
    /// Seconds east of UTC.
    var offset: Int64
    /// The offset before it began.
    var offsetBefore: Int64?
  }

  /// The span in which an instant lies.
  func span(at instant: Int64) -> Span {
    let index = index(at: instant)
    let isFirst = index == 0
    return Span(
      start: isFirst ? nil : transitions[index].at,
      end: index + 1 < transitions.count ? transitions[index + 1].at : nil,
      offset: Int64(transitions[index].offset),
      offsetBefore: isFirst ? nil : Int64(transitions[index - 1].offset))
  }

  /// The last transition at or before an instant, or the first one.
  private func index(at instant: Int64) -> Int {
    var (low, high) = (0, transitions.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if transitions[middle].at <= instant { low = middle } else { high = middle }
    }
    return low
  }
}
