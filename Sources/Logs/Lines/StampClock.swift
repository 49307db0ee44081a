import Basics

/// The timestamp of the current second, rendered once a second however many lines it stamps.
struct StampClock {
  private var second: Int64?
  private var stamp = LinePrefix()

  /// The beginning of a line that is written at a time.
  ///
  /// - Parameter time: since 1970.
  mutating func stamp(at time: Duration) -> LinePrefix {
    let current = Int64(time.secondsRoundedDown)
    if current != second {
      second = current
      stamp = LinePrefix()
      stamp.append(timestamp: current)
    }
    return stamp
  }
}
