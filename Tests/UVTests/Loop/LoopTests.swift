import TestSupport
import Testing
import UV

struct LoopTests {
  @Test func aLoopWithAnOpenHandleRefusesToCloseAndNamesIt() throws {
    let loop = try Loop()
    let timer = try Timer(on: loop)
    #expect(loop.openHandles == ["timer"])
    #expect {
      try loop.close()
    } throws: { error in
      (error as? UVError)?.code == .resourceBusy
    }
    timer.close()
    #expect(loop.openHandles == ["timer (closing)"])
    loop.run()
    #expect(loop.openHandles.isEmpty)
    try loop.close()
  }

  @Test func theHelperFailsATestThatLeavesAHandleOpen() throws {
    var left: Timer?
    #expect {
      try withLoop { left = try Timer(on: $0) }
    } throws: { error in
      (error as? LoopNotDone)?.openHandles == ["timer"]
    }
    let timer = try #require(left)
    timer.close()
    timer.loop.run()
    try timer.loop.close()
  }

  /// A timer that is due when a turn begins fires before the loop waits for what is next.
  @Test func aConditionThatATimerMakesTrueIsSeenWhateverElseIsWaitedFor() throws {
    try withLoop { loop in
      let (timer, next) = (try Timer(on: loop), try Timer(on: loop))
      var isSo = false
      timer.start(after: .milliseconds(1)) { isSo = true }
      next.start(after: .seconds(20)) {}
      let begin = Clock.monotonicTime
      while Clock.monotonicTime < begin + .milliseconds(2) {}
      #expect(loop.run { isSo })
      #expect(Clock.monotonicTime - begin < .seconds(15))
      timer.close()
      next.close()
    }
  }

  @Test func whatIsPostponedComesBeforeTheLoopWaitsAndAfterTheTimers() throws {
    try withLoop { loop in
      let timer = try Timer(on: loop)
      var order: [String] = []
      timer.start(after: .zero) {
        loop.beforeWaiting {
          order.append("postponed")
          // Within it, too: the loop may have nothing to wake it for long.
          loop.beforeWaiting { order.append("postponed again") }
        }
        order.append("timer")
        timer.start(after: .seconds(20)) {}
      }
      loop.run(.noWait)
      loop.run(.noWait)
      #expect(order == ["timer", "postponed", "postponed again"])
      loop.run(.noWait)
      #expect(order.count == 3)
      timer.close()
    }
  }

  @Test func whatIsPostponedKeepsTheLoopRunningUntilItIsDone() throws {
    let loop = try Loop()
    var isDone = false
    loop.beforeWaiting { isDone = true }
    #expect(!loop.run())
    #expect(isDone)
    try loop.close()
  }

  @Test func whatIsPostponedMayMakeTrueWhatIsWaitedFor() throws {
    try withLoop { loop in
      let timer = try Timer(on: loop)
      timer.start(after: .seconds(20)) {}
      // A turn before it, since a handle that is being closed keeps the loop from waiting.
      loop.run(.noWait)
      var isSo = false
      loop.beforeWaiting { isSo = true }
      let begin = Clock.monotonicTime
      #expect(loop.run { isSo })
      #expect(Clock.monotonicTime - begin < .seconds(15))
      timer.close()
    }
  }

  @Test func whatIsPostponedIsDoneBeforeALoopIsGivenUp() throws {
    let loop = try Loop()
    var isDone = false
    loop.beforeWaiting { isDone = true }
    try loop.abandon()
    #expect(isDone)
  }

  @Test func aLoopThatHasNothingToDoIsNotWaitedFor() throws {
    try withLoop { loop in
      #expect(!loop.run { false })
      let timer = try Timer(on: loop)
      var isSo = false
      timer.start(after: .zero) { isSo = true }
      #expect(loop.run { isSo })
      timer.close()
    }
  }

  @Test func stopEndsTheRunOfABusyLoop() throws {
    try withLoop { loop in
      let timer = try Timer(on: loop)
      timer.start(after: .zero, repeating: .milliseconds(1)) { loop.stop() }
      #expect(loop.run())
      timer.close()
    }
  }

  @Test func anUnreferencedTimerDoesNotKeepTheLoop() throws {
    try withLoop { loop in
      let timer = try Timer(on: loop)
      timer.start(after: .seconds(100)) { Issue.record("fired") }
      timer.unref()
      loop.run()
      #expect(timer.isActive)
      timer.close()
    }
  }

  @Test func theLoopsClockStandsStillDuringATurn() throws {
    try withLoop { loop in
      let timer = try Timer(on: loop)
      timer.start(after: .zero) {
        let before = loop.now
        let started = Clock.monotonicTime
        while Clock.monotonicTime - started < .milliseconds(12) {}
        #expect(loop.now == before)
        timer.start(after: .milliseconds(1)) {
          #expect(loop.now - before >= .milliseconds(12))
          timer.close()
        }
      }
    }
  }

  @Test func errorsReadAsASentence() {
    let error = UVError(code: -2, operation: "open", subject: "/var/log/x")
    #expect(error.description == "open '/var/log/x': No such file or directory")
    #expect(error.code == .noSuchFileOrDirectory)
    #expect(UVError(code: -4095, operation: "read").description == "read: end of file")
    #expect(UVError(code: -99_999, operation: "read").name == "Unknown system error -99999")
  }
}
