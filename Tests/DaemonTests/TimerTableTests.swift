import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// The timers of the supervisor: each fires once, unless it is disarmed or armed again before.
struct TimerTableTests {
  private func id(_ process: String, _ purpose: TimerID.Purpose = .nextRun) -> TimerID {
    TimerID(process: process, purpose: purpose)
  }

  /// Timers that write down which of them have fired.
  private func withTimers(
    _ body: (TimerTable, Loop, _ fired: () -> [TimerID]) throws -> Void
  ) throws {
    try withLoop { loop in
      let timers = TimerTable(on: loop)
      var fired: [TimerID] = []
      timers.onFired = { fired.append($0) }
      try body(timers, loop) { fired }
      timers.close()
    }
  }

  @Test func eachFiresOnce() throws {
    try withTimers { timers, loop, fired in
      timers.arm(id("b"), after: .milliseconds(20))
      timers.arm(id("a"), after: .zero)
      timers.arm(id("a", .probe), after: .milliseconds(40))
      #expect(fired().isEmpty)
      try runLoop(loop) { fired().count == 3 }
      #expect(fired() == [id("a"), id("b"), id("a", .probe)])
      _ = try turn(loop, for: .milliseconds(50))
      #expect(fired().count == 3)
    }
  }

  @Test func oneThatIsArmedAgainHasOnlyItsLaterTime() throws {
    try withTimers { timers, loop, fired in
      timers.arm(id("a"), after: .zero)
      timers.arm(id("a"), after: .seconds(1000))
      _ = try turn(loop, for: .milliseconds(20))
      #expect(fired().isEmpty)
      timers.arm(id("a"), after: .zero)
      try runLoop(loop) { fired() == [id("a")] }
    }
  }

  @Test func oneThatIsDisarmedDoesNotFire() throws {
    try withTimers { timers, loop, fired in
      timers.arm(id("a"), after: .zero)
      timers.arm(id("b"), after: .milliseconds(10))
      timers.disarm(id("a"))
      timers.disarm(id("none"))
      try runLoop(loop) { fired() == [id("b")] }
      // What it fires may arm it again.
      timers.onFired = { [unowned timers] in timers.arm($0, after: .seconds(1000)) }
      timers.arm(id("a"), after: .zero)
      _ = try turn(loop, for: .milliseconds(20))
    }
  }
}
