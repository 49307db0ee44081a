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

extension Clock {
  /// Now, on both.
  var now: Moment { Moment(monotonic: monotonic(), sinceEpoch: sinceEpoch()) }
}
