import Basics
import Supervision
import Testing

@Suite struct SignalCommandTests {
  @Test func aSignalGoesToTheLeaderOrToAllOfIt() throws {
    var world = PaperWorld()
    world.ask(.add(.always("a")))
    let run = try #require(world.supervisor.run(of: "a"))
    let ticket = world.ask(.signal(id: "a", .hangUp, toGroup: false))
    #expect(world.answers[ticket] == .done("SIGHUP sent to process 'a' (PID: 101)"))
    #expect(world.effects.contains(.run(run, .signalLeader(.hangUp))))
    world.ask(.signal(id: "a", .terminate, toGroup: true))
    #expect(world.effects.contains(.run(run, .signal(.terminate))))
    #expect(world.violations.isEmpty)
  }

  /// What an operator kills is restarted as what another program kills.
  @Test func aGroupThatAnOperatorKillsIsRestartedByItsPolicy() {
    for toGroup in [false, true] {
      var world = PaperWorld()
      world.behaviours["a"] = PaperBehaviour(hasHelpers: true)
      world.ask(.add(.always("a")))
      world.ask(.signal(id: "a", .kill, toGroup: toGroup))
      world.advance(by: .seconds(1))
      #expect(world.status("a") == .backoff)
      world.advance(by: .seconds(2))
      #expect(world.status("a") == .running)
      #expect(world.violations.isEmpty)
    }
  }

  @Test func whereNothingRunsThereIsNothingToSignal() {
    var world = PaperWorld()
    world.ask(.add(.once("a")))
    world.end("a", .code(0))
    for toGroup in [false, true] {
      let ticket = world.ask(.signal(id: "a", .hangUp, toGroup: toGroup))
      #expect(world.answers[ticket]?.refusal == .conflict)
    }
    #expect(world.violations.isEmpty)
  }
}
