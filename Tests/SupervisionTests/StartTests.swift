import Basics
import Supervision
import Testing

@Suite struct StartTests {
  @Test func anAddedProcessRunsAndTheAnswerHoldsIt() throws {
    var world = PaperWorld()
    let ticket = world.ask(.add(.once("web")))
    guard case .created(let entry, _)? = world.answers[ticket] else {
      throw Unexpected(world.answers[ticket])
    }
    #expect(entry.status == .running)
    #expect(entry.pid == 101)
    #expect(entry.runCount == 1)
    #expect(entry.lastRun == world.now.sinceEpoch)
    #expect(world.violations.isEmpty)
  }

  @Test func aProcessIsStartingUntilItsChildExecutes() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(spawnTakes: .seconds(1))
    let ticket = world.ask(.add(.once("web")))
    #expect(world.status("web") == .starting)
    #expect(world.answers[ticket] == nil)
    world.advance(by: .seconds(1))
    #expect(world.status("web") == .running)
    #expect(world.answers[ticket] != nil)
  }

  @Test func uptimeGrowsWhileTheLeaderLives() {
    var world = PaperWorld()
    world.ask(.add(.once("web")))
    world.advance(by: .seconds(90))
    #expect(world.supervisor.entry("web", at: world.now)?.uptime == .seconds(90))
    world.end("web", .code(0))
    #expect(world.supervisor.entry("web", at: world.now)?.uptime == nil)
    #expect(world.supervisor.entry("web", at: world.now)?.pid == nil)
  }

  @Test func startingARunningProcessIsAConflictThatNamesItsPID() {
    var world = PaperWorld()
    world.ask(.add(.once("web")))
    let ticket = world.ask(.start(id: "web"))
    #expect(world.answers[ticket]?.refusal == .conflict)
    #expect(world.answers[ticket]?.message.contains("already running (PID 101)") == true)
  }

  @Test func startingAProcessThatIsStartingIsAConflict() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(spawnTakes: .seconds(1))
    world.ask(.add(.once("web")))
    let ticket = world.ask(.start(id: "web"))
    #expect(world.answers[ticket]?.refusal == .conflict)
  }

  @Test func aStoppedProcessStartsAgainAndCountsItsRuns() {
    var world = PaperWorld()
    world.ask(.add(.once("web")))
    world.end("web", .code(0))
    #expect(world.status("web") == .stopped)
    let ticket = world.ask(.start(id: "web"))
    #expect(world.answers[ticket]?.isDone == true)
    #expect(world.supervisor.entry("web", at: world.now)?.runCount == 2)
  }

  @Test func anUnknownProcessIsToldSo() {
    var world = PaperWorld()
    for command in [
      Command.start(id: "no"), .stop(id: "no"), .restart(id: "no"),
      .remove(id: "no", deletesLog: false),
    ] {
      let ticket = world.ask(command)
      #expect(world.answers[ticket]?.refusal == .noSuchProcess)
    }
  }

  @Test func aFailedStartOfAProcessThatIsNotRestartedIsFailed() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(startFailure: "no such file")
    let ticket = world.ask(.add(.once("web")))
    let entry = world.supervisor.entry("web", at: world.now)
    #expect(entry?.status == .failed)
    #expect(entry?.error == "could not be started: no such file")
    #expect(entry?.runCount == 0)
    #expect(world.answers[ticket]?.refusal == nil)
    #expect(world.answers[ticket]?.message.contains("no such file") == true)
    #expect(world.lines(of: "web").last == "Failed to start process 'web': no such file")
  }

  @Test func aStartThatFailsIsRefusedWithTheReasonAndWhatComesNext() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(startFailure: "no such file")
    world.ask(.add(.always("web")))
    let ticket = world.ask(.restart(id: "web"))
    #expect(world.answers[ticket]?.refusal == .conflict)
    #expect(world.answers[ticket]?.message.contains("no such file") == true)
    #expect(world.answers[ticket]?.message.contains("tried again in 2s") == true)
  }

  @Test func theErrorOfAFailedStartGoesWithTheNextGoodOne() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(startFailure: "no such file")
    world.ask(.add(.once("web")))
    world.behaviours["web"] = nil
    world.ask(.start(id: "web"))
    #expect(world.status("web") == .running)
    #expect(world.supervisor.entry("web", at: world.now)?.error == nil)
  }

  @Test func loadedProcessesStartAndOneThatCannotDoesNotStopTheOthers() {
    var world = PaperWorld()
    world.behaviours["b"] = PaperBehaviour(startFailure: "no such file")
    world.send(.loadSaved([.once("c").saved, .once("b").saved, .once("a").saved]))
    #expect(world.status("a") == .running)
    #expect(world.status("b") == .failed)
    #expect(world.status("c") == .running)
    #expect(world.disk.isEmpty, "loading saves nothing")
    #expect(world.supervisor.entries(at: world.now).map(\.definition.id) == ["a", "b", "c"])
    #expect(world.supervisor.processCount == 3)
  }

  @Test func aDefinitionThatIsLoadedTwiceRunsOnce() {
    var world = PaperWorld()
    world.send(.loadSaved([.once("a").saved, .once("a").saved]))
    #expect(world.liveChildren(of: "a") == 1)
    #expect(world.violations.isEmpty)
  }
}

/// What came instead of what a test needs to go on.
struct Unexpected: Error {
  let value: String

  init(_ value: some Any) {
    self.value = "\(value)"
  }
}
