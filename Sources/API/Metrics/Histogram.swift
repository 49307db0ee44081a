/// How often something took how long, as Prometheus counts it: by the least upper bound that it did
/// not exceed.
package struct Histogram: Equatable, Sendable {
  /// The upper bounds of the buckets, each greater than the one before it.
  let bounds: [Duration]
  /// How many took so long: one for each bound, and one for what exceeds all of them.
  private(set) var counts: [Int]
  /// What all of them took together.
  private(set) var sum: Duration = .zero

  /// An empty one.
  package init(bounds: [Duration]) {
    self.bounds = bounds
    counts = [Int](repeating: 0, count: bounds.count + 1)
  }

  /// Counts one.
  package mutating func observe(_ duration: Duration) {
    counts[bounds.firstIndex { duration <= $0 } ?? bounds.count] += 1
    sum += duration
  }
}
