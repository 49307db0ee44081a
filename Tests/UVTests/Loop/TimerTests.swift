import Glibc
import TestSupport
import Testing

@testable import UV

struct TimerTests {
  @Test func aTimerFiresOnceAndNeverEarly() throws {
    let asked: [Duration] = [.microseconds(1), .milliseconds(1), .microseconds(2500), .zero]
    for delay in asked {
      let elapsed = try withLoop { loop in
        let timer = try Timer(on: loop)
        let started = Clock.monotonicTime
        var fired: [Duration] = []
        timer.start(after: delay) {
          fired.append(Clock.monotonicTime - started)
          #expect(!timer.isActive)
          timer.close()
        }
        #expect(timer.isActive)
        loop.run()
        #expect(fired.count == 1)
        return fired.first
      }
      #expect(try #require(elapsed) >= delay)
    }
  }

  /// What it is the limit for has come in time.
  @Test func aTimerThatIsLateLetsWhatHasComeGoFirst() throws {
    try withLoop { loop in
      var ends: [Int32] = [0, 0]
      var others: [Int32] = [0, 0]
      try #require(pipe(&ends) == 0 && pipe(&others) == 0)
      let watch = try DescriptorWatch(ends[0], on: loop)
      let holdUp = try DescriptorWatch(others[0], on: loop)
      let limit = try Timer(on: loop)
      var seen: [String] = []
      watch.whenReadable {
        seen.append("read")
        watch.close()
      }
      watch.watch()
      limit.start(after: .milliseconds(20)) {
        seen.append("limit")
        limit.close()
        // What comes too late is not waited for.
        if seen == ["limit"] { watch.close() }
      }
      holdUp.whenReadable {
        #expect(write(ends[1], "x", 1) == 1)
        usleep(60_000)
        holdUp.close()
      }
      holdUp.watch()
      #expect(write(others[1], "x", 1) == 1)
      loop.run()
      close(ends[1])
      close(others[1])
      #expect(seen == ["read", "limit"])
    }
  }

  @Test func aTimerStartedLateInATurnIsNotEarly() throws {
    try withLoop { loop in
      let first = try Timer(on: loop)
      let second = try Timer(on: loop)
      first.start(after: .zero) {
        let started = Clock.monotonicTime
        while Clock.monotonicTime - started < .milliseconds(5) {}
        let armed = Clock.monotonicTime
        second.start(after: .milliseconds(3)) {
          #expect(Clock.monotonicTime - armed >= .milliseconds(3))
          second.close()
        }
        first.close()
      }
    }
  }

  @Test func aRepeatingTimerGoesOnUntilItIsStopped() throws {
    try withLoop { loop in
      let timer = try Timer(on: loop)
      var count = 0
      timer.start(after: .milliseconds(1), repeating: .milliseconds(1)) {
        count += 1
        if count == 5 {
          timer.stop()
          timer.close()
        }
      }
      loop.run()
      #expect(count == 5)
    }
  }

  @Test func aTimerRearmedWithZeroInItsOwnCallbackLetsTheLoopTurn() throws {
    try withLoop { loop in
      let eager = try Timer(on: loop)
      let other = try Timer(on: loop)
      var rounds = 0
      var done = false
      func again() {
        rounds += 1
        if done { eager.close() } else { eager.start(after: .zero, again) }
      }
      eager.start(after: .zero, again)
      other.start(after: .milliseconds(20)) {
        done = true
        other.close()
      }
      loop.run()
      #expect(rounds > 1 && rounds <= 25)
    }
  }

  @Test func aTimerClosedInItsOwnCallbackLetsItsClosureGo() throws {
    final class Token {}
    weak var watched: Token?
    try withLoop { loop in
      let token = Token()
      watched = token
      let timer = try Timer(on: loop)
      timer.start(after: .zero, repeating: .milliseconds(1)) {
        _ = token
        timer.close()
      }
    }
    #expect(watched == nil)
  }

  @Test func closingTwiceTellsBothCallersAndStartingAfterwardsDoesNothing() throws {
    try withLoop { loop in
      let timer = try Timer(on: loop)
      var told: [Int] = []
      timer.close { told.append(1) }
      timer.close { told.append(2) }
      timer.start(after: .zero) { Issue.record("a closed timer fired") }
      loop.run()
      #expect(told == [1, 2])
      timer.close { told.append(3) }
      #expect(told == [1, 2, 3])
    }
  }

  @Test func aHugeDelayIsHeldOut() throws {
    try withLoop { loop in
      let timer = try Timer(on: loop)
      timer.start(after: .seconds(Int64.max)) { Issue.record("fired") }
      loop.run(.noWait)
      #expect(timer.isActive)
      timer.close()
    }
  }
}
