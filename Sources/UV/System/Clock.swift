import Basics
import CLinux
import Glibc

/// The clocks. A test hands in those that it owns.
package struct Clock {
  /// The time on the clock that never jumps.
  package let monotonic: () -> Duration
  /// The time since 1970 UTC; it jumps when it is set.
  package let sinceEpoch: () -> Duration
  /// The time since the boot, in clock ticks, as the start of a process is told
  /// (`/proc/PID/stat`, field 22).
  package let bootTicks: () -> UInt64

  /// Clocks that tell what the closures return.
  package init(
    monotonic: @escaping () -> Duration, sinceEpoch: @escaping () -> Duration,
    bootTicks: @escaping () -> UInt64
  ) {
    self.monotonic = monotonic
    self.sinceEpoch = sinceEpoch
    self.bootTicks = bootTicks
  }

  /// Those of the kernel.
  package static var system: Clock {
    Clock(
      monotonic: { monotonicTime }, sinceEpoch: { wallTime }, bootTicks: { ticksSinceBoot })
  }

  /// The time on the kernel's clock that never jumps (`CLOCK_MONOTONIC`).
  package static var monotonicTime: Duration { read(CLOCK_MONOTONIC) }

  /// The time since 1970-01-01 00:00:00 UTC on the kernel's clock (`CLOCK_REALTIME`).
  package static var wallTime: Duration { read(CLOCK_REALTIME) }

  /// The time since the boot, in clock ticks (`CLOCK_BOOTTIME`): what the kernel would tell as the
  /// start of a process that starts now (proc(5)).
  package static var ticksSinceBoot: UInt64 {
    UInt64(clamping: read(CLOCK_BOOTTIME).ticks(perSecond: ticksPerSecond))
  }

  /// It is always known; 100 is what nearly all systems have.
  static let ticksPerSecond = max(1, sysconf(Int32(_SC_CLK_TCK)))

  static func read(_ clock: clockid_t) -> Duration {
    let nanoseconds = exeio_clock(clock)
    precondition(nanoseconds >= 0, "the kernel always has these clocks")
    return .nanoseconds(nanoseconds)
  }

  /// Does nothing for so long. For the start of the program alone: the loop never waits like that.
  package static func sleep(_ duration: Duration) {
    usleep(UInt32(clamping: duration.ticks(perSecond: 1_000_000)))
  }
}
