import Basics
import Supervision
import Testing

@Suite struct AutoRestartTests {
  /// The delay of each of the first `count` restarts of a process whose runs last `run` each.
  private func delays(_ count: Int, runsOf run: Duration) -> [Duration] {
    var world = PaperWorld()
    world.ask(.add(.always("web")))
    return (0..<count).map { _ in
      world.advance(by: run)
      world.end("web", .code(1))
      let entry = world.supervisor.entry("web", at: world.now)
      let delay = (entry?.nextRun ?? .zero) - world.now.sinceEpoch
      world.advance(by: delay - .milliseconds(1))
      #expect(world.status("web") == .backoff)
      world.advance(by: .milliseconds(1))
      #expect(world.status("web") == .running)
      return delay
    }
  }

  @Test func theTimelineOfTheSeedsHoldsForRunsThatLast() {
    let seconds = delays(18, runsOf: .seconds(10)).map(\.components.seconds)
    #expect(
      seconds == [2, 2, 2, 5, 5, 5, 15, 15, 15, 15, 30, 30, 30, 30, 30, 60, 60, 60])
  }

  @Test func aQuickDeathCostsTwentySecondsMoreFromTheThirdOn() {
    let seconds = delays(17, runsOf: .milliseconds(9999)).map(\.components.seconds)
    #expect(
      seconds == [2, 2, 22, 25, 25, 25, 35, 35, 35, 35, 50, 50, 50, 50, 50, 80, 80])
  }

  @Test func theFirstRestartsOfAFiveSecondRunComeEverySevenSeconds() {
    #expect(delays(2, runsOf: .seconds(5)) == [.seconds(2), .seconds(2)])
  }

  @Test func aRunOfFiveMinutesStartsTheCountAfresh() {
    var world = PaperWorld()
    world.ask(.add(.always("web")))
    for _ in 0..<4 {
      world.advance(by: .seconds(20))
      world.end("web", .code(1))
      world.advance(by: .seconds(5))
    }
    #expect(world.supervisor.entry("web", at: world.now)?.restartCount == 4)
    world.advance(by: .seconds(300))
    world.end("web", .code(1))
    world.advance(by: .seconds(2))
    #expect(world.status("web") == .running)
    #expect(world.supervisor.entry("web", at: world.now)?.restartCount == 1)
    #expect(world.supervisor.entry("web", at: world.now)?.restartTotal == 5)
  }

  @Test func aFailedStartIsARunOfNoLength() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(startFailure: "no")
    world.ask(.add(.always("web")))
    var seconds: [Int64] = []
    for _ in 0..<4 {
      #expect(world.status("web") == .backoff)
      #expect(world.supervisor.entry("web", at: world.now)?.error == "could not be started: no")
      let due = world.supervisor.entry("web", at: world.now)?.nextRun ?? .zero
      seconds.append((due - world.now.sinceEpoch).components.seconds)
      world.advance(by: due - world.now.sinceEpoch)
    }
    #expect(seconds == [2, 2, 22, 25])
  }

  @Test func theDelayCountsFromTheExitOfTheLeader() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(outputTakes: .milliseconds(1500))
    world.ask(.add(.always("web")))
    world.advance(by: .seconds(20))
    world.end("web", .code(1))
    #expect(world.status("web") == .stopping)
    world.advance(by: .milliseconds(1500))
    #expect(world.status("web") == .backoff)
    world.advance(by: .milliseconds(499))
    #expect(world.status("web") == .backoff)
    world.advance(by: .milliseconds(1))
    #expect(world.status("web") == .running)
  }

  @Test func aDelayThatHasPassedAlreadyIsNotWaitedForAgain() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(
      hasHelpers: true, helpersIgnoreStopSignal: true)
    world.ask(.add(.always("web")))
    world.advance(by: .seconds(20))
    world.end("web", .code(1))
    world.advance(by: .seconds(10))
    #expect(world.status("web") == .running)
    #expect(world.supervisor.entry("web", at: world.now)?.runCount == 2)
  }

  @Test(arguments: [
    (ExitStatus.code(0), ProcessStatus.stopped), (.code(3), .stopped), (.code(1), .backoff),
    (.signal(.kill), .backoff), (.signal(.terminate), .backoff),
  ])
  func onFailureRestartsAfterFailuresOnly(exit: ExitStatus, status: ProcessStatus) {
    var world = PaperWorld()
    var definition = ProcessDefinition.always("web")
    definition.restartPolicy = .onFailure
    definition.successExitCodes = [0, 3]
    world.ask(.add(definition))
    world.end("web", exit)
    #expect(world.status("web") == status)
  }

  @Test(arguments: [ExitStatus.code(0), .code(1), .signal(.kill)])
  func alwaysRestartsAfterEveryEndAndNeverAfterNone(exit: ExitStatus) {
    var world = PaperWorld()
    world.ask(.add(.always("again")))
    world.ask(.add(.once("once")))
    world.end("again", exit)
    world.end("once", exit)
    #expect(world.status("again") == .backoff)
    #expect(world.status("once") == .stopped)
    #expect(world.supervisor.entry("once", at: world.now)?.lastExit?.status == exit)
  }

  @Test func itGivesUpAfterTheMostRestartsThatAreAllowed() {
    var world = PaperWorld()
    world.ask(.add(.always("web").limited(to: 3)))
    for _ in 0..<3 {
      world.advance(by: .seconds(20))
      world.end("web", .code(1))
      world.advance(by: .seconds(2))
      #expect(world.status("web") == .running)
    }
    world.advance(by: .seconds(20))
    world.end("web", .code(1))
    let entry = world.supervisor.entry("web", at: world.now)
    #expect(entry?.status == .failed)
    #expect(entry?.error == "gave up after 3 restarts; last exit: exit status: 1")
    #expect(entry?.runCount == 4)
    #expect(world.timers.isEmpty)
  }

  @Test(arguments: [Duration.zero, .seconds(1)])
  func theErrorOfACrashHasTheLastLineOfStandardError(outputTakes: Duration) {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(
      lastErrorLine: "ValueError: no", outputTakes: outputTakes)
    world.ask(.add(.always("web").limited(to: 1)))
    world.end("web", .code(1))
    world.advance(by: .seconds(1))
    let error = world.supervisor.entry("web", at: world.now)?.error
    #expect(
      error == "the last run ended with exit status: 1; last line on stderr: ValueError: no")
    world.advance(by: .seconds(2))
    #expect(world.status("web") == .running)
    #expect(world.supervisor.entry("web", at: world.now)?.error == nil)
    world.end("web", .code(2))
    world.advance(by: .seconds(1))
    let last = world.supervisor.entry("web", at: world.now)
    #expect(last?.status == .failed)
    #expect(
      last?.error
        == "gave up after 1 restart; last exit: exit status: 2; last line on stderr: ValueError: no"
    )
  }

  @Test func anEndWithSuccessSaysNothingOfStandardError() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(lastErrorLine: "a warning")
    world.ask(.add(.always("web")))
    world.end("web", .code(0))
    #expect(world.status("web") == .backoff)
    let error = world.supervisor.entry("web", at: world.now)?.error
    #expect(error == "the last run ended with exit status: 0")
  }

  @Test func noRestartAllowedGivesUpAtTheFirstEnd() {
    var world = PaperWorld()
    world.ask(.add(.always("web").limited(to: 0)))
    world.end("web", .signal(.kill))
    let entry = world.supervisor.entry("web", at: world.now)
    #expect(entry?.status == .failed)
    #expect(entry?.error == "gave up after 0 restarts; last exit: signal: 9 (SIGKILL)")
  }

  @Test func aManualStartAfterGivingUpCountsAfresh() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(startFailure: "no")
    world.ask(.add(.always("web").limited(to: 1)))
    world.advance(by: .seconds(2))
    #expect(world.status("web") == .failed)
    let error = world.supervisor.entry("web", at: world.now)?.error
    #expect(error == "gave up after 1 restart; last start failed: no")
    world.ask(.start(id: "web"))
    #expect(world.status("web") == .backoff)
  }

  @Test func fiveProcessesKilledTogetherComeBackTogether() {
    var world = PaperWorld()
    let ids = ["a", "b", "c", "d", "e"]
    for id in ids { world.ask(.add(.always(id))) }
    world.advance(by: .seconds(20))
    for id in ids { world.end(id, .signal(.kill)) }
    world.advance(by: .seconds(2))
    for id in ids { #expect(world.status(id) == .running) }
  }
}
