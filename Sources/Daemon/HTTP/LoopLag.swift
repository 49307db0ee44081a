package import API
package import UV

/// Measures how late the loop is: a timer fires twice a second, and how long after its time it does
/// is how long an event may have to wait. It runs only while the daemon is scraped: one that
/// is idle does not wake up for it.
package final class LoopLag {
  /// What was measured since the start.
  package private(set) var histogram = Histogram(bounds: bounds)

  private let timer: Timer
  private let now: () -> Duration
  /// When the latest scrape was; nil where it is so long ago that nothing is measured.
  private var lastScrape: Duration?

  package static let bounds: [Duration] = [
    .milliseconds(1), .milliseconds(5), .milliseconds(10), .milliseconds(25), .milliseconds(50),
    .milliseconds(100), .milliseconds(250), .seconds(1), .seconds(5),
  ]
  /// From one look to the next.
  package static let interval: Duration = .milliseconds(500)
  /// For so long after a scrape it is measured: most that scrape do it every minute or more often.
  package static let patience: Duration = .seconds(180)

  /// - Parameter now: the time on the monotonic clock.
  package init(on loop: Loop, now: @escaping () -> Duration) throws(UVError) {
    timer = try Timer(on: loop)
    timer.unref()
    self.now = now
  }

  /// The daemon is being scraped.
  package func noteScrape() {
    let isRunning = lastScrape != nil
    lastScrape = now()
    if !isRunning { arm() }
  }

  private func arm() {
    let due = now() + Self.interval
    timer.start(after: Self.interval) { [unowned self] in look(due) }
  }

  private func look(_ due: Duration) {
    let now = now()
    // The loop counts whole milliseconds, and may be early by one.
    histogram.observe(max(.zero, now - due))
    guard let lastScrape, now - lastScrape < Self.patience else {
      self.lastScrape = nil
      return
    }
    arm()
  }

  /// Measures no more.
  package func close() { timer.close() }
}
