import Basics
import Supervision
import Testing

@Suite struct StopTests {
  @Test func stopSendsTheStopSignalAndAnswersOnceAllIsOver() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(stopTakes: .seconds(3))
    world.ask(.add(.always("web")))
    let ticket = world.ask(.stop(id: "web"))
    #expect(world.status("web") == .stopping)
    #expect(world.signals(to: "web") == [.terminate])
    world.advance(by: .seconds(2))
    #expect(world.answers[ticket] == nil)
    world.advance(by: .seconds(1))
    #expect(world.answers[ticket]?.isDone == true)
    #expect(world.status("web") == .manuallyStopped)
    #expect(world.timers.isEmpty)
  }

  /// A process that was stopped takes its stop signal only when it goes on.
  @Test func aStopContinuesWhatWasStopped() throws {
    var world = PaperWorld()
    world.ask(.add(.always("web")))
    let run = try #require(world.supervisor.run(of: "web"))
    world.ask(.stop(id: "web"))
    #expect(world.effects.contains(.run(run, .signal(.terminate, thenContinue: true))))
  }

  @Test func theStopSignalIsThatOfTheDefinition() {
    var world = PaperWorld()
    var definition = ProcessDefinition.once("web")
    definition.stopSignal = .interrupt
    world.ask(.add(definition))
    world.ask(.stop(id: "web"))
    #expect(world.signals(to: "web") == [.interrupt])
  }

  @Test func aProcessThatIgnoresItsStopSignalIsKilledAfterTheTimeout() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(ignoresStopSignal: true)
    world.ask(.add(.always("web")))
    let ticket = world.ask(.stop(id: "web"))
    world.advance(by: .milliseconds(9999))
    #expect(world.signals(to: "web") == [.terminate])
    world.advance(by: .milliseconds(1))
    #expect(world.signals(to: "web") == [.terminate, .kill])
    #expect(world.answers[ticket]?.isDone == true)
    #expect(world.lines(of: "web").contains { $0.contains("10s after SIGTERM: sending SIGKILL") })
  }

  @Test func aStoppedProcessStaysStopped() {
    var world = PaperWorld()
    world.ask(.add(.always("web")))
    world.ask(.stop(id: "web"))
    world.advance(by: .seconds(3600))
    #expect(world.status("web") == .manuallyStopped)
    #expect(world.supervisor.entry("web", at: world.now)?.runCount == 1)
    #expect(world.violations.isEmpty)
  }

  @Test func stopDuringBackoffCancelsTheRestart() {
    var world = PaperWorld()
    world.ask(.add(.always("web")))
    world.end("web", .code(1))
    #expect(world.status("web") == .backoff)
    let ticket = world.ask(.stop(id: "web"))
    #expect(world.answers[ticket]?.isDone == true)
    #expect(world.status("web") == .manuallyStopped)
    #expect(world.supervisor.entry("web", at: world.now)?.error == nil)
    #expect(world.timers.isEmpty)
    world.advance(by: .seconds(3600))
    #expect(world.liveChildren(of: "web") == 0)
  }

  @Test func stopDuringStartingEndsTheChildAsSoonAsItIsThere() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(spawnTakes: .seconds(1))
    let added = world.ask(.add(.always("web")))
    let stopped = world.ask(.stop(id: "web"))
    #expect(world.status("web") == .stopping)
    #expect(world.answers[added]?.refusal == nil)
    #expect(world.answers[stopped] == nil)
    world.advance(by: .seconds(1))
    #expect(world.answers[stopped]?.isDone == true)
    #expect(world.status("web") == .manuallyStopped)
    #expect(world.violations.isEmpty)
  }

  @Test func stopDuringAStartThatFailsIsAnsweredAndNothingIsTriedAgain() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(startFailure: "no", spawnTakes: .seconds(1))
    world.ask(.add(.always("web")))
    let stopped = world.ask(.stop(id: "web"))
    world.advance(by: .seconds(1))
    #expect(world.answers[stopped]?.isDone == true)
    #expect(world.status("web") == .manuallyStopped)
    #expect(world.timers.isEmpty)
  }

  @Test func aStoppedProcessHasNoErrorLeft() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(startFailure: "no", spawnTakes: .seconds(1))
    world.ask(.add(.always("web")))
    world.advance(by: .seconds(3))
    #expect(world.status("web") == .starting)
    #expect(world.supervisor.entry("web", at: world.now)?.error == "could not be started: no")
    world.ask(.stop(id: "web"))
    world.advance(by: .seconds(1))
    #expect(world.status("web") == .manuallyStopped)
    #expect(world.supervisor.entry("web", at: world.now)?.error == nil)
  }

  @Test func stoppingWhatIsNotRunningIsDoneAndChangesNothing() {
    var world = PaperWorld()
    world.ask(.add(.once("ended")))
    world.end("ended", .code(0))
    world.behaviours["broken"] = PaperBehaviour(startFailure: "no")
    world.ask(.add(.once("broken")))
    for (id, status) in [("ended", ProcessStatus.stopped), ("broken", .failed)] {
      let ticket = world.ask(.stop(id: id))
      #expect(world.answers[ticket]?.isDone == true)
      #expect(world.answers[ticket]?.message.contains("was not running") == true)
      #expect(world.status(id) == status)
    }
  }

  @Test func severalStopsAreAllAnswered() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(stopTakes: .seconds(1))
    world.ask(.add(.always("web")))
    let tickets = (0..<3).map { _ in world.ask(.stop(id: "web")) }
    world.advance(by: .seconds(1))
    for ticket in tickets { #expect(world.answers[ticket]?.isDone == true) }
    #expect(world.signals(to: "web") == [.terminate])
  }

  @Test func stopAnswersOnlyWhenTheLastOutputIsIn() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(outputTakes: .seconds(1))
    world.ask(.add(.always("web")))
    let ticket = world.ask(.stop(id: "web"))
    world.advance(by: .milliseconds(500))
    #expect(world.answers[ticket] == nil)
    world.advance(by: .milliseconds(500))
    #expect(world.answers[ticket]?.isDone == true)
  }

  @Test func startDuringAStopFollowsTheOldRun() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(stopTakes: .seconds(1))
    world.ask(.add(.always("web")))
    let stop = world.ask(.stop(id: "web"))
    let start = world.ask(.start(id: "web"))
    #expect(world.answers[start] == nil)
    world.advance(by: .seconds(1))
    #expect(world.answers[stop]?.isDone == true)
    #expect(world.answers[start]?.isDone == true)
    #expect(world.status("web") == .running)
    #expect(world.violations.isEmpty)
  }

  @Test func stopAfterThatStartWinsAgain() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(stopTakes: .seconds(1))
    world.ask(.add(.always("web")))
    world.ask(.stop(id: "web"))
    let start = world.ask(.start(id: "web"))
    let stop = world.ask(.stop(id: "web"))
    #expect(world.answers[start]?.refusal == .conflict)
    world.advance(by: .seconds(1))
    #expect(world.answers[stop]?.isDone == true)
    #expect(world.status("web") == .manuallyStopped)
  }

  @Test func aSecondStartDuringAStopIsAConflict() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(stopTakes: .seconds(1))
    world.ask(.add(.always("web")))
    world.ask(.stop(id: "web"))
    world.ask(.start(id: "web"))
    let again = world.ask(.start(id: "web"))
    #expect(world.answers[again]?.refusal == .conflict)
  }

  @Test func aStopThatHadToKillSaysSo() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(ignoresStopSignal: true)
    world.ask(.add(.once("a")))
    let ticket = world.ask(.stop(id: "a"))
    world.advance(by: .seconds(10))
    #expect(world.answers[ticket] == .done("Process 'a' stopped (killed after 10 s)"))
    let exit = world.supervisor.entry("a", at: world.now)?.lastExit
    #expect(exit?.status == .signal(.kill))
    #expect(exit?.reason == .stopTimeout)
    #expect(
      world.supervisor.runs(of: "a", at: world.now)?.first?.reason
        == "stopped by an operator (killed after 10 s)")
    // The next one ends in time.
    world.behaviours["a"] = PaperBehaviour()
    world.ask(.start(id: "a"))
    let second = world.askAndWait(.stop(id: "a"))
    #expect(world.answers[second] == .done("Process 'a' stopped"))
    #expect(world.supervisor.entry("a", at: world.now)?.lastExit?.reason == nil)
    #expect(world.violations.isEmpty)
  }

  @Test func theTimeItWasGivenIsThatOfItsOwnDefinition() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(ignoresStopSignal: true)
    var definition = ProcessDefinition.once("a")
    definition.stopTimeout = .milliseconds(1_500)
    world.ask(.add(definition))
    let ticket = world.ask(.stop(id: "a"))
    definition.stopTimeout = .seconds(60)
    world.ask(.update(definition))
    world.advance(by: .seconds(2))
    #expect(world.answers[ticket] == .done("Process 'a' stopped (killed after 1.5 s)"))
    #expect(world.violations.isEmpty)
  }

  @Test(arguments: [Command.restart(id: "a"), .update(.once("a").running("other")), .stopAll])
  func everyEndThatIsAskedForNotesTheTimeout(command: Command) {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(ignoresStopSignal: true)
    world.ask(.add(.once("a")))
    world.ask(command)
    world.advance(by: .seconds(10))
    #expect(world.supervisor.entry("a", at: world.now)?.lastExit?.reason == .stopTimeout)
    #expect(world.violations.isEmpty)
  }
}
