import Supervision
import Testing

@Suite struct HealthTests {
  static func checked(
    _ id: String, _ policy: RestartPolicy = .never, _ change: (inout HealthCheck) -> Void = { _ in }
  ) -> ProcessDefinition {
    var definition = ProcessDefinition.once(id)
    definition.restartPolicy = policy
    var check = HealthCheck(.http("http://localhost/"))
    change(&check)
    definition.healthCheck = check
    return definition
  }

  private func probes(_ world: PaperWorld) -> Int {
    world.effects.count { if case .run(_, .probe) = $0 { true } else { false } }
  }

  @Test func theNextProbeBeginsAnIntervalAfterTheEndOfTheLast() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(probeTakes: .seconds(2))
    world.ask(.add(Self.checked("a")))
    #expect(probes(world) == 1)
    #expect(world.supervisor.entry("a", at: world.now)?.health.status == .starting)
    world.advance(by: .seconds(2))
    #expect(world.supervisor.entry("a", at: world.now)?.health.status == .healthy)
    world.advance(by: .milliseconds(9_900))
    #expect(probes(world) == 1)
    world.advance(by: .milliseconds(100))
    #expect(probes(world) == 2)
    #expect(world.lines(of: "a").filter { $0.contains("healthy") }.count == 1)
    #expect(world.violations.isEmpty)
  }

  @Test func failuresInARowMakeItUnhealthyAndItIsRestartedWhateverThePolicy() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(probeFailure: "status 500")
    world.ask(.add(Self.checked("a")))
    world.advance(by: .seconds(19))
    #expect(world.status("a") == .running)
    #expect(world.supervisor.entry("a", at: world.now)?.health.error == "status 500")
    world.advance(by: .seconds(1))
    #expect(world.status("a") == .backoff)
    let entry = world.supervisor.entry("a", at: world.now)
    #expect(
      entry?.error
        == "the last run was ended after 3 failed health checks in a row: status 500")
    #expect(entry?.lastExit?.reason == .unhealthy)
    #expect(entry?.health == Health())
    world.advance(by: .seconds(2))
    #expect(world.status("a") == .running)
    #expect(world.violations.isEmpty)
  }

  @Test func unhealthyOnesAreGivenUpLikeOthers() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(probeFailure: "refused")
    world.ask(.add(Self.checked("a").limited(to: 1)))
    world.advance(by: .seconds(60))
    #expect(world.status("a") == .failed)
    #expect(
      world.supervisor.entry("a", at: world.now)?.error
        == "gave up after 1 restart; the last run was ended after 3 failed health checks in a row: refused"
    )
    #expect(world.violations.isEmpty)
  }

  @Test func failuresOfTheStartPeriodDoNotCount() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(probeFailure: "refused")
    world.ask(.add(Self.checked("a") { $0.startPeriod = .seconds(35) }))
    world.advance(by: .seconds(59))
    #expect(world.status("a") == .running)
    world.advance(by: .seconds(1))
    #expect(world.status("a") == .backoff)
    #expect(world.violations.isEmpty)
  }

  @Test func oneSuccessEndsTheStartPeriod() {
    var world = PaperWorld()
    world.ask(.add(Self.checked("a") { $0.startPeriod = .seconds(1000) }))
    world.changeBehaviour(of: "a") { $0.probeFailure = "refused" }
    world.advance(by: .seconds(30))
    #expect(world.status("a") == .backoff)
  }

  @Test func reportShowsItAndItsRecovery() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(probeFailure: "refused")
    world.ask(.add(Self.checked("a") { $0.onFailure = .report }))
    world.advance(by: .seconds(100))
    let entry = world.supervisor.entry("a", at: world.now)
    #expect(entry?.status == .running)
    #expect(entry?.health.status == .unhealthy)
    #expect(entry?.health.since == world.now.sinceEpoch - .seconds(80))
    world.changeBehaviour(of: "a") { $0.probeFailure = nil }
    world.advance(by: .seconds(10))
    #expect(world.supervisor.entry("a", at: world.now)?.health.status == .healthy)
    #expect(world.supervisor.entry("a", at: world.now)?.health.error == nil)
    #expect(
      world.lines(of: "a").filter { $0.contains("healthy") } == [
        "Process 'a' is unhealthy (PID: 101) after 3 failed health checks in a row: refused",
        "Process 'a' is healthy again (PID: 101)",
      ])
    #expect(world.violations.isEmpty)
  }

  @Test func aProbeUnderWayDoesNotOutliveTheWishForItsRun() {
    for end in [Command.stop(id: "a"), .restart(id: "a"), .remove(id: "a", deletesLog: false)] {
      var world = PaperWorld()
      world.behaviours["a"] = PaperBehaviour(stopTakes: .seconds(5), probeTakes: .seconds(3))
      world.ask(.add(Self.checked("a")))
      world.ask(end)
      #expect(world.probes.isEmpty)
      world.advance(by: .seconds(20))
      #expect(world.violations.isEmpty)
    }
  }
}
