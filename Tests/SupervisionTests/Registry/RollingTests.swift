import Basics
import Supervision
import Testing

@Suite struct RollingTests {
  private func makeWorld() -> PaperWorld {
    var world = PaperWorld()
    world.ask(.add(.once("web").times(3).notifying))
    for name in ["web.0", "web.1", "web.2"] { world.tellReady(name) }
    return world
  }

  @Test func oneCopyAfterTheOtherEachWhenTheLastOneIsReady() {
    var world = makeWorld()
    let ticket = world.askAndWait(.rollingRestart(id: "web"))
    #expect(world.stops == ["web.0"])
    world.tellReady("web.0")
    world.advance(by: .zero)
    #expect(world.stops == ["web.0", "web.1"])
    #expect(world.status("web.2") == .running)
    world.tellReady("web.1")
    world.advance(by: .zero)
    #expect(world.answers[ticket] == nil)
    world.tellReady("web.2")
    #expect(world.outcomes(ticket).map(\.success) == [true, true, true])
    #expect(world.answers[ticket]?.message == "3 of 3 copies of process 'web' restarted")
    #expect(world.violations.isEmpty)
  }

  @Test func itStopsAtTheFirstThatDoesNotBecomeReadyAndSaysWhy() {
    var world = makeWorld()
    let ticket = world.askAndWait(.rollingRestart(id: "web"))
    world.tellReady("web.0")
    world.advance(by: .zero)
    world.end("web.1", .code(3))
    let outcomes = world.outcomes(ticket)
    #expect(outcomes.map(\.success) == [true, false, false])
    #expect(outcomes[1].message.contains("has not become ready: its run ended with exit status: 3"))
    #expect(outcomes[2].message.contains("not restarted"))
    #expect(
      world.answers[ticket]?.message.contains(
        "1 of 3 copies of process 'web' restarted, no further") == true)
    #expect(world.stops == ["web.0", "web.1"])
    #expect(world.violations.isEmpty)
  }

  @Test func oneThatGoesNoFurtherIsAConflict() {
    var world = makeWorld()
    world.behaviours["web.0"] = PaperBehaviour(startFailure: "no such file")
    let ticket = world.askAndWait(.rollingRestart(id: "web"))
    guard case .halted(.conflict, let outcomes, _)? = world.answers[ticket] else {
      Issue.record("answered with \(String(describing: world.answers[ticket]))")
      return
    }
    #expect(outcomes.map(\.id) == ["web.0", "web.1", "web.2"])
  }

  @Test func aCopyThatIsUnhealthyIsNotWaitedFor() {
    var world = PaperWorld()
    var definition = HealthTests.checked("web") { $0.onFailure = .report }
    definition.execution.ready = .healthy
    definition.instances = 2
    world.ask(.add(definition))
    world.advance(by: .seconds(1))
    for name in ["web.0", "web.1"] {
      world.behaviours[name] = PaperBehaviour(probeFailure: "status 500")
    }
    let ticket = world.askAndWait(.rollingRestart(id: "web"))
    world.advance(by: .seconds(60))
    #expect(world.outcomes(ticket).map(\.success) == [false, false])
    #expect(world.outcomes(ticket).first?.message.contains("it is unhealthy: status 500") == true)
    #expect(world.status("web.1") == .running)
    #expect(world.violations.isEmpty)
  }

  @Test func aNewRunThatCannotStartEndsIt() {
    var world = makeWorld()
    world.behaviours["web.0"] = PaperBehaviour(startFailure: "no such file")
    let ticket = world.askAndWait(.rollingRestart(id: "web"))
    #expect(world.outcomes(ticket).map(\.success) == [false, false, false])
    #expect(world.outcomes(ticket)[0].message.contains("no such file"))
    #expect(world.status("web.1") == .running)
  }

  @Test func whatHappensInBetweenEndsItWithAnAnswer() {
    for command in [
      Command.stop(id: "web.0"), .stop(id: "web.2"), .stop(id: "web"), .stopAll, .shutdown,
      .restartAll, .restart(id: "web"), .remove(id: "web", deletesLog: false),
      .scale(id: "web", instances: 2), .update(.once("web").times(3).notifying.labelled("x")),
    ] {
      for delay in [Duration.zero, .seconds(1), .seconds(2)] {
        var world = makeWorld()
        world.behaviours["web.0"] = PaperBehaviour(
          spawnTakes: .milliseconds(500), stopTakes: .seconds(1))
        let ticket = world.ask(.rollingRestart(id: "web"))
        world.advance(by: delay)
        #expect(world.answers[ticket] == nil)
        world.ask(command)
        world.advance(by: .seconds(5))
        #expect(world.answers[ticket] != nil, "\(command) after \(delay)")
        #expect(world.asked == Set(world.answers.keys), "\(command) after \(delay)")
        #expect(world.violations.isEmpty)
      }
    }
  }

  @Test func aSecondOneMeanwhileIsRefused() {
    var world = makeWorld()
    world.ask(.rollingRestart(id: "web"))
    #expect(world.answers[world.ask(.rollingRestart(id: "web"))]?.refusal == .conflict)
    #expect(world.answers[world.ask(.rollingRestart(id: "no"))]?.refusal == .noSuchProcess)
  }

  @Test func aPlainProcessIsRestartedAndWaitedForUntilItIsReady() {
    var world = PaperWorld()
    world.ask(.add(.once("db").notifying))
    world.tellReady("db")
    let ticket = world.askAndWait(.rollingRestart(id: "db"))
    #expect(world.answers[ticket] == nil)
    world.tellReady("db")
    #expect(world.answers[ticket]?.message.contains("restarted (PID:") == true)
    let bad = world.askAndWait(.rollingRestart(id: "db"))
    world.end("db", .signal(.kill))
    #expect(world.answers[bad]?.refusal == .conflict)
    #expect(world.answers[bad]?.message.contains("has not become ready") == true)
  }

  @Test func nothingIsEndedThatCouldNotStartAgain() {
    var world = PaperWorld()
    world.ask(.add(.once("db")))
    world.ask(.add(.once("web").times(2).after("db")))
    world.askAndWait(.stop(id: "db"))
    let ticket = world.askAndWait(.rollingRestart(id: "web"))
    #expect(world.outcomes(ticket).map(\.success) == [false, false])
    #expect(world.answers[ticket]?.message.contains("process 'db' was stopped") == true)
    #expect(world.status("web.0") == .running)
  }

  @Test func aTimeoutOfReadinessEndsIt() {
    var world = makeWorld()
    let ticket = world.askAndWait(.rollingRestart(id: "web"))
    world.advance(by: .seconds(200))
    #expect(world.outcomes(ticket).map(\.success) == [false, false, false])
    #expect(world.status("web.1") == .running)
    #expect(world.violations.isEmpty)
  }
}
