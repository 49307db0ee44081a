/// Lets so many lines through, and then one now and again; counts those that it holds back.
package struct LineRation {
  /// So many at once, unless another number is given.
  static let burst = 10
  /// How long until another one may pass.
  static let interval: Duration = .seconds(10)

  private let burst: Int
  private var left: Int
  private var lastRefill: Duration?
  private var heldBack = 0

  /// - Parameter burst: how many pass at once.
  package init(burst: Int? = nil) {
    self.burst = burst ?? Self.burst
    left = self.burst
  }

  /// The line, with a word on those before it that were held back; nil if it is held back
  /// itself. Times are those of a monotonic clock.
  package mutating func admit(_ line: String, at now: Duration) -> String? {
    refill(at: now)
    guard left > 0 else {
      heldBack += 1
      return nil
    }
    left -= 1
    defer { heldBack = 0 }
    return heldBack == 0 ? line : "\(line) (\(heldBack) like it were not logged)"
  }

  private mutating func refill(at now: Duration) {
    let last = lastRefill ?? now
    let due = Int(clamping: (now - last).components.seconds / Self.interval.components.seconds)
    left = min(burst, left + due)
    lastRefill = left == burst ? now : last + Self.interval * due
  }
}
