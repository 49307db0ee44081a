import Basics
import Supervision
import Testing

@Suite struct EssentialTests {
  private func exitCode(_ world: PaperWorld) -> Int32? {
    for case .finish(let code) in world.effects { return code }
    return nil
  }

  @Test(arguments: [
    (ExitStatus.code(0), Int32(0)), (.code(3), 3), (.signal(.kill), 137),
    (.signal(.terminate), 143),
  ])
  func itsEndIsThatOfTheSupervisor(_ status: ExitStatus, _ code: Int32) {
    var world = PaperWorld()
    world.behaviours["db"] = PaperBehaviour(stopTakes: .seconds(1))
    world.ask(.add(.always("db")))
    world.ask(.add(.once("main").essential.after("db")))
    world.end("main", status)
    #expect(world.supervisor.isShuttingDown)
    #expect(world.stops == ["db"])
    world.advance(by: .seconds(1))
    #expect(exitCode(world) == code)
    #expect(world.ownLines.contains { $0.hasPrefix("Essential process 'main' has ended for good") })
    #expect(world.violations.isEmpty)
  }

  @Test func oneThatIsRestartedEndsNothingUntilItGivesUp() {
    var world = PaperWorld()
    world.ask(.add(.always("main").essential.limited(to: 1)))
    world.end("main", .code(4))
    #expect(!world.supervisor.isShuttingDown)
    world.advance(by: .seconds(2))
    world.end("main", .code(5))
    #expect(exitCode(world) == 5)
  }

  @Test func oneThatAnOperatorStopsOrRemovesEndsNothing() {
    var world = PaperWorld()
    world.ask(.add(.once("main").essential))
    world.askAndWait(.stop(id: "main"))
    #expect(!world.supervisor.isShuttingDown)
    world.ask(.start(id: "main"))
    world.askAndWait(.remove(id: "main", deletesLog: false))
    #expect(!world.supervisor.isShuttingDown)
    world.send(.shutdownRequested)
    #expect(exitCode(world) == 0)
  }

  @Test func oneThatCannotStartEndsAllWithOne() {
    var world = PaperWorld()
    world.behaviours["main"] = PaperBehaviour(startFailure: "no such file")
    let ticket = world.ask(.add(.once("main").essential))
    #expect(exitCode(world) == 1)
    #expect(world.answers[ticket] != nil)
    var circle = PaperWorld()
    circle.send(.loadSaved([.always("main").essential.after("no").saved, .always("db").saved]))
    circle.advance(by: .zero)
    #expect(exitCode(circle) == 1)
    #expect(circle.violations.isEmpty)
  }

  /// However the start was begun: none of these is an event of a run.
  @Test func oneWhoseLimitCannotBeKeptEndsAllWithOne() {
    var main = ProcessDefinition.once("main").essential
    main.execution.memoryMaxBytes = 1 << 20
    var unable = PaperWorld()
    unable.supervisor = Supervisor.able([])
    var (loaded, added, waiting) = (unable, unable, unable)
    loaded.send(.loadSaved([main.saved]))
    #expect(exitCode(loaded) == 1)
    let ticket = added.ask(.add(main))
    #expect(exitCode(added) == 1)
    #expect(added.answers[ticket] != nil)
    waiting.behaviours["db"] = PaperBehaviour(spawnTakes: .seconds(1))
    waiting.ask(.add(.always("db")))
    waiting.ask(.add(main.after("db")))
    #expect(!waiting.supervisor.isShuttingDown)
    waiting.advance(by: .seconds(1))
    waiting.advance(by: .zero)
    #expect(exitCode(waiting) == 1)
    for world in [loaded, added, waiting] { #expect(world.violations.isEmpty) }
  }

  @Test func theFirstOneDecides() {
    var world = PaperWorld()
    world.behaviours["b"] = PaperBehaviour(stopTakes: .seconds(1))
    world.ask(.add(.once("a").essential))
    world.ask(.add(.once("b").essential))
    world.end("a", .code(7))
    world.end("b", .code(8))
    world.advance(by: .seconds(1))
    #expect(exitCode(world) == 7)
  }

  @Test func becomingEssentialAfterTheEndEndsNothing() {
    var world = PaperWorld()
    world.ask(.add(.once("main")))
    world.end("main", .code(0))
    world.ask(.update(.once("main").essential))
    #expect(!world.supervisor.isShuttingDown)
    // A timer that fired when it was disarmed.
    world.send(.timerFired(TimerID(process: "main", purpose: .outputGrace)))
    #expect(!world.supervisor.isShuttingDown)
    world.ask(.start(id: "main"))
    world.end("main", .code(3))
    #expect(exitCode(world) == 3)
  }
}
