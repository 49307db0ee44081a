import Basics
import Supervision
import Testing

@Suite struct ScaleTests {
  @Test func copiesOfWhatWasStoppedAfterItsEndStayDown() {
    var world = PaperWorld()
    world.ask(.add(.once("web").times(1)))
    world.end("web.0", .code(0))
    world.ask(.stop(id: "web"))
    world.askAndWait(.scale(id: "web", instances: 2))
    #expect(world.spawns == ["web.0"])
    #expect(world.status("web.1") == .manuallyStopped)
    #expect(world.violations.isEmpty)
  }

  private func runs(_ world: PaperWorld, _ name: String) -> Int? {
    world.supervisor.entry(name, at: world.now)?.runCount
  }

  @Test func scalingUpStartsNewCopiesAndTouchesNoOther() {
    var world = PaperWorld()
    world.ask(.add(.always("web").times(2)))
    world.behaviours["web.2"] = PaperBehaviour(spawnTakes: .seconds(1))
    let ticket = world.ask(.scale(id: "web", instances: 4))
    #expect(world.answers[ticket] == nil)
    world.advance(by: .seconds(1))
    #expect(world.answers[ticket]?.message == "Process 'web' has 4 copies now; it had 2")
    #expect(["web.0", "web.1", "web.2", "web.3"].map { runs(world, $0) } == [1, 1, 1, 1])
    #expect(world.supervisor.entry("web.0", at: world.now)?.definition.instances == 4)
    #expect(world.violations.isEmpty)
  }

  @Test func whatDoesNotStartIsSaidOnce() {
    var world = PaperWorld()
    world.ask(.add(.once("web").times(1)))
    world.behaviours["web.1"] = PaperBehaviour(startFailure: "no such file")
    let ticket = world.ask(.scale(id: "web", instances: 2))
    #expect(
      world.answers[ticket]?.message
        == "Process 'web' has 2 copies now; it had 1; process 'web.1': could not be started: no such file"
    )
  }

  @Test func scalingDownEndsTheHighestAndAnswersWhenTheyHaveEnded() {
    var world = PaperWorld()
    world.behaviours["web.3"] = PaperBehaviour(stopTakes: .seconds(2))
    world.ask(.add(.always("web").times(4)))
    let ticket = world.ask(.scale(id: "web", instances: 2))
    world.advance(by: .seconds(1))
    #expect(world.answers[ticket] == nil)
    #expect(world.names == ["web.0", "web.1", "web.3"])
    let meanwhile = world.ask(.scale(id: "web", instances: 4))
    #expect(world.answers[meanwhile]?.refusal == .conflict)
    world.advance(by: .seconds(1))
    #expect(world.answers[ticket]?.isDone == true)
    #expect(world.names == ["web.0", "web.1"])
    #expect(world.openLogs == ["web.0", "web.1"])
    #expect(["web.0", "web.1"].map { runs(world, $0) } == [1, 1])
    let again = world.ask(.scale(id: "web", instances: 4))
    #expect(world.answers[again]?.isDone == true)
    #expect(world.violations.isEmpty)
  }

  @Test func aSavedProcessIsScaledOnDiskFirst() {
    var world = PaperWorld()
    world.ask(.add(.always("web").times(1).saved))
    world.saveTakes = .seconds(1)
    let ticket = world.ask(.scale(id: "web", instances: 2))
    #expect(world.names == ["web.0"])
    world.advance(by: .seconds(1))
    #expect(world.disk == [.always("web").times(2).saved])
    #expect(world.names == ["web.0", "web.1"])
    #expect(world.answers[ticket]?.isDone == true)
    world.saveFailure = "No space left on device"
    let full = world.ask(.scale(id: "web", instances: 3))
    world.advance(by: .seconds(1))
    #expect(world.answers[full]?.refusal == .failure)
    #expect(world.names == ["web.0", "web.1"])
    #expect(world.violations.isEmpty)
  }

  @Test func onePlainProcessIsReplacedByCopiesOnceItHasEnded() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(stopTakes: .seconds(1))
    world.ask(.add(.always("web")))
    let ticket = world.ask(.scale(id: "web", instances: 2))
    #expect(world.status("web") == .stopping)
    #expect(world.status("web.0") == .starting)
    #expect(world.error("web.0") == "waits for the end of 'web'")
    world.advance(by: .seconds(1))
    #expect(world.names == ["web.0", "web.1"])
    #expect(world.status("web.1") == .running)
    #expect(
      world.answers[ticket]?.message
        == "Process 'web' has 2 copies now in place of its one process")
    #expect(world.openLogs == ["web.0", "web.1"])
    #expect(world.violations.isEmpty)
  }

  @Test func aStopWhileAPlainProcessBecomesCopiesKeepsThemDown() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(stopTakes: .seconds(1))
    world.ask(.add(.always("web")))
    let scale = world.ask(.scale(id: "web", instances: 2))
    world.ask(.stop(id: "web"))
    world.advance(by: .seconds(1))
    #expect(world.answers[scale] != nil)
    #expect(world.status("web.0") == .manuallyStopped)
    #expect(world.spawns == ["web"])
    #expect(world.violations.isEmpty)
  }

  @Test func copiesOfAStoppedProcessStayStopped() {
    var world = PaperWorld()
    world.ask(.add(.always("web").times(1)))
    world.askAndWait(.stop(id: "web"))
    let ticket = world.ask(.scale(id: "web", instances: 2))
    #expect(world.answers[ticket]?.isDone == true)
    #expect(world.status("web.1") == .manuallyStopped)
    world.ask(.start(id: "web"))
    #expect(world.status("web.1") == .running)
    #expect(world.violations.isEmpty)
  }

  @Test func theSameNumberIsNoChangeAndNoneIsRefused() {
    var world = PaperWorld()
    world.ask(.add(.always("web").times(2)))
    world.ask(.add(.always("db")))
    #expect(
      world.answers[world.ask(.scale(id: "web", instances: 2))]?.message.contains("already") == true
    )
    #expect(
      world.answers[world.ask(.scale(id: "db", instances: 1))]?.message.contains("already") == true)
    #expect(world.answers[world.ask(.scale(id: "web", instances: 0))]?.refusal == .badDefinition)
    #expect(world.answers[world.ask(.scale(id: "no", instances: 1))]?.refusal == .noSuchProcess)
    #expect(world.names == ["db", "web.0", "web.1"])
  }

  @Test func aSurplusCopyThatCannotBeKilledIsAFailureAndKeepsItsName() {
    var world = PaperWorld()
    world.behaviours["web.1"] = PaperBehaviour(outlivesKill: true)
    world.ask(.add(.always("web").times(2)))
    let ticket = world.ask(.scale(id: "web", instances: 1))
    world.advance(by: .seconds(20))
    #expect(world.answers[ticket]?.refusal == .failure)
    let again = world.ask(.scale(id: "web", instances: 2))
    #expect(world.answers[again]?.refusal == .conflict)
    world.end("web.1", .signal(.kill))
    let free = world.ask(.scale(id: "web", instances: 2))
    #expect(world.answers[free]?.isDone == true)
    #expect(world.violations.isEmpty)
  }

  @Test func aRemovalEndsAScaling() {
    var world = PaperWorld()
    world.behaviours["web.1"] = PaperBehaviour(stopTakes: .seconds(1))
    world.ask(.add(.always("web").times(2)))
    let scale = world.ask(.scale(id: "web", instances: 1))
    let remove = world.ask(.remove(id: "web", deletesLog: false))
    #expect(world.answers[scale]?.refusal == .conflict)
    world.advance(by: .seconds(1))
    #expect(world.answers[remove]?.isDone == true)
    #expect(world.names.isEmpty)
    #expect(world.violations.isEmpty)
  }
}
