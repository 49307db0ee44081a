import CLinux
import Glibc

/// The two clocks. A test hands in those that it owns.
package struct Clock {
  /// The time on the clock that never jumps.
  package let monotonic: () -> Duration
  /// The time since 1970 UTC; it jumps when it is set.
  package let sinceEpoch: () -> Duration

  /// Clocks that tell what the closures return.
  package init(monotonic: @escaping () -> Duration, sinceEpoch: @escaping () -> Duration) {
    self.monotonic = monotonic
    self.sinceEpoch = sinceEpoch
  }

  /// Those of the kernel.
  package static var system: Clock {
    Clock(monotonic: { monotonicTime }, sinceEpoch: { wallTime })
  }

  /// The time on the kernel's clock that never jumps (`CLOCK_MONOTONIC`).
  package static var monotonicTime: Duration { read(CLOCK_MONOTONIC) }

  /// The time since 1970-01-01 00:00:00 UTC on the kernel's clock (`CLOCK_REALTIME`).
  package static var wallTime: Duration { read(CLOCK_REALTIME) }

  static func read(_ clock: clockid_t) -> Duration {
    let nanoseconds = exeio_clock(clock)
    precondition(nanoseconds >= 0, "the kernel always has these clocks")
    return .nanoseconds(nanoseconds)
  }

  /// Does nothing for so long. For the start of the program alone: the loop never waits like that.
  package static func sleep(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    usleep(UInt32(clamping: seconds * 1_000_000 + attoseconds / 1_000_000_000_000))
  }
}
