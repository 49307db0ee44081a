import Basics
import Supervision
import Testing

@Suite struct GroupTests {
  @Test func whatALeaderLeavesBehindIsEndedBeforeAnotherRun() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(
      hasHelpers: true, helpersIgnoreStopSignal: true)
    world.ask(.add(.always("web")))
    world.end("web", .code(1))
    #expect(world.status("web") == .stopping)
    #expect(world.supervisor.entry("web", at: world.now)?.pid == nil)
    #expect(world.supervisor.run(of: "web") == nil)
    #expect(world.signals(to: "web") == [.terminate])
    world.advance(by: .seconds(9))
    #expect(world.liveChildren(of: "web") == 1)
    world.advance(by: .seconds(1))
    #expect(world.signals(to: "web") == [.terminate, .kill])
    world.advance(by: .zero)
    #expect(world.supervisor.entry("web", at: world.now)?.runCount == 2)
    #expect(world.violations.isEmpty)
  }

  @Test func aLeaderThatLeavesNothingBehindCostsNoSignal() {
    var world = PaperWorld()
    world.ask(.add(.always("web")))
    world.end("web", .code(1))
    #expect(world.signals(to: "web").isEmpty)
    #expect(world.status("web") == .backoff)
  }

  @Test func stopEndsTheGrandchildrenToo() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(
      hasHelpers: true, helpersIgnoreStopSignal: true)
    world.ask(.add(.always("web")))
    let ticket = world.ask(.stop(id: "web"))
    world.advance(by: .seconds(9))
    #expect(world.answers[ticket] == nil)
    world.advance(by: .seconds(1))
    #expect(world.answers[ticket]?.isDone == true)
    #expect(world.liveChildren(of: "web") == 0)
  }

  @Test func stopWhileLeftoversEndCancelsTheRestart() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(
      hasHelpers: true, helpersIgnoreStopSignal: true)
    world.ask(.add(.always("web")))
    world.end("web", .code(1))
    let ticket = world.ask(.stop(id: "web"))
    #expect(world.signals(to: "web") == [.terminate])
    world.advance(by: .seconds(10))
    #expect(world.answers[ticket]?.isDone == true)
    #expect(world.status("web") == .manuallyStopped)
    world.advance(by: .seconds(600))
    #expect(world.liveChildren(of: "web") == 0)
  }

  @Test func startWhileLeftoversEndIsAConflict() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(
      hasHelpers: true, helpersIgnoreStopSignal: true)
    world.ask(.add(.once("web")))
    world.end("web", .code(1))
    let ticket = world.ask(.start(id: "web"))
    #expect(world.answers[ticket]?.refusal == .conflict)
  }

  @Test func restartWhileLeftoversEndFollowsThem() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(
      hasHelpers: true, helpersIgnoreStopSignal: true)
    world.ask(.add(.once("web")))
    world.end("web", .code(1))
    let ticket = world.ask(.restart(id: "web"))
    world.advance(by: .seconds(10))
    #expect(world.answers[ticket]?.isDone == true)
    #expect(world.status("web") == .running)
    #expect(world.violations.isEmpty)
  }

  @Test func outputHeldByAStrangerIsClosedAfterTwoSeconds() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(outputIsHeld: true)
    world.ask(.add(.once("web")))
    world.end("web", .code(0))
    #expect(world.status("web") == .stopping)
    world.advance(by: .milliseconds(1999))
    #expect(world.status("web") == .stopping)
    world.advance(by: .milliseconds(1))
    #expect(world.status("web") == .stopped)
    #expect(world.timers.isEmpty)
  }

  @Test func stopWhileOutputIsAwaitedCancelsTheRestart() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(outputIsHeld: true)
    world.ask(.add(.always("web")))
    world.end("web", .code(0))
    let ticket = world.ask(.stop(id: "web"))
    world.advance(by: .seconds(2))
    #expect(world.answers[ticket]?.isDone == true)
    #expect(world.status("web") == .manuallyStopped)
  }

  @Test func outputThatEndsBeforeTheExitIsRemembered() {
    var world = PaperWorld()
    world.ask(.add(.once("web")))
    let run = world.supervisor.run(of: "web")
    if let run { world.endOutput(of: run) }
    world.end("web", .code(0))
    #expect(run != nil)
    #expect(world.status("web") == .stopped)
    #expect(world.timers.isEmpty)
  }

  @Test func aGroupThatOutlivesItsKillIsReportedAndNeverDoubled() throws {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(outlivesKill: true)
    world.ask(.add(.always("web")))
    let stop = world.ask(.stop(id: "web"))
    let start = world.ask(.start(id: "web"))
    world.advance(by: .seconds(20))
    #expect(world.answers[stop]?.refusal == .failure)
    let run = try #require(world.children.first)
    #expect(
      world.answers[stop]?.message.hasSuffix(
        "still there 10s after SIGKILL: \(run.value.pid) (leader)")
        == true)
    #expect(world.answers[start]?.refusal == .failure)
    #expect(world.status("web") == .stopping)
    #expect(world.lines(of: "web").contains { $0.contains("still there 10s after SIGKILL") })
    world.advance(by: .seconds(3600))
    #expect(world.status("web") == .stopping)
    #expect(world.timers.isEmpty)
    #expect(world.violations.isEmpty)
  }

  @Test func ofManySurvivorsTheFirstTenAreNamed() throws {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(outlivesKill: true, findingTakes: .seconds(1))
    world.ask(.add(.always("web")))
    let stop = world.ask(.stop(id: "web"))
    world.advance(by: .seconds(20))
    #expect(world.answers[stop] == nil)
    let run = try #require(world.supervisor.run(of: "web"))
    world.send(.run(run, .survivors((1...12).map { Survivor(pid: $0, name: "p\($0)") })))
    let message = try #require(world.answers[stop]?.message)
    #expect(
      message.hasSuffix(
        "SIGKILL: 1 (p1), 2 (p2), 3 (p3), 4 (p4), 5 (p5), 6 (p6), 7 (p7), 8 (p8), 9 (p9), 10 (p10) and 2 more"
      ))
    #expect(world.lines(of: "web").contains(message) && world.ownLines.contains(message))
  }

  @Test func aGroupThatGoesWhileItsSurvivorsAreLookedUpIsGone() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(outlivesKill: true, findingTakes: .seconds(1))
    world.ask(.add(.always("web")))
    let stop = world.ask(.stop(id: "web"))
    world.advance(by: .seconds(20))
    world.end("web", .signal(.kill))
    #expect(world.answers[stop]?.isDone == true)
    world.advance(by: .seconds(10))
    #expect(world.status("web") == .manuallyStopped)
    #expect(world.violations.isEmpty)
  }

  @Test func whoeverAsksForTheEndOfSuchAGroupIsAnsweredAfterAnotherKill() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(outlivesKill: true)
    world.ask(.add(.always("web")))
    world.ask(.stop(id: "web"))
    world.advance(by: .seconds(20))
    let again = world.ask(.stop(id: "web"))
    #expect(world.answers[again] == nil)
    #expect(world.signals(to: "web") == [.terminate, .kill, .kill])
    world.advance(by: .seconds(10))
    #expect(world.answers[again]?.refusal == .failure)
  }

  @Test func whenSuchAGroupGoesAfterAllWhatWasWantedHappens() throws {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(outlivesKill: true)
    world.ask(.add(.always("web")))
    world.ask(.restart(id: "web"))
    world.advance(by: .seconds(20))
    world.behaviours["web"] = nil
    world.end("web", .signal(.kill))
    #expect(world.status("web") == .running)
    #expect(world.violations.isEmpty)
  }
}
