/// The local time of the machine, as far into the future as schedules look: from which instant on which
/// offset from UTC holds.
package struct TimeZoneOffsets: Hashable, Sendable {
  /// In the order of time; the first one holds before it as well.
  package let transitions: [Transition]

  /// From an instant on, an offset.
  package struct Transition: Hashable, Sendable {
    /// Seconds since 1970 UTC.
    package let at: Int64
    /// Seconds east of UTC.
    package let offset: Int32

    package init(at: Int64, offset: Int32) {
      self.at = at
      self.offset = offset
    }
  }

  package static let utc = TimeZoneOffsets([Transition(at: 0, offset: 0)])

  /// At least one transition, in the order of time.
  package init(_ transitions: [Transition]) {
    precondition(!transitions.isEmpty, "a time zone without an offset")
    self.transitions = transitions
  }
}
