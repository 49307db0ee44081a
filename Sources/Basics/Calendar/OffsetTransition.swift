/// From an instant on, an offset from UTC.
package struct OffsetTransition: Hashable, Sendable {
  /// Seconds since 1970 UTC.
  package let at: Int64
  /// Seconds east of UTC.
  package let offset: Int32

  package init(at: Int64, offset: Int32) {
    self.at = at
    self.offset = offset
  }
}
