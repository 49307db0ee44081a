import Supervision
import UV

/// What every owner of the daemon works with.
struct DaemonContext {
  let loop: Loop
  let clock: Clock
  let log: SupervisorLog
  /// The one door: hands an event to the supervisor (``EventDispatcher/send(_:)``).
  let send: (Event) -> Void

  /// Now, on the monotonic clock.
  var now: Duration { clock.monotonic() }
}

/// The two clocks. A test hands in those that it owns.
struct Clock {
  /// `CLOCK_MONOTONIC`.
  let monotonic: () -> Duration
  /// `CLOCK_REALTIME`, since 1970 UTC.
  let sinceEpoch: () -> Duration

  /// Those of the kernel.
  static var system: Clock {
    Clock(
      monotonic: { SystemProcess.monotonicClock }, sinceEpoch: { SystemProcess.wallClock })
  }

  /// Now, on both.
  var now: Moment { Moment(monotonic: monotonic(), sinceEpoch: sinceEpoch()) }
}
