import Supervision
import Testing

@Suite struct ReadinessTests {
  /// A process that says when it is ready.
  static func notifying(_ id: String) -> ProcessDefinition {
    var definition = ProcessDefinition.always(id)
    definition.execution.ready = .notify
    return definition
  }

  @Test func aProcessThatTellsIsStartingUntilItHasTold() throws {
    var world = PaperWorld()
    world.ask(.add(Self.notifying("a")))
    #expect(world.status("a") == .starting)
    var notification = Notification()
    notification.isReady = true
    world.send(.notified(try #require(world.supervisor.run(of: "a")), notification))
    #expect(world.status("a") == .running)
    #expect(world.supervisor.entry("a", at: world.now)?.isReady == true)
    #expect(world.violations.isEmpty)
  }
}
