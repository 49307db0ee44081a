import Basics
import Supervision
import Testing

/// Another definition: what runs goes on where it can, and what is armed follows.
@Suite struct UpdateInPlaceTests {
  private func world(
    _ definition: ProcessDefinition, _ behaviour: PaperBehaviour = PaperBehaviour()
  ) -> PaperWorld {
    var world = PaperWorld()
    world.behaviours["a"] = behaviour
    world.ask(.add(definition))
    return world
  }

  private func runs(_ world: PaperWorld) -> Int {
    world.supervisor.entry("a", at: world.now)?.runCount ?? 0
  }

  private func due(_ world: PaperWorld) -> Duration? {
    world.supervisor.entry("a", at: world.now)?.nextRun.map { $0 - world.now.sinceEpoch }
  }

  @Test func whatItExecutesNeedsANewRunAndTheRestDoesNot() {
    var definition = ProcessDefinition.always("a")
    var world = world(definition)
    definition.labels = ["tier": "web"]
    definition.restartPolicy = .never
    world.ask(.update(definition))
    world.advance(by: .seconds(1))
    #expect(runs(world) == 1)
    definition.execution.arguments = ["--fast"]
    world.ask(.update(definition))
    world.advance(by: .seconds(1))
    #expect(runs(world) == 2)
    #expect(world.status("a") == .running)
    #expect(world.violations.isEmpty)
  }

  @Test func theLimitsOfTheLogFollow() {
    var definition = ProcessDefinition.always("a")
    var world = world(definition)
    definition.logMaxBytes = 1 << 20
    world.ask(.update(definition))
    #expect(world.effects.contains(.log(definition.instanceID, .limit(definition))))
    #expect(world.violations.isEmpty)
  }

  @Test func aNewPeriodCountsFromTheSameEnd() {
    var definition = ProcessDefinition.periodic("a")
    var world = world(definition)
    world.end("a", .code(0))
    world.advance(by: .seconds(10))
    definition.period = .seconds(30)
    world.ask(.update(definition))
    #expect(due(world) == .seconds(20))
    definition.period = .seconds(5)
    world.ask(.update(definition))
    world.advance(by: .zero)
    #expect(world.status("a") == .running)
    #expect(world.violations.isEmpty)
  }

  @Test func aProcessThatHasNoTimeAnyMoreFollowsItsPolicy() {
    for (policy, status) in [
      (RestartPolicy.always, ProcessStatus.running), (.onFailure, .stopped), (.never, .stopped),
    ] {
      var definition = ProcessDefinition.periodic("a")
      var world = world(definition)
      world.end("a", .code(0))
      definition.isPeriodic = false
      definition.period = nil
      definition.restartPolicy = policy
      world.ask(.update(definition))
      #expect(world.status("a") == status)
      #expect(world.violations.isEmpty)
    }
  }

  @Test func aScheduleThatIsTakenAwayBeforeTheFirstRunLetsItStart() throws {
    var definition = ProcessDefinition.once("a")
    definition.schedule = try CronSchedule("@hourly")
    var world = world(definition)
    definition.schedule = nil
    world.ask(.update(definition))
    #expect(world.status("a") == .running)
    #expect(world.violations.isEmpty)
  }

  @Test func anotherScheduleMovesTheNextRun() throws {
    var definition = ProcessDefinition.once("a")
    definition.schedule = try CronSchedule("@hourly")
    var world = world(definition)
    definition.schedule = try CronSchedule("* * * * *")
    world.ask(.update(definition))
    #expect(try #require(due(world)) <= .seconds(60))
    world.advance(by: .seconds(60))
    #expect(world.status("a") == .running)
    definition.schedule = try CronSchedule("*/30 * * * *")
    world.ask(.update(definition))
    #expect(try #require(due(world)) > .seconds(60))
    #expect(world.violations.isEmpty)
  }

  @Test func aScheduleWakesWhatHasEndedButNotWhatWasStopped() throws {
    for isStopped in [false, true] {
      var definition = ProcessDefinition.once("a")
      var world = world(definition)
      world.end("a", .code(0))
      if isStopped { world.ask(.stop(id: "a")) }
      definition.schedule = try CronSchedule("@hourly")
      world.ask(.update(definition))
      #expect(world.status("a") == (isStopped ? .stopped : .waiting))
      #expect(world.violations.isEmpty)
    }
  }

  @Test func otherDelaysHoldForTheRestartThatIsWaitedFor() {
    var definition = ProcessDefinition.always("a")
    var world = world(definition)
    world.end("a", .code(1))
    definition.restartDelays = [.seconds(60)]
    world.ask(.update(definition))
    #expect(due(world) == .seconds(60))
    definition.restartDelays = [.seconds(1)]
    world.ask(.update(definition))
    #expect(due(world) == .seconds(1))
    #expect(world.violations.isEmpty)
  }

  @Test func aPolicyThatDoesNotRestartEndsTheWaitForIt() {
    var definition = ProcessDefinition.always("a")
    var world = world(definition)
    world.end("a", .code(1))
    definition.restartPolicy = .never
    world.ask(.update(definition))
    #expect(world.status("a") == .stopped)
    #expect(world.timers.isEmpty)
    #expect(world.violations.isEmpty)
  }

  @Test func anotherCheckTakesThePlaceOfTheOldOne() {
    var definition = ProcessDefinition.always("a")
    definition.healthCheck = HealthCheck(.tcp("localhost:80"))
    var world = world(definition, PaperBehaviour(probeTakes: .seconds(2)))
    world.advance(by: .seconds(3))
    #expect(world.supervisor.entry("a", at: world.now)?.health.status == .healthy)
    // The same probe at another pace: what is known stays.
    definition.healthCheck?.interval = .seconds(60)
    world.ask(.update(definition))
    #expect(world.probes.count == 1)
    #expect(world.supervisor.entry("a", at: world.now)?.health.status == .healthy)
    definition.healthCheck = HealthCheck(.tcp("localhost:81"))
    world.ask(.update(definition))
    #expect(world.probes.count == 1)
    #expect(world.supervisor.entry("a", at: world.now)?.health.status == .starting)
    definition.healthCheck = nil
    world.ask(.update(definition))
    #expect(world.probes.isEmpty && world.timers.isEmpty)
    #expect(world.supervisor.entry("a", at: world.now)?.health == Health())
    #expect(runs(world) == 1)
    #expect(world.violations.isEmpty)
  }

  @Test func aMemoryLimitHoldsFromNowOn() {
    var definition = ProcessDefinition.always("a")
    var world = world(definition, PaperBehaviour(memory: 500))
    world.advance(by: .seconds(60))
    definition.restartAboveMemoryBytes = 400
    world.ask(.update(definition))
    world.advance(by: .seconds(10))
    #expect(world.status("a") == .backoff)
    #expect(world.violations.isEmpty)
  }

  @Test func aTimeoutCountsFromTheBeginningOfTheRun() {
    var definition = ProcessDefinition.periodic("a")
    var world = world(definition)
    world.advance(by: .seconds(50))
    definition.runTimeout = .seconds(60)
    world.ask(.update(definition))
    world.advance(by: .seconds(10))
    #expect(world.status("a") == .waiting)
    #expect(world.supervisor.entry("a", at: world.now)?.lastExit?.reason == .runTimeout)
    #expect(world.violations.isEmpty)
  }

  @Test func whatAnOperatorHasStoppedStaysDown() {
    var definition = ProcessDefinition.always("a")
    var world = world(definition)
    world.ask(.stop(id: "a"))
    world.advance(by: .zero)
    definition.execution.arguments = ["--fast"]
    world.ask(.update(definition))
    #expect(world.status("a") == .manuallyStopped)
    world.ask(.start(id: "a"))
    #expect(
      world.effects.contains {
        if case .run(_, .spawn(let definition, _)) = $0 {
          definition.execution.arguments == ["--fast"]
        } else {
          false
        }
      })
    #expect(world.violations.isEmpty)
  }

  @Test func aBackoffEndsWhereSomethingElseIsToBeExecuted() {
    var definition = ProcessDefinition.always("a")
    var world = world(definition, PaperBehaviour(startFailure: "command 'work': not found"))
    #expect(world.status("a") == .backoff)
    world.behaviours["a"] = PaperBehaviour()
    definition.execution.command = "works"
    world.ask(.update(definition))
    #expect(world.status("a") == .running)
    #expect(world.supervisor.entry("a", at: world.now)?.restartCount == 0)
    #expect(world.violations.isEmpty)
  }

  @Test func aSpawnOfTheOldCommandIsTakenBack() {
    var definition = ProcessDefinition.always("a")
    var world = world(definition, PaperBehaviour(spawnTakes: .seconds(5)))
    world.spawnsCanBeCancelled = true
    definition.execution.command = "works"
    world.ask(.update(definition))
    world.advance(by: .seconds(5))
    #expect(world.status("a") == .running)
    #expect(runs(world) == 1)
    #expect(world.violations.isEmpty)
  }
}
