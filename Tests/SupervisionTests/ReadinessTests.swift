import Basics
import Supervision
import Testing

@Suite struct ReadinessTests {
  /// A process that says when it is ready.
  static func notifying(_ id: String, _ policy: RestartPolicy = .always) -> ProcessDefinition {
    var definition = ProcessDefinition.once(id)
    definition.restartPolicy = policy
    definition.execution.ready = .notify
    return definition
  }

  @Test func aProcessThatTellsIsStartingUntilItHasTold() {
    var world = PaperWorld()
    let ticket = world.ask(.add(Self.notifying("a")))
    #expect(world.status("a") == .starting)
    #expect(world.answers[ticket]?.refusal == nil && world.answers[ticket] != nil)
    world.tell("a") { $0.status = "reading the index" }
    #expect(world.supervisor.entry("a", at: world.now)?.statusText == "reading the index")
    #expect(world.supervisor.entry("a", at: world.now)?.isReady == false)
    world.tell("a") { $0.isReady = true }
    #expect(world.status("a") == .running)
    #expect(world.supervisor.entry("a", at: world.now)?.isReady == true)
    #expect(world.timers.isEmpty)
    #expect(world.violations.isEmpty)
  }

  @Test func notReadyInTimeIsAFailureThatThePolicyDecides() {
    for (policy, status) in [
      (RestartPolicy.always, ProcessStatus.backoff), (.onFailure, .backoff), (.never, .failed),
    ] {
      var world = PaperWorld()
      world.behaviours["a"] = PaperBehaviour(outputTakes: .zero)
      world.ask(.add(Self.notifying("a", policy)))
      world.advance(by: .seconds(89))
      #expect(world.status("a") == .starting)
      world.advance(by: .seconds(1))
      #expect(world.status("a") == status)
      let entry = world.supervisor.entry("a", at: world.now)
      #expect(
        entry?.error
          == "the last run was ended after not being ready within 90s (ready_timeout_seconds)")
      #expect(entry?.lastExit?.reason == .notReady)
      #expect(world.signals(to: "a") == [.terminate])
      let record = world.supervisor.runs(of: "a", at: world.now)?.first
      #expect(record?.reason == "not being ready within 90s (ready_timeout_seconds)")
      #expect(record?.duration == .seconds(90))
      #expect(world.violations.isEmpty)
    }
  }

  @Test func aReadyTimeoutOfZeroIsNone() {
    var world = PaperWorld()
    var definition = Self.notifying("a")
    definition.readyTimeout = .zero
    world.ask(.add(definition))
    world.advance(by: .seconds(10_000))
    #expect(world.status("a") == .starting)
    #expect(world.violations.isEmpty)
  }

  @Test func readyByHealthIsReadyAtTheFirstSuccess() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(probeFailure: "refused")
    var definition = ProcessDefinition.always("a")
    definition.execution.ready = .healthy
    definition.healthCheck = HealthCheck(.tcp("localhost:80"))
    world.ask(.add(definition))
    world.advance(by: .seconds(5))
    #expect(world.status("a") == .starting)
    world.changeBehaviour(of: "a") { $0.probeFailure = nil }
    world.advance(by: .seconds(5))
    #expect(world.status("a") == .running)
    #expect(world.violations.isEmpty)
  }

  @Test func whoSaysThatItStopsIsLeftAloneForTheStopTimeout() {
    var world = PaperWorld()
    var definition = Self.notifying("a")
    definition.execution.watchdog = .seconds(1)
    definition.healthCheck = HealthCheck(.tcp("localhost:80"))
    world.ask(.add(definition))
    world.tell("a") { $0.isReady = true }
    world.tell("a") { $0.isStopping = true }
    #expect(world.status("a") == .stopping)
    #expect(world.supervisor.entry("a", at: world.now)?.isReady == false)
    world.advance(by: .seconds(9))
    #expect(world.signals(to: "a").isEmpty)
    world.end("a", .code(0))
    #expect(world.status("a") == .backoff)
    #expect(world.supervisor.runs(of: "a", at: world.now)?.first?.reason == nil)
    #expect(world.violations.isEmpty)
  }

  @Test func whoSaysThatItStopsAndDoesNotIsKilled() {
    var world = PaperWorld()
    world.ask(.add(Self.notifying("a")))
    world.tell("a") { $0.isStopping = true }
    world.advance(by: .seconds(10))
    #expect(world.signals(to: "a") == [.kill])
    #expect(world.lines(of: "a").contains { $0.contains("10s after it said that it ends") })
    #expect(world.violations.isEmpty)
  }

  @Test func aStopOfOneThatStopsByItselfReachesTheWholeGroup() {
    var world = PaperWorld()
    world.ask(.add(Self.notifying("a")))
    world.tell("a") { $0.isStopping = true }
    let ticket = world.ask(.stop(id: "a"))
    world.advance(by: .zero)
    #expect(world.signals(to: "a") == [.terminate])
    #expect(world.status("a") == .manuallyStopped)
    #expect(world.answers[ticket]?.isDone == true)
    #expect(world.violations.isEmpty)
  }
}
