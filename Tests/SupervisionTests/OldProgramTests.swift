import Basics
import Supervision
import Testing

/// What the program that this one replaces did wrong, as far as decisions go.
@Suite struct OldProgramTests {
  @Test func noVerbLeavesAnAutoRestartProcessRunningOrStartsASecondCopy() {
    for command in [
      Command.stop(id: "web"), .remove(id: "web", deletesLog: false), .restart(id: "web"),
      .shutdown,
    ] {
      var world = PaperWorld()
      world.behaviours["web"] = PaperBehaviour(stopTakes: .seconds(1))
      world.ask(.add(.always("web")))
      world.ask(command)
      world.advance(by: .seconds(120))
      #expect(world.liveChildren(of: "web") == (command == .restart(id: "web") ? 1 : 0))
      #expect(world.violations.isEmpty, "\(command)")
    }
  }

  @Test func aStopDuringTheRestartDelayIsHeard() {
    var world = PaperWorld()
    world.ask(.add(.always("web")))
    world.end("web", .signal(.kill))
    world.advance(by: .seconds(1))
    world.ask(.stop(id: "web"))
    world.advance(by: .seconds(120))
    #expect(world.children.count == 1)
  }

  @Test func restartsDoNotWaitForEachOther() {
    var world = PaperWorld()
    world.behaviours["slow"] = PaperBehaviour(hasHelpers: true, helpersIgnoreStopSignal: true)
    world.ask(.add(.always("slow")))
    let ids = ["a", "b", "c", "d"]
    for id in ids { world.ask(.add(.always(id))) }
    for id in ["slow"] + ids { world.end(id, .signal(.kill)) }
    world.advance(by: .seconds(2))
    for id in ids { #expect(world.status(id) == .running) }
    #expect(world.status("slow") == .stopping)
  }

  @Test func anEndedProcessIsNotListedAsRunning() {
    var world = PaperWorld()
    world.ask(.add(.once("web")))
    world.end("web", .code(0))
    let entry = world.supervisor.entry("web", at: world.now)
    #expect(entry?.status == .stopped)
    #expect(entry?.pid == nil)
  }

  @Test func aStopAsksBeforeItKills() {
    var world = PaperWorld()
    world.ask(.add(.once("web")))
    world.ask(.stop(id: "web"))
    world.advance(by: .seconds(60))
    #expect(world.signals(to: "web") == [.terminate])
  }

  @Test func aSignalToTheSupervisorLeavesNoOrphan() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(hasHelpers: true, helpersIgnoreStopSignal: true)
    for id in ["a", "b"] { world.ask(.add(.always(id))) }
    world.send(.shutdownRequested)
    world.advance(by: .seconds(60))
    #expect(world.hasFinished)
    #expect(world.children.values.filter(\.groupIsAlive).isEmpty)
  }
}
