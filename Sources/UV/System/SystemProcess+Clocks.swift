import CLinux
import Glibc

extension SystemProcess {
  /// The time since 1970-01-01 00:00:00 UTC (`CLOCK_REALTIME`); it jumps when it is set.
  package static var wallClock: Duration { read(CLOCK_REALTIME) }

  /// The time on the clock that never jumps (`CLOCK_MONOTONIC`).
  package static var monotonicClock: Duration { read(CLOCK_MONOTONIC) }

  static func read(_ clock: clockid_t) -> Duration {
    let nanoseconds = exeio_clock(clock)
    precondition(nanoseconds >= 0, "the kernel always has these clocks")
    return .nanoseconds(nanoseconds)
  }
}
