import Basics
import Supervision
import Testing

@Suite struct RestartCommandTests {
  @Test func restartEndsTheOldRunAndAnswersOnceTheNewOneIsSpawned() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(stopTakes: .seconds(1))
    world.ask(.add(.always("web")))
    let ticket = world.ask(.restart(id: "web"))
    #expect(world.status("web") == .stopping)
    #expect(world.signals(to: "web") == [.terminate])
    world.advance(by: .seconds(1))
    #expect(world.answers[ticket]?.isDone == true)
    #expect(world.status("web") == .running)
    #expect(world.supervisor.entry("web", at: world.now)?.runCount == 2)
    #expect(world.liveChildren(of: "web") == 1)
    #expect(world.violations.isEmpty)
  }

  @Test func restartIsImmediateAndStartsTheCountAfresh() {
    var world = PaperWorld()
    world.ask(.add(.always("web")))
    world.end("web", .code(1))
    world.advance(by: .seconds(2))
    #expect(world.supervisor.entry("web", at: world.now)?.restartCount == 1)
    world.ask(.restart(id: "web"))
    world.advance(by: .zero)
    #expect(world.status("web") == .running)
    #expect(world.supervisor.entry("web", at: world.now)?.restartCount == 0)
    // It counts what happened by itself, from the first day on.
    #expect(world.supervisor.entry("web", at: world.now)?.restartTotal == 1)
  }

  @Test func restartDuringBackoffStartsAtOnce() {
    var world = PaperWorld()
    world.ask(.add(.always("web")))
    world.end("web", .code(1))
    let ticket = world.ask(.restart(id: "web"))
    #expect(world.answers[ticket]?.isDone == true)
    #expect(world.status("web") == .running)
    #expect(world.timers.isEmpty)
  }

  @Test func restartOfAStoppedProcessStartsIt() {
    var world = PaperWorld()
    world.ask(.add(.always("web")))
    world.ask(.stop(id: "web"))
    world.advance(by: .zero)
    let ticket = world.ask(.restart(id: "web"))
    #expect(world.answers[ticket]?.isDone == true)
    #expect(world.status("web") == .running)
  }

  @Test func restartWhileStartingJoinsThatStart() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(spawnTakes: .seconds(1))
    world.ask(.add(.always("web")))
    let ticket = world.ask(.restart(id: "web"))
    world.advance(by: .seconds(1))
    #expect(world.answers[ticket]?.isDone == true)
    #expect(world.supervisor.entry("web", at: world.now)?.runCount == 1)
  }

  @Test func severalRestartsAreOneRestart() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(stopTakes: .seconds(1))
    world.ask(.add(.always("web")))
    let tickets = (0..<3).map { _ in world.ask(.restart(id: "web")) }
    world.advance(by: .seconds(1))
    for ticket in tickets { #expect(world.answers[ticket]?.isDone == true) }
    #expect(world.supervisor.entry("web", at: world.now)?.runCount == 2)
  }

  @Test func aStopDuringARestartSupersedesIt() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(stopTakes: .seconds(1))
    world.ask(.add(.always("web")))
    let restart = world.ask(.restart(id: "web"))
    let stop = world.ask(.stop(id: "web"))
    #expect(world.answers[restart]?.refusal == .conflict)
    #expect(world.answers[restart]?.message.contains("superseded by a stop") == true)
    world.advance(by: .seconds(1))
    #expect(world.answers[stop]?.isDone == true)
    #expect(world.status("web") == .manuallyStopped)
  }

  @Test func aRestartWhoseStartFailsIsRefused() {
    var world = PaperWorld()
    world.ask(.add(.once("web")))
    world.behaviours["web"] = PaperBehaviour(startFailure: "no such file")
    let ticket = world.ask(.restart(id: "web"))
    world.advance(by: .zero)
    #expect(world.answers[ticket]?.refusal == .conflict)
    #expect(world.status("web") == .failed)
  }
}
