import Basics
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

  @Test func aProbeThatCouldNotBeMadeCountsForNothingAndIsMadeAgain() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(probeFailure: "status 500")
    world.ask(.add(Self.checked("a") { $0.retries = 2 }))
    world.changeBehaviour(of: "a") { $0.probeObstacle = "too many open files" }
    let before = world.supervisor.entry("a", at: world.now)?.health
    #expect(before?.error == "status 500")
    for number in 1...3 {
      world.advance(by: .seconds(10))
      #expect(probes(world) == 1 + number)
      #expect(world.supervisor.entry("a", at: world.now)?.health == before)
    }
    let line =
      "The health check of process 'a' could not be made, which says nothing of it: too many open files"
    #expect(world.effects.count { $0 == .logSupervisor(line, level: .warning) } == 3)
    // The failure before it still counts.
    world.changeBehaviour(of: "a") { $0.probeObstacle = nil }
    world.advance(by: .seconds(10))
    #expect(world.status("a") == .backoff)
    #expect(world.violations.isEmpty)
  }

  @Test(arguments: [
    (ProbeResult(httpStatus: 200), ProbeResult.succeeded),
    (ProbeResult(httpStatus: 399), .succeeded),
    (ProbeResult(httpStatus: 199), .failed("HTTP status 199")),
    (ProbeResult(httpStatus: 400), .failed("HTTP status 400")),
    (ProbeResult(.code(0), lastLine: "fine"), .succeeded),
    (ProbeResult(.code(3), lastLine: ""), .failed("exit status: 3")),
    (ProbeResult(.code(3), lastLine: "no"), .failed("exit status: 3: no")),
    (
      ProbeResult(.code(3), lastLine: String(repeating: "x", count: 201)),
      .failed("exit status: 3: \(String(repeating: "x", count: 200))")
    ),
    (.timedOut(after: .seconds(3)), .failed("timed out after 3s")),
  ])
  func aProbeIsJudged(result: ProbeResult, expected: ProbeResult) {
    #expect(result == expected)
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
