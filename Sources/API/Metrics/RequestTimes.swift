/// How long requests took until they were answered, by route.
package struct RequestTimes: Equatable, Sendable {
  /// Nil: what is no route, or was refused before its route mattered.
  private(set) var histograms: [Route?: Histogram] = [:]

  private static let bounds: [Duration] = [
    .milliseconds(1), .milliseconds(5), .milliseconds(25), .milliseconds(100), .milliseconds(500),
    .milliseconds(2_500), .seconds(10), .seconds(60),
  ]

  /// None yet.
  package init() {}

  /// A request was answered.
  mutating func observe(_ duration: Duration, of route: Route?) {
    histograms[route, default: Histogram(bounds: Self.bounds)].observe(duration)
  }
}
