import Supervision
import Testing

@Suite struct MemoryTests {
  private func world(_ memory: Int?) -> PaperWorld {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(memory: memory)
    var definition = ProcessDefinition.once("a")
    definition.restartAboveMemoryBytes = 100
    world.ask(.add(definition))
    return world
  }

  @Test func twoSamplesInARowAboveTheLimitRestartItWhateverThePolicy() {
    var world = world(101)
    world.advance(by: .seconds(5))
    #expect(world.status("a") == .running)
    world.changeBehaviour(of: "a") { $0.memory = 130 }
    world.advance(by: .seconds(5))
    #expect(world.status("a") == .backoff)
    let entry = world.supervisor.entry("a", at: world.now)
    #expect(
      entry?.error
        == "the last run was ended after 101 and then 130 bytes of memory (restart_above_memory_bytes is 100)"
    )
    #expect(entry?.lastExit?.reason == .memory)
    #expect(world.violations.isEmpty)
  }

  @Test func aPeakAloneIsNoReason() {
    var world = world(101)
    for _ in 0..<5 {
      world.advance(by: .seconds(5))
      world.changeBehaviour(of: "a") { $0.memory = 100 }
      world.advance(by: .seconds(5))
      world.changeBehaviour(of: "a") { $0.memory = 101 }
    }
    #expect(world.status("a") == .running)
    #expect(world.supervisor.entry("a", at: world.now)?.runCount == 1)
    #expect(world.violations.isEmpty)
  }

  /// A sample that could not be taken is none of zero.
  @Test func aSampleThatIsNotKnownDoesNotEndTheRowAboveTheLimit() {
    var world = world(101)
    world.advance(by: .seconds(5))
    world.changeBehaviour(of: "a") { $0.memory = nil }
    world.advance(by: .seconds(5))
    #expect(world.status("a") == .running)
    world.changeBehaviour(of: "a") { $0.memory = 130 }
    world.advance(by: .seconds(5))
    #expect(world.status("a") != .running)
    #expect(world.violations.isEmpty)
  }

  @Test func whatIsNotKnownIsNotAbove() {
    var world = world(nil)
    world.advance(by: .seconds(60))
    #expect(world.status("a") == .running)
    #expect(world.violations.isEmpty)
  }
}
