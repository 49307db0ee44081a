import Basics
import Supervision
import Testing

/// What the runs of a process have come to, as metrics tell it.
@Suite struct RunTallyTests {
  private func tally(_ world: PaperWorld, _ id: String = "a") throws -> RunTally {
    try #require(world.supervisor.entry(id, at: world.now)).tally
  }

  @Test func nothingHasEndedYet() throws {
    var world = PaperWorld()
    world.ask(.add(.once("a")))
    #expect(try tally(world) == RunTally())
  }

  @Test(
    arguments: [
      (.code(0), .success), (.code(7), .success), (.code(1), .exitCode), (.signal(.kill), .signal),
      (.signal(.terminate), .signal),
    ] as [(ExitStatus, ExitReason)])
  func anEndThatNothingAskedForIsItsOwn(status: ExitStatus, reason: ExitReason) throws {
    var world = PaperWorld()
    var definition = ProcessDefinition.once("a")
    definition.successExitCodes = [0, 7]
    world.ask(.add(definition))
    world.end("a", status)
    #expect(try tally(world).exits == [reason: 1])
  }

  @Test func whatWasAskedForCountsAsStopped() throws {
    var world = PaperWorld()
    world.ask(.add(.always("a")))
    world.ask(.restart(id: "a"))
    world.advance(by: .zero)
    world.end("a", .code(3))
    world.advance(by: .seconds(60))
    world.ask(.stop(id: "a"))
    world.advance(by: .zero)
    #expect(try tally(world).exits == [.stopped: 2, .exitCode: 1])
  }

  @Test func whatLastExitNamesIsCountedByItsName() throws {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(ignoresStopSignal: true)
    var definition = ProcessDefinition.always("a")
    definition.execution.memoryMaxBytes = 1 << 20
    world.ask(.add(definition))
    world.leaderRunsOutOfMemory(try #require(world.supervisor.run(of: "a")))
    world.drainQueue()
    world.advance(by: .seconds(60))
    world.ask(.restart(id: "a"))
    world.advance(by: .seconds(10))
    #expect(try tally(world).exits == [.named(.outOfMemory): 1, .named(.stopTimeout): 1])
    #expect(ExitReason.named(.outOfMemory).name == "oom-kill")
  }

  @Test func theNamesAreDifferent() {
    #expect(Set(ExitReason.allCases.map(\.name)).count == 11)
  }

  @Test func theLastSuccessIsTheEndOfARunThatSucceeded() throws {
    var world = PaperWorld()
    world.ask(.add(.once("a")))
    world.advance(by: .seconds(5))
    world.end("a", .code(0))
    let end = world.now.sinceEpoch
    #expect(try tally(world).lastSuccess == end)
    #expect(try tally(world).lastDuration == .seconds(5))
    world.ask(.start(id: "a"))
    world.advance(by: .seconds(7))
    world.end("a", .code(1))
    #expect(try tally(world).lastSuccess == end)
    #expect(try tally(world).lastDuration == .seconds(7))
    // Also one that is told to end and does so with 0.
    world.ask(.start(id: "a"))
    world.advance(by: .seconds(1))
    world.ask(.stop(id: "a"))
    world.advance(by: .zero)
    #expect(try tally(world).lastSuccess == end)
    #expect(try tally(world).lastDuration == .seconds(1))
  }

  @Test(arguments: [Overlap.skip, .queue])
  func aRunThatIsLeftOutIsCounted(overlap: Overlap) throws {
    var world = PaperWorld()
    let rest = world.now.sinceEpoch.components.seconds % 60
    world.clock += .seconds(60 - rest)
    var definition = ProcessDefinition.once("a")
    definition.schedule = try CronSchedule("* * * * *")
    definition.overlap = overlap
    world.ask(.add(definition))
    world.advance(by: .seconds(60 + 200))
    // Of three that were due, one may follow this run.
    #expect(try tally(world).skippedRuns == (overlap == .skip ? 3 : 2))
    #expect(world.violations.isEmpty)
  }

  @Test func whatAJumpOfTheClockLeavesOutIsCountedOnce() throws {
    var world = PaperWorld()
    var definition = ProcessDefinition.once("a")
    definition.schedule = try CronSchedule("0 0 * * *")
    world.ask(.add(definition))
    world.epoch += .seconds(40 * 3600)
    world.advance(by: .seconds(60))
    #expect(try tally(world).skippedRuns == 1)
  }
}
