import Basics
import Supervision
import Testing

@Suite struct PeriodicTests {
  @Test func itRunsAtOnceAndThenAPeriodAfterTheEndOfEachRun() {
    var world = PaperWorld()
    world.behaviours["job"] = PaperBehaviour(lifetime: .seconds(5))
    world.ask(.add(.periodic("job")))
    #expect(world.status("job") == .running)
    world.advance(by: .seconds(5))
    #expect(world.status("job") == .waiting)
    let due = world.supervisor.entry("job", at: world.now)?.nextRun
    #expect(due == world.now.sinceEpoch + .seconds(60))
    world.advance(by: .seconds(59))
    #expect(world.status("job") == .waiting)
    world.advance(by: .seconds(1))
    #expect(world.status("job") == .running)
    world.advance(by: .seconds(65 * 9))
    #expect(world.supervisor.entry("job", at: world.now)?.runCount == 11)
    #expect(world.supervisor.entry("job", at: world.now)?.restartCount == 0)
  }

  @Test func aRunThatFailsIsFollowedByTheNextAllTheSame() {
    var world = PaperWorld()
    world.behaviours["job"] = PaperBehaviour(lifetime: .seconds(5), exit: .code(1))
    var definition = ProcessDefinition.periodic("job")
    definition.restartPolicy = .always
    world.ask(.add(definition))
    world.advance(by: .seconds(5))
    #expect(world.status("job") == .waiting)
    world.advance(by: .seconds(60))
    #expect(world.status("job") == .running)
  }

  @Test func aStartThatFailsWaitsForTheNextWithAnError() {
    var world = PaperWorld()
    world.behaviours["job"] = PaperBehaviour(startFailure: "no")
    world.ask(.add(.periodic("job")))
    let entry = world.supervisor.entry("job", at: world.now)
    #expect(entry?.status == .waiting)
    #expect(entry?.error == "could not be started: no")
    #expect(entry?.nextRun == world.now.sinceEpoch + .seconds(60))
  }

  @Test func stopDuringARunEndsItAndNoRunFollows() {
    var world = PaperWorld()
    world.ask(.add(.periodic("job")))
    world.ask(.stop(id: "job"))
    world.advance(by: .seconds(600))
    #expect(world.liveChildren(of: "job") == 0)
    #expect(world.status("job") == .manuallyStopped)
  }

  @Test func stopBetweenRunsCancelsTheNext() {
    var world = PaperWorld()
    world.ask(.add(.periodic("job")))
    world.end("job", .code(0))
    let ticket = world.ask(.stop(id: "job"))
    #expect(world.answers[ticket]?.isDone == true)
    #expect(world.status("job") == .manuallyStopped)
    #expect(world.timers.isEmpty)
  }

  @Test func startBetweenRunsRunsItAtOnce() {
    var world = PaperWorld()
    world.ask(.add(.periodic("job")))
    world.end("job", .code(0))
    let ticket = world.ask(.start(id: "job"))
    #expect(world.answers[ticket]?.isDone == true)
    #expect(world.status("job") == .running)
    #expect(world.timers.isEmpty)
  }

  @Test func aPeriodWithoutPeriodicHasNoEffect() {
    var world = PaperWorld()
    var definition = ProcessDefinition.once("web")
    definition.period = .seconds(60)
    world.ask(.add(definition))
    world.end("web", .code(0))
    #expect(world.status("web") == .stopped)
  }

  @Test func thePeriodCountsFromTheExitAlsoWhereOutputComesLate() {
    var world = PaperWorld()
    world.behaviours["job"] = PaperBehaviour(outputTakes: .milliseconds(1500))
    world.ask(.add(.periodic("job")))
    world.end("job", .code(0))
    let due = world.now.sinceEpoch + .seconds(60)
    world.advance(by: .milliseconds(1500))
    #expect(world.status("job") == .waiting)
    #expect(world.supervisor.entry("job", at: world.now)?.nextRun == due)
    world.advance(by: .milliseconds(58_500))
    #expect(world.status("job") == .running)
  }
}
