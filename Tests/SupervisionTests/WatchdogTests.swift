import Supervision
import Testing

@Suite struct WatchdogTests {
  static func watched(_ id: String, _ policy: RestartPolicy = .always) -> ProcessDefinition {
    var definition = ProcessDefinition.once(id)
    definition.restartPolicy = policy
    definition.execution.watchdog = .seconds(20)
    return definition
  }

  @Test func silenceEndsTheRun() {
    var world = PaperWorld()
    world.ask(.add(Self.watched("a")))
    for _ in 0..<5 {
      world.advance(by: .seconds(19))
      world.tell("a") { $0.isAlive = true }
    }
    #expect(world.status("a") == .running)
    world.advance(by: .seconds(20))
    #expect(world.status("a") == .backoff)
    #expect(world.supervisor.entry("a", at: world.now)?.lastExit?.reason == .watchdog)
    #expect(
      world.lines(of: "a").contains(
        "Ending process 'a' (PID: 101) after no WATCHDOG=1 within 20s (watchdog_seconds)"))
    #expect(world.violations.isEmpty)
  }

  @Test func whoTellsWhenItIsReadyIsExpectedToBeAliveFromThenOn() {
    var world = PaperWorld()
    var definition = Self.watched("a")
    definition.execution.ready = .notify
    world.ask(.add(definition))
    world.advance(by: .seconds(60))
    #expect(world.status("a") == .starting)
    world.tell("a") { $0.isReady = true }
    world.advance(by: .seconds(20))
    #expect(world.status("a") == .backoff)
    #expect(world.violations.isEmpty)
  }

  @Test func aReportOfItsOwnFailureIsOne() {
    var world = PaperWorld()
    world.ask(.add(Self.watched("a", .never)))
    world.tell("a") { $0.hasFailed = true }
    world.advance(by: .zero)
    #expect(world.status("a") == .failed)
    #expect(world.violations.isEmpty)
  }
}
