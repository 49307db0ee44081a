/// What happens when a scheduled run is due while the last one still goes on.
package enum Overlap: String, Hashable, Sendable, CaseIterable {
  /// It is left out.
  case skip
  /// It begins when the last one has ended; more than one that is due by then are one.
  case queue
}
