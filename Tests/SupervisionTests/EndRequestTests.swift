import Basics
import Supervision
import Testing

/// Which processes get the signal that the others of their run have got before.
struct EndRequestTests {
  private func request(
    wasComplete: Bool = true, undecided: [Int32: UInt64] = [:]
  ) -> EndRequest {
    EndRequest(.terminate, at: 100, wasComplete: wasComplete, undecided: undecided)
  }

  @Test func whatWasThereBeforeHasMissedIt() {
    #expect(request().hasMissed(10, startedAt: 99))
    #expect(request(wasComplete: false).hasMissed(10, startedAt: 99))
  }

  /// That may be how the run cleans up.
  @Test func whatWasStartedLaterHasMissedNothing() {
    #expect(!request().hasMissed(10, startedAt: 101))
    #expect(!request(wasComplete: false).hasMissed(10, startedAt: 101))
  }

  @Test func inTheSameTickItDependsOnWhetherAllWereSeen() {
    #expect(!request().hasMissed(10, startedAt: 100))
    #expect(request(wasComplete: false).hasMissed(10, startedAt: 100))
  }

  @Test func whatWasSeenAndCouldNotBeToldHasMissedItWheneverItWasStarted() {
    let request = request(undecided: [10: 101])
    #expect(request.hasMissed(10, startedAt: 101))
    // The pid is another process's by now.
    #expect(!request.hasMissed(10, startedAt: 102))
    #expect(!request.hasMissed(11, startedAt: 101))
  }

  @Test func whatHasBeenReachedHasMissedNothing() {
    var request = request(wasComplete: false, undecided: [12: 101])
    request.reach([10, 11])
    request.reach([12])
    for (pid, start): (Int32, UInt64) in [(10, 99), (11, 100), (12, 101)] {
      #expect(request.hasReached(pid) && !request.hasMissed(pid, startedAt: start))
    }
    #expect(!request.hasReached(13) && request.hasMissed(13, startedAt: 99))
  }
}
