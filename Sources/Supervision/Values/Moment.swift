/// A point in time, read off both clocks at once and handed in with each event.
package struct Moment: Hashable, Sendable {
  /// Time on the clock that never jumps (`CLOCK_MONOTONIC`): what delays are measured with.
  package var monotonic: Duration
  /// Time since 1970-01-01 00:00:00 UTC (`CLOCK_REALTIME`): what people are shown.
  package var sinceEpoch: Duration

  package init(monotonic: Duration, sinceEpoch: Duration) {
    self.monotonic = monotonic
    self.sinceEpoch = sinceEpoch
  }

  /// The moment `delay` after this one, on both clocks.
  package func advanced(by delay: Duration) -> Moment {
    Moment(monotonic: monotonic + delay, sinceEpoch: sinceEpoch + delay)
  }
}
