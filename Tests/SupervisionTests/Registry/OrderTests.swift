import Basics
import Supervision
import Testing

/// `web` depends on `api`, that on `db`; `job` stands alone.
@Suite struct OrderTests {
  private func makeWorld() -> PaperWorld {
    var world = PaperWorld()
    for id in ["db", "api", "web", "job"] {
      world.behaviours[id] = PaperBehaviour(stopTakes: .seconds(1))
    }
    world.ask(.add(.always("db")))
    world.ask(.add(.always("api").after("db")))
    world.ask(.add(.always("web").after("api", "db")))
    world.ask(.add(.always("job")))
    return world
  }

  @Test func allAreStoppedInReverseOrderAndWhatIsAloneAtOnce() {
    var world = makeWorld()
    let ticket = world.ask(.stopAll)
    #expect(world.stops == ["job", "web"])
    world.advance(by: .seconds(1))
    #expect(world.stops == ["job", "web", "api"])
    world.advance(by: .seconds(1))
    #expect(world.stops == ["job", "web", "api", "db"])
    #expect(world.answers[ticket] == nil)
    world.advance(by: .seconds(1))
    #expect(world.outcomes(ticket).map(\.id) == ["api", "db", "job", "web"])
    #expect(world.answers[ticket]?.message == "4 of 4 processes stopped")
    #expect(world.violations.isEmpty)
  }

  @Test func aShutdownStopsInReverseOrder() {
    var world = makeWorld()
    world.send(.shutdownRequested)
    #expect(world.stops == ["job", "web"])
    world.advance(by: .seconds(1))
    #expect(world.stops == ["job", "web", "api"])
    world.advance(by: .seconds(2))
    #expect(world.stops == ["job", "web", "api", "db"])
    #expect(world.hasFinished)
    #expect(world.violations.isEmpty)
  }

  @Test func aSecondSignalKillsAllAtOnce() {
    var world = makeWorld()
    for id in ["db", "api", "web"] { world.behaviours[id]?.ignoresStopSignal = true }
    world.send(.shutdownRequested)
    world.send(.killRequested)
    world.advance(by: .zero)
    #expect(world.signals(to: "db") == [.kill])
    #expect(world.signals(to: "web") == [.terminate, .kill])
    #expect(world.hasFinished)
    #expect(world.violations.isEmpty)
  }

  @Test func whatCrashesWhileOthersEndIsNotStartedAgain() {
    for command in [Command.stopAll, .shutdown] {
      var world = makeWorld()
      world.ask(command)
      world.end("db", .code(1))
      world.advance(by: .seconds(60))
      #expect(world.spawns.count == 4)
      #expect(world.status("db") == (command == .stopAll ? .manuallyStopped : .stopped))
      #expect(world.asked == Set(world.answers.keys))
      #expect(world.violations.isEmpty)
    }
  }

  @Test func whatCannotBeKilledHoldsTheOthersUpForALimitedTime() {
    var world = makeWorld()
    world.ask(.remove(id: "web", deletesLog: false))
    world.advance(by: .seconds(1))
    world.behaviours["web"] = PaperBehaviour(outlivesKill: true)
    world.ask(.add(.always("web").after("api")))
    world.send(.shutdownRequested)
    world.advance(by: .seconds(20))
    #expect(world.signals(to: "api") == [.terminate])
    world.advance(by: .seconds(2))
    #expect(world.hasFinished)
  }

  @Test func theLongestEndIsTheLongestPath() {
    let world = makeWorld()
    // Three after each other, each 10 s for its signal, 10 s for SIGKILL, 2 s for output.
    #expect(world.supervisor.longestEnd(at: world.now) == .seconds(66))
  }

  @Test func allAreRestartedDownInReverseOrderAndUpInOrder() {
    var world = makeWorld()
    let ticket = world.ask(.restartAll)
    #expect(world.stops == ["job", "web"])
    world.advance(by: .seconds(1))
    #expect(world.error("web") == "waits until 'api', 'db' have been restarted")
    world.advance(by: .seconds(1))
    #expect(world.spawns.dropFirst(4) == ["job"])
    world.advance(by: .seconds(1))
    #expect(world.spawns.dropFirst(4) == ["job", "db", "api", "web"])
    #expect(world.outcomes(ticket).map(\.success) == [true, true, true, true])
    #expect(world.answers[ticket]?.message == "4 of 4 processes restarted")
    #expect(world.violations.isEmpty)
  }

  @Test func aRestartOfAllGoesOnWhereOneDoesNotStart() {
    var world = makeWorld()
    world.behaviours["db"] = PaperBehaviour(startFailure: "no such file")
    let ticket = world.ask(.restartAll)
    world.advance(by: .seconds(3))
    let outcomes = world.outcomes(ticket)
    #expect(outcomes.map(\.id) == ["api", "db", "job", "web"])
    #expect(outcomes.map(\.success) == [true, false, true, true])
    #expect(outcomes[0].message.contains("waits for 'db' (started)"))
    world.behaviours["db"] = nil
    world.advance(by: .seconds(10))
    for id in ["db", "api", "web"] { #expect(world.status(id) == .running) }
    #expect(world.violations.isEmpty)
  }

  @Test func aStopDuringARestartOfAllHolds() {
    for id in ["db", "api", "web"] {
      var world = makeWorld()
      let all = world.ask(.restartAll)
      world.advance(by: .milliseconds(500))
      world.ask(.stop(id: id))
      world.advance(by: .seconds(10))
      #expect(world.status(id) == .manuallyStopped)
      #expect(world.outcomes(all).count == 4)
      #expect(world.outcomes(all).first { $0.id == id }?.success == false)
      #expect(world.asked == Set(world.answers.keys))
      #expect(world.violations.isEmpty)
    }
  }

  @Test func aSecondRestartOfAllIsRefusedMeanwhileAndAStopOfAllWins() {
    var world = makeWorld()
    let restart = world.ask(.restartAll)
    let second = world.ask(.restartAll)
    #expect(world.answers[second]?.refusal == .conflict)
    world.advance(by: .seconds(1))
    let stop = world.ask(.stopAll)
    world.advance(by: .seconds(10))
    for id in ["db", "api", "web", "job"] { #expect(world.status(id) == .manuallyStopped) }
    #expect(world.outcomes(restart).count == 4)
    #expect(world.outcomes(stop).map(\.success) == [true, true, true, true])
    #expect(world.violations.isEmpty)
  }

  @Test func aShutdownEndsARestartOfAllWithAnAnswer() {
    var world = makeWorld()
    let ticket = world.ask(.restartAll)
    world.advance(by: .seconds(1))
    world.send(.shutdownRequested)
    #expect(world.answers[ticket]?.refusal == .shuttingDown)
    world.advance(by: .seconds(10))
    #expect(world.spawns.count == 5)
    #expect(world.hasFinished)
    #expect(world.violations.isEmpty)
  }

  @Test func startAllStartsInOrder() {
    var world = makeWorld()
    world.ask(.stopAll)
    world.advance(by: .seconds(3))
    let ticket = world.ask(.startAll)
    #expect(world.spawns.dropFirst(4) == ["db", "job", "api", "web"])
    #expect(world.outcomes(ticket).map(\.success) == [true, true, true, true])
  }

  @Test func aStartOfAllDuringAStopOfAllLeavesAllRunning() {
    var world = makeWorld()
    let stop = world.ask(.stopAll)
    world.advance(by: .milliseconds(1500))
    #expect(world.stops == ["job", "web", "api"])
    let start = world.ask(.startAll)
    world.advance(by: .seconds(10))
    for id in ["db", "api", "web", "job"] { #expect(world.status(id) == .running) }
    #expect(world.stops == ["job", "web", "api"])
    #expect(world.outcomes(start).map(\.success) == [true, true, true, true])
    #expect(
      world.outcomes(stop).first { $0.id == "db" }?.message
        == "The stop of process 'db' was superseded by a start")
    #expect(world.violations.isEmpty)
  }

  @Test func aStartOfOneDuringAStopOfAllHolds() {
    var world = makeWorld()
    let stop = world.ask(.stopAll)
    let start = world.ask(.start(id: "db"))
    #expect(world.answers[start]?.message == "Process 'db' is already running (PID 101)")
    world.advance(by: .seconds(10))
    #expect(world.status("db") == .running)
    #expect(world.outcomes(stop).map(\.success) == [true, false, true, true])
    #expect(world.violations.isEmpty)
  }

  @Test func whatIsStartedOrRestartedDuringAStopOfAllHoldsUpNoOther() {
    for command in [Command.start(id: "api"), .restart(id: "api")] {
      var world = makeWorld()
      let stop = world.ask(.stopAll)
      world.ask(command)
      world.advance(by: .seconds(10))
      #expect(world.outcomes(stop).map(\.success) == [false, true, true, true])
      #expect(world.status("db") == .manuallyStopped)
      #expect(world.asked == Set(world.answers.keys))
      #expect(world.violations.isEmpty)
    }
  }

  @Test func aStopOrRestartOfOneTouchesNoOther() {
    var world = makeWorld()
    world.ask(.restart(id: "db"))
    world.advance(by: .seconds(1))
    world.ask(.stop(id: "db"))
    world.advance(by: .seconds(1))
    #expect(world.status("api") == .running)
    #expect(world.stops == ["db", "db"])
  }
}
