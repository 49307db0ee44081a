import Basics
import Supervision
import Testing

@Suite struct ScheduledTests {
  /// A world whose clock shows a full hour.
  private func makeWorld() -> PaperWorld {
    var world = PaperWorld()
    let rest = world.now.sinceEpoch.components.seconds % 3600
    world.clock += .seconds(3600 - rest)
    return world
  }

  private func scheduled(_ text: String) throws -> ProcessDefinition {
    var definition = ProcessDefinition.once("a")
    definition.schedule = try CronSchedule(text)
    return definition
  }

  @Test func itWaitsForItsFirstTime() throws {
    var world = makeWorld()
    let start = world.now.sinceEpoch
    let ticket = world.ask(.add(try scheduled("*/10 * * * *")))
    #expect(
      world.answers[ticket]?.message == "Process 'a' added; it runs by its schedule: */10 * * * *")
    #expect(world.status("a") == .waiting)
    #expect(world.supervisor.entry("a", at: world.now)?.nextRun == start + .seconds(600))
    world.advance(by: .seconds(599))
    #expect(world.status("a") == .waiting)
    world.advance(by: .seconds(1))
    #expect(world.status("a") == .running)
    #expect(world.supervisor.entry("a", at: world.now)?.nextRun == start + .seconds(1200))
    world.end("a", .code(0))
    #expect(world.status("a") == .waiting)
    #expect(world.supervisor.entry("a", at: world.now)?.nextRun == start + .seconds(1200))
    #expect(world.violations.isEmpty)
  }

  @Test func aStartRunsItNowAndAStopEndsTheSchedule() throws {
    var world = makeWorld()
    world.ask(.add(try scheduled("@hourly")))
    world.ask(.start(id: "a"))
    #expect(world.status("a") == .running)
    world.end("a", .code(0))
    #expect(world.status("a") == .waiting)
    let ticket = world.ask(.stop(id: "a"))
    #expect(world.answers[ticket]?.isDone == true)
    world.advance(by: .seconds(10_000))
    #expect(world.status("a") == .manuallyStopped)
    world.ask(.start(id: "a"))
    #expect(world.status("a") == .running)
    #expect(world.violations.isEmpty)
  }

  @Test func aRunThatWasLeftOutIsNotDueAgainWhenTheClockIsSetBackALittle() throws {
    var world = makeWorld()
    let start = world.now.sinceEpoch
    world.ask(.add(try scheduled("@hourly")))
    world.ask(.start(id: "a"))
    world.advance(by: .seconds(3660))
    #expect(world.lines(of: "a").contains { $0.contains("is due and left out") })
    world.epoch -= .seconds(600)
    world.end("a", .code(0))
    #expect(world.supervisor.entry("a", at: world.now)?.nextRun == start + .seconds(7200))
    #expect(world.violations.isEmpty)
  }

  @Test func aClockThatIsSetIsNoticedWithinAMinute() throws {
    var world = makeWorld()
    world.ask(.add(try scheduled("@hourly")))
    world.epoch += .seconds(1800)
    world.advance(by: .seconds(60))
    #expect(world.status("a") == .waiting)
    world.epoch += .seconds(1700)
    world.advance(by: .seconds(60))
    #expect(world.status("a") == .running)
    #expect(world.violations.isEmpty)
  }

  @Test func aClockThatIsSetBackALittleRepeatsNothing() throws {
    var world = makeWorld()
    world.ask(.add(try scheduled("@hourly")))
    world.advance(by: .seconds(3600))
    world.end("a", .code(0))
    world.epoch -= .seconds(600)
    world.advance(by: .seconds(3600))
    #expect(world.status("a") == .waiting)
    world.advance(by: .seconds(600))
    #expect(world.status("a") == .running)
    #expect(world.violations.isEmpty)
  }

  @Test func aClockThatIsSetBackFarStartsAnew() throws {
    var world = makeWorld()
    world.ask(.add(try scheduled("@hourly")))
    world.advance(by: .seconds(3600))
    world.end("a", .code(0))
    world.epoch -= .seconds(24 * 3600)
    world.advance(by: .seconds(3600))
    #expect(world.status("a") == .running)
    #expect(world.violations.isEmpty)
  }

  @Test func whatWasDueLongAgoIsLeftOut() throws {
    var world = makeWorld()
    world.ask(.add(try scheduled("0 0 * * *")))
    world.epoch += .seconds(40 * 3600)
    world.advance(by: .seconds(60))
    #expect(world.status("a") == .waiting)
    #expect(world.lines(of: "a").contains { $0.contains("the clock was set") })
    #expect(world.violations.isEmpty)
  }

  @Test func aRunThatIsDueDuringTheLastIsLeftOut() throws {
    var world = makeWorld()
    world.ask(.add(try scheduled("* * * * *")))
    world.advance(by: .seconds(60))
    world.advance(by: .seconds(150))
    #expect(world.lines(of: "a").filter { $0.contains("due and left out") }.count == 2)
    world.end("a", .code(0))
    #expect(world.status("a") == .waiting)
    world.advance(by: .seconds(30))
    #expect(world.supervisor.entry("a", at: world.now)?.runCount == 2)
    #expect(world.violations.isEmpty)
  }

  @Test func aQueuedRunBeginsWhenTheLastIsOverAndOnlyOnce() throws {
    var world = makeWorld()
    var definition = try scheduled("* * * * *")
    definition.overlap = .queue
    world.ask(.add(definition))
    world.advance(by: .seconds(60 + 150))
    world.end("a", .code(0))
    #expect(world.status("a") == .running)
    world.end("a", .code(0))
    #expect(world.status("a") == .waiting)
    #expect(world.supervisor.entry("a", at: world.now)?.runCount == 2)
    #expect(world.violations.isEmpty)
  }

  @Test func whatIsDueWhileTheLastRunEndsIsQueuedToo() throws {
    var world = makeWorld()
    world.behaviours["a"] = PaperBehaviour(hookTakes: .seconds(30))
    var definition = try scheduled("* * * * *")
    definition.overlap = .queue
    definition.afterExit = ["clean"]
    world.ask(.add(definition))
    world.advance(by: .seconds(60 + 50))
    world.end("a", .code(0))
    world.advance(by: .seconds(30))
    #expect(world.status("a") == .running)
    #expect(world.violations.isEmpty)
  }

  @Test func aRunThatTakesTooLongIsEndedAndTheNextOneComesAsUsual() throws {
    var world = makeWorld()
    var definition = try scheduled("0 * * * *")
    definition.runTimeout = .seconds(100)
    world.ask(.add(definition))
    world.advance(by: .seconds(3600 + 100))
    #expect(world.status("a") == .waiting)
    let entry = world.supervisor.entry("a", at: world.now)
    #expect(
      entry?.error
        == "the last run was ended after taking more than 100s (run_timeout_seconds)")
    #expect(entry?.lastExit?.reason == .runTimeout)
    world.advance(by: .seconds(3500))
    #expect(world.status("a") == .running)
    #expect(world.supervisor.entry("a", at: world.now)?.error == nil)
    #expect(world.violations.isEmpty)
  }

  @Test func aScheduleThatIsNeverDueIsAnError() throws {
    var world = makeWorld()
    let ticket = world.ask(.add(try scheduled("0 0 30 2 *")))
    #expect(world.status("a") == .failed)
    #expect(
      world.supervisor.entry("a", at: world.now)?.error == "schedule '0 0 30 2 *' has no next time")
    #expect(world.answers[ticket]?.message.contains("will not run by itself") == true)
    #expect(world.violations.isEmpty)
  }

  @Test func aZoneThatIsReadAgainMovesTheNextRun() throws {
    var world = makeWorld()
    let start = world.now.sinceEpoch
    world.ask(.add(try scheduled("30 * * * *")))
    #expect(world.supervisor.entry("a", at: world.now)?.nextRun == start + .seconds(1800))
    world.send(.zoneRead(TimeZoneOffsets([.init(at: 0, offset: 900)])))
    #expect(world.supervisor.entry("a", at: world.now)?.nextRun == start + .seconds(900))
    world.advance(by: .seconds(900))
    #expect(world.status("a") == .running)
    world.send(.zoneRead(.utc))
    #expect(world.supervisor.entry("a", at: world.now)?.nextRun == start + .seconds(1800))
    #expect(world.violations.isEmpty)
  }
}
