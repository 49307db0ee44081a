import Supervision
import Testing

/// `web` runs, and `db` waits for its end: whatever happens to `web` meanwhile, a shutdown comes to
/// its end.
@Suite struct ShutdownOrderTests {
  private func makeWorld(_ web: ProcessDefinition) -> PaperWorld {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(stopTakes: .seconds(2))
    world.ask(.add(.always("db")))
    world.ask(.add(web))
    return world
  }

  private func expectEnd(of world: PaperWorld) {
    #expect(world.stops == ["web", "db"])
    let hasFinished = world.hasFinished
    #expect(hasFinished)
    #expect(world.asked == Set(world.answers.keys))
    #expect(world.violations.isEmpty)
  }

  @Test func aRemovalUnderWayHoldsUpOnlyUntilItIsDone() {
    var world = makeWorld(.always("web").after("db"))
    world.ask(.remove(id: "web", deletesLog: false))
    world.send(.shutdownRequested)
    #expect(world.stops == ["web"])
    world.advance(by: .seconds(10))
    expectEnd(of: world)
  }

  @Test(arguments: [1, 4]) func aDependencyThatIsOnItsWayToTheDiskHoldsUpOnlyUntilThen(seconds: Int)
  {
    for failure in [nil, "no space"] {
      var world = makeWorld(.always("web").saved)
      world.saveTakes = .seconds(seconds)
      world.saveFailure = failure
      world.ask(.update(.always("web").after("db").saved))
      world.send(.shutdownRequested)
      #expect(world.stops == ["web"])
      world.advance(by: .seconds(10))
      expectEnd(of: world)
    }
  }

  @Test(arguments: [1, 4]) func aDependencyThatIsBeingGivenUpHoldsUntilTheEnd(seconds: Int) {
    for failure in [nil, "no space"] {
      var world = makeWorld(.always("web").after("db").saved)
      world.saveTakes = .seconds(seconds)
      world.saveFailure = failure
      world.ask(.update(.always("web").saved))
      world.send(.shutdownRequested)
      world.advance(by: .milliseconds(1500))
      #expect(world.stops == ["web"])
      world.advance(by: .seconds(10))
      expectEnd(of: world)
    }
  }
}
