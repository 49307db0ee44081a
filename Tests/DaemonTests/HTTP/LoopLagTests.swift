import API
import ExeioDaemon
import TestSupport
import Testing
import UV

/// How late the loop is, with a clock of the test's own.
struct LoopLagTests {
  private func histogram(_ durations: [Duration]) -> Histogram {
    var histogram = Histogram(bounds: LoopLag.bounds)
    for duration in durations { histogram.observe(duration) }
    return histogram
  }

  @Test func whatIsLateIsMeasuredWhileItIsScraped() throws {
    try withLoop { loop in
      var now = Duration.seconds(100)
      let lag = try LoopLag(on: loop, now: { now })
      defer { lag.close() }
      // Nothing is measured before the first scrape: nothing keeps the loop alive, and no timer is
      // armed.
      #expect(try turn(loop, for: .milliseconds(5)) >= 0)
      #expect(lag.histogram == histogram([]))
      lag.noteScrape()
      now += LoopLag.interval + .milliseconds(30)
      let empty = lag.histogram
      try runAwake(loop) { lag.histogram != empty }
      #expect(lag.histogram == histogram([.milliseconds(30)]))
      // The next one is early, by the clock of the loop.
      let one = lag.histogram
      now += LoopLag.interval - .milliseconds(1)
      try runAwake(loop) { lag.histogram != one }
      #expect(lag.histogram == histogram([.milliseconds(30), .zero]))
    }
  }

  @Test func withoutScrapesItEnds() throws {
    try withLoop { loop in
      var now = Duration.seconds(100)
      let lag = try LoopLag(on: loop, now: { now })
      defer { lag.close() }
      lag.noteScrape()
      now += LoopLag.patience
      let empty = lag.histogram
      try runAwake(loop) { lag.histogram != empty }
      let last = lag.histogram
      _ = try turn(loop, for: LoopLag.interval * 2)
      #expect(lag.histogram == last)
      // And begins again.
      lag.noteScrape()
      lag.noteScrape()
      now += LoopLag.interval
      try runAwake(loop) { lag.histogram != last }
      #expect(lag.histogram == histogram([LoopLag.patience - LoopLag.interval, .zero]))
    }
  }

  /// Its timer keeps no loop alive.
  private func runAwake(_ loop: Loop, until condition: () -> Bool) throws {
    let timer = try Timer(on: loop)
    defer { timer.close() }
    timer.start(after: .seconds(100), repeating: .seconds(100)) {}
    try runLoop(loop, until: condition)
  }
}
