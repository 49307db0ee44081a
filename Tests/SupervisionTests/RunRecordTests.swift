import Basics
import Supervision
import Testing

@Suite struct RunRecordTests {
  @Test func theLatestTwentyRunsAreThereAndTheOneThatGoesOn() {
    var world = PaperWorld()
    var definition = ProcessDefinition.always("a")
    definition.restartDelays = [.seconds(1)]
    world.ask(.add(definition))
    for code in Int32(0)..<25 {
      world.advance(by: .seconds(3))
      world.end("a", .code(code))
      world.advance(by: .seconds(1))
    }
    let runs = world.supervisor.runs(of: "a", at: world.now) ?? []
    #expect(runs.map(\.number) == Array((6...26).reversed()))
    #expect(runs.first?.end == nil && runs.first?.duration == .zero)
    #expect(runs.dropFirst().map(\.status) == (5..<25).reversed().map { .code($0) })
    #expect(runs.dropFirst().allSatisfy { $0.duration == .seconds(3) })
    #expect(runs[1].start + .seconds(3) == runs[1].end)
    #expect(world.supervisor.runs(of: "b", at: world.now) == nil)
  }

  @Test func whatEndedARunIsRecorded() {
    var world = PaperWorld()
    world.ask(.add(.once("a")))
    world.ask(.restart(id: "a"))
    world.advance(by: .zero)
    world.ask(.stop(id: "a"))
    world.advance(by: .zero)
    let runs = world.supervisor.runs(of: "a", at: world.now) ?? []
    #expect(runs.map(\.reason) == ["stopped by an operator", "restarted by an operator"])
    #expect(runs.map(\.status) == [.signal(.terminate), .signal(.terminate)])
    #expect(world.violations.isEmpty)
  }

  @Test func theDefinitionHasItsOwnDelaysAndItsOwnTimeToSettle() {
    var world = PaperWorld()
    var definition = ProcessDefinition.always("a")
    definition.restartDelays = [.milliseconds(100), .seconds(7)]
    definition.restartReset = .seconds(60)
    world.ask(.add(definition))
    for delay in [Duration.milliseconds(100), .seconds(7), .seconds(7), .seconds(7)] {
      world.end("a", .code(1))
      #expect(world.supervisor.entry("a", at: world.now)?.nextRun == world.now.sinceEpoch + delay)
      #expect(
        world.supervisor.entry("a", at: world.now)?.error
          == "the last run ended with exit status: 1")
      world.advance(by: delay)
    }
    world.advance(by: .seconds(60))
    world.end("a", .code(1))
    world.advance(by: .milliseconds(100))
    #expect(world.supervisor.entry("a", at: world.now)?.restartCount == 1)
    #expect(world.violations.isEmpty)
  }
}
