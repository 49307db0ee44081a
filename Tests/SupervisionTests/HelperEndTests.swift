import Basics
import Supervision
import Testing

/// How a helper command is ended, and what is told of that.
struct HelperEndTests {
  /// One that is executed.
  private func running() -> HelperEnd {
    var end = HelperEnd()
    #expect(end.started() == .limit)
    return end
  }

  /// One that is executed and was killed for a reason.
  private func killed(_ step: (inout HelperEnd) -> HelperEnd.Action) -> HelperEnd {
    var end = running()
    #expect(step(&end) == .kill)
    return end
  }

  @Test func byItselfWithNothingLeft() {
    var end = running()
    #expect(end.leaderExited(.code(3)) == .stopTimer)
    end.gone()
    #expect(end.outcome == .exited(.code(3)))
  }

  @Test func whatItLeavesBehindIsKilledAndNotTold() {
    var end = running()
    #expect(end.leaderExited(.code(0)) == .stopTimer)
    #expect(end.remains() == .kill)
    #expect(end.remains() == .nothing)
    end.gone()
    #expect(end.outcome == .exited(.code(0)))
  }

  @Test func becauseItTakesTooLong() {
    var end = killed { $0.timeIsOver() }
    #expect(end.leaderExited(.signal(.kill)) == .nothing && end.remains() == .nothing)
    end.gone()
    #expect(end.outcome == .timedOut)
  }

  @Test func becauseItIsCancelled() {
    var end = killed { $0.cancel() }
    #expect(end.cancel() == .nothing && end.end(with: .terminate, within: .zero) == .nothing)
    #expect(end.leaderExited(.signal(.kill)) == .nothing)
    end.gone()
    #expect(end.outcome == .cancelled)
  }

  @Test func theFirstCauseIsTold() {
    var end = killed { $0.timeIsOver() }
    #expect(end.cancel() == .nothing)
    #expect(end.outcome == .timedOut)
    #expect(end.end(with: .terminate, within: .zero) == .nothing)
    #expect(end.outcome == .timedOut)
  }

  @Test func itIsAskedOnceThenKilled() {
    var end = running()
    #expect(end.end(with: .interrupt, within: .seconds(3)) == .ask(.interrupt, within: .seconds(3)))
    #expect(end.end(with: .terminate, within: .zero) == .nothing)
    #expect(end.timeIsOver() == .kill)
    #expect(end.outcome == .cancelled)
  }

  @Test func oneThatWasAskedIsKilledAtOnceWhenItIsCancelled() {
    var end = running()
    #expect(end.end(with: .terminate, within: .seconds(3)) == .ask(.terminate, within: .seconds(3)))
    #expect(end.cancel() == .kill)
    #expect(end.outcome == .cancelled)
  }

  @Test func oneThatEndsWhenItIsAskedWasCancelled() {
    var end = running()
    #expect(end.end(with: .terminate, within: .seconds(3)) == .ask(.terminate, within: .seconds(3)))
    #expect(end.leaderExited(.code(0)) == .stopTimer)
    #expect(end.remains() == .kill)
    end.gone()
    #expect(end.outcome == .cancelled)
  }

  @Test(arguments: [true, false])
  func whatIsNotExecutedYetIsTakenBackOnce(isAsked: Bool) {
    func stop(_ end: inout HelperEnd) -> HelperEnd.Action {
      isAsked ? end.end(with: .terminate, within: .seconds(3)) : end.cancel()
    }
    var end = HelperEnd()
    #expect(stop(&end) == .takeBack && stop(&end) == .nothing)
    var late = end
    #expect(end.startFailed() == .cancelled)
    #expect(end.cancel() == .nothing && end.end(with: .kill, within: .zero) == .nothing)
    // It was executed before it could be taken back.
    #expect(late.started() == .kill)
    #expect(late.leaderExited(.code(0)) == .nothing && late.outcome == .cancelled)
  }

  @Test func whatCannotBeExecutedHasNoOtherReason() {
    var end = HelperEnd()
    #expect(end.startFailed() == nil)
  }

  @Test func whatOutlivesSIGKILLIsGivenUpOnce() {
    var end = killed { $0.timeIsOver() }
    #expect(end.timeIsOver() == .giveUp && end.outcome == .timedOut)
    #expect(end.timeIsOver() == .nothing && end.cancel() == .nothing)
    #expect(end.end(with: .terminate, within: .zero) == .nothing && end.outcome == .timedOut)
    #expect(end.leaderExited(.signal(.kill)) == .nothing && end.remains() == .nothing)
  }

  /// The timer is that of the kill: what outlives it must not be waited for without end.
  @Test func oneWhoseRemainsAreBeingKilledIsNotAsked() {
    var end = running()
    #expect(end.leaderExited(.code(0)) == .stopTimer && end.remains() == .kill)
    #expect(end.end(with: .terminate, within: .seconds(90)) == .nothing)
    // It was cancelled before its end was told: no run may begin after it.
    #expect(end.outcome == .cancelled)
    #expect(end.timeIsOver() == .giveUp)
  }

  @Test func nothingIsDoneAboutWhatIsGone() {
    var end = running()
    #expect(end.leaderExited(.code(0)) == .stopTimer)
    end.gone()
    #expect(end.cancel() == .nothing && end.timeIsOver() == .nothing)
    #expect(end.end(with: .terminate, within: .zero) == .nothing)
    #expect(end.outcome == .exited(.code(0)))
  }
}
