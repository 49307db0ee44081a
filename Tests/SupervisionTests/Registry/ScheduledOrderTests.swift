import Basics
import Supervision
import Testing

/// What has a schedule is not run by a command to all.
@Suite struct ScheduledOrderTests {
  private let waits = "Process 'a' waits for its next run (schedule: @hourly)"

  private func makeWorld() throws -> PaperWorld {
    var world = PaperWorld()
    world.behaviours["db"] = PaperBehaviour(stopTakes: .seconds(1))
    world.ask(.add(.always("db")))
    world.ask(.add(try scheduled("@hourly").after("db")))
    return world
  }

  private func scheduled(_ text: String) throws -> ProcessDefinition {
    var definition = ProcessDefinition.once("a")
    definition.schedule = try CronSchedule(text)
    return definition
  }

  @Test(arguments: [Command.startAll, .restartAll])
  func whatWaitsForItsTimeGoesOnWaiting(command: Command) throws {
    var world = try makeWorld()
    let due = world.supervisor.entry("a", at: world.now)?.nextRun
    let ticket = world.ask(command)
    world.advance(by: .seconds(3))
    #expect(world.outcomes(ticket).first?.message == waits)
    #expect(world.outcomes(ticket).map(\.success) == [true, true])
    #expect(!world.spawns.contains("a"))
    #expect(world.status("a") == .waiting)
    #expect(world.supervisor.entry("a", at: world.now)?.nextRun == due)
    world.ask(.restart(id: "a"))
    #expect(world.status("a") == .running)
    #expect(world.violations.isEmpty)
  }

  @Test(arguments: [Command.startAll, .restartAll])
  func whatWasStoppedWaitsForItsTimeAgain(command: Command) throws {
    var world = try makeWorld()
    world.askAndWait(.stopAll)
    world.advance(by: .seconds(1))
    #expect(world.status("a") == .manuallyStopped)
    let ticket = world.ask(command)
    #expect(world.outcomes(ticket).first?.message == waits)
    #expect(world.status("a") == .waiting)
    world.advance(by: .seconds(3600))
    #expect(world.spawns == ["db", "db", "a"])
    #expect(world.violations.isEmpty)
  }

  @Test func whatRunsIsRestartedAndWhatIsNeverDueSaysSo() throws {
    var world = try makeWorld()
    world.ask(.start(id: "a"))
    world.ask(.restartAll)
    world.advance(by: .seconds(2))
    #expect(world.spawns == ["db", "a", "db", "a"])
    world.askAndWait(.update(try scheduled("0 0 30 2 *").after("db")))
    world.end("a", .code(0))
    let ticket = world.ask(.startAll)
    #expect(
      world.outcomes(ticket).first?.message
        == "Process 'a' has no next run: schedule '0 0 30 2 *' has no next time")
    #expect(world.outcomes(ticket).map(\.success) == [false, true])
    #expect(world.status("a") == .failed)
    #expect(world.violations.isEmpty)
  }

  @Test func theCopiesOfAScheduledProcessWaitAfterAChangeOfTheirNumber() throws {
    var world = try makeWorld()
    let ticket = world.askAndWait(.scale(id: "a", instances: 2))
    #expect(
      world.answers[ticket]?.message == "Process 'a' has 2 copies now in place of its one process")
    #expect(world.status("a.1") == .waiting)
    #expect(world.violations.isEmpty)
  }
}
