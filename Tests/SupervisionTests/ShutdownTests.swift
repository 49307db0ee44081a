import Basics
import Supervision
import Testing

@Suite struct ShutdownTests {
  @Test func shutdownAnswersFirstThenStopsAllAndFinishes() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(stopTakes: .seconds(1))
    world.ask(.add(.always("a")))
    world.ask(.add(.always("b")))
    world.end("b", .code(1))
    let before = world.effects.count
    let ticket = world.ask(.shutdown)
    #expect(
      world.effects[before]
        == .reply(ticket, .done("Shutting down: all processes are being stopped")))
    #expect(world.supervisor.isShuttingDown)
    #expect(!world.hasFinished)
    world.advance(by: .seconds(1))
    #expect(world.hasFinished)
    #expect(world.effects.last == .finish(exitCode: 0))
    #expect(world.violations.isEmpty)
  }

  @Test func anIdleSupervisorFinishesAtOnce() {
    var world = PaperWorld()
    world.send(.shutdownRequested)
    #expect(world.hasFinished)
  }

  @Test func commandsDuringAShutdownAreRefusedButAnotherShutdownIsDone() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(stopTakes: .seconds(1))
    world.ask(.add(.always("a")))
    world.send(.shutdownRequested)
    for command in [
      Command.add(.once("b")), .start(id: "a"), .stop(id: "a"), .restart(id: "a"),
      .remove(id: "a", deletesLog: false), .startAll, .stopAll, .restartAll,
    ] {
      #expect(world.answers[world.ask(command)]?.refusal == .shuttingDown)
    }
    let again = world.ask(.shutdown)
    #expect(world.answers[again]?.isDone == true)
    world.advance(by: .seconds(1))
    #expect(world.hasFinished)
    #expect(world.violations.isEmpty)
  }

  @Test func waitingCommandsAreAnsweredBeforeTheFinish() {
    var world = PaperWorld()
    for id in ["a", "b", "c"] {
      world.behaviours[id] = PaperBehaviour(stopTakes: .seconds(1))
      world.ask(.add(.always(id)))
    }
    let stop = world.ask(.stop(id: "a"))
    let restart = world.ask(.restart(id: "b"))
    let remove = world.ask(.remove(id: "c", deletesLog: false))
    world.behaviours["d"] = PaperBehaviour(spawnTakes: .milliseconds(500))
    let add = world.ask(.add(.always("d")))
    world.send(.shutdownRequested)
    #expect(world.answers[restart]?.refusal == .shuttingDown)
    #expect(world.answers[add]?.refusal == .shuttingDown)
    world.advance(by: .seconds(1))
    #expect(world.answers[stop]?.isDone == true)
    #expect(world.answers[remove]?.isDone == true)
    #expect(world.hasFinished)
    #expect(world.violations.isEmpty)
  }

  @Test func aSaveThatIsOutIsWaitedForAndItsProcessStartsNextTime() {
    var world = PaperWorld()
    world.saveTakes = .seconds(1)
    let out = world.ask(.add(.always("a").saved))
    let next = world.ask(.add(.always("b").saved))
    world.send(.shutdownRequested)
    #expect(world.answers[next]?.refusal == .shuttingDown)
    #expect(!world.hasFinished)
    world.advance(by: .seconds(2))
    #expect(world.answers[out]?.refusal == .shuttingDown)
    #expect(world.answers[out]?.message.contains("starts with its next start") == true)
    #expect(world.disk.map(\.id) == ["a"])
    #expect(world.children.isEmpty)
    #expect(world.hasFinished)
    #expect(world.violations.isEmpty)
  }

  @Test func aRemovalThatIsUnderWayIsSavedBeforeTheFinish() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(stopTakes: .seconds(1))
    world.ask(.add(.always("a").saved))
    world.saveTakes = .seconds(1)
    let remove = world.ask(.remove(id: "a", deletesLog: false))
    world.send(.shutdownRequested)
    world.advance(by: .seconds(1))
    #expect(!world.hasFinished)
    world.advance(by: .seconds(1))
    #expect(world.answers[remove]?.isDone == true)
    #expect(world.hasFinished)
    #expect(world.disk.isEmpty)
  }

  @Test func aSecondSignalKillsAtOnce() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(ignoresStopSignal: true)
    world.behaviours["b"] = PaperBehaviour(hasHelpers: true, helpersIgnoreStopSignal: true)
    world.behaviours["c"] = PaperBehaviour(outputIsHeld: true)
    for id in ["a", "b", "c"] { world.ask(.add(.always(id))) }
    world.end("b", .code(0))
    world.send(.shutdownRequested)
    world.advance(by: .milliseconds(100))
    #expect(!world.hasFinished)
    world.send(.killRequested)
    world.advance(by: .zero)
    #expect(world.signals(to: "a") == [.terminate, .kill])
    #expect(world.signals(to: "b") == [.terminate, .kill])
    #expect(world.hasFinished)
    #expect(world.violations.isEmpty)
  }

  @Test func aKillWithoutAShutdownBeforeItIsBoth() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(ignoresStopSignal: true, outputIsHeld: true)
    world.ask(.add(.always("a")))
    world.send(.killRequested)
    world.advance(by: .zero)
    #expect(world.signals(to: "a") == [.kill])
    #expect(world.hasFinished)
    #expect(world.violations.isEmpty)
  }

  @Test func aGroupThatOutlivesItsKillDoesNotHoldTheFinishForEver() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(outlivesKill: true)
    world.ask(.add(.always("a")))
    world.send(.shutdownRequested)
    world.advance(by: .seconds(19))
    #expect(!world.hasFinished)
    world.advance(by: .seconds(1))
    #expect(world.hasFinished)
    #expect(world.ownLines.last?.contains("'a' (PID: 101) is still there") == true)
    #expect(world.violations.isEmpty)
  }

  @Test func aChildThatComesDuringAShutdownIsEnded() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(spawnTakes: .seconds(1))
    world.ask(.add(.always("a")))
    world.send(.shutdownRequested)
    #expect(!world.hasFinished)
    world.advance(by: .seconds(1))
    #expect(world.signals(to: "a") == [.terminate])
    #expect(world.hasFinished)
  }

  @Test func afterTheFinishWhoeverAsksIsStillAnswered() {
    var world = PaperWorld()
    world.send(.shutdownRequested)
    let (refused, done) = (Ticket(1), Ticket(2))
    let now = world.now
    #expect(
      world.supervisor.handle(.command(.startAll, refused), at: now)
        == [
          .reply(refused, .refused(.shuttingDown, message: "shutting down"))
        ])
    #expect(
      world.supervisor.handle(.command(.shutdown, done), at: now)
        == [.reply(done, .done("already shutting down"))])
    #expect(world.supervisor.handle(.killRequested, at: now).isEmpty)
    #expect(world.supervisor.handle(.loadSaved([.once("a")]), at: now).isEmpty)
  }

  @Test func aSecondSignalWaitsNoLongerForWhatHasOutlivedItsKillAlready() {
    var world = PaperWorld()
    world.behaviours["stuck"] = PaperBehaviour(outlivesKill: true)
    world.ask(.add(.always("stuck")))
    var patient = ProcessDefinition.always("patient")
    patient.stopTimeout = .seconds(60)
    world.behaviours["patient"] = PaperBehaviour(ignoresStopSignal: true)
    world.ask(.add(patient))
    world.send(.shutdownRequested)
    world.advance(by: .seconds(20))
    #expect(!world.hasFinished)
    world.send(.killRequested)
    world.advance(by: .zero)
    #expect(world.signals(to: "stuck") == [.terminate, .kill])
    #expect(world.hasFinished)
    #expect(world.violations.isEmpty)
  }

  // MARK: What runs beside the processes

  @Test func whatAnEarlierSupervisorLeftEndsFirst() {
    var world = PaperWorld()
    world.send(.leftoversFound)
    world.ask(.add(.always("a")))
    let stop = world.ask(.shutdown)
    #expect(world.answers[stop]?.isDone == true)
    world.advance(by: .seconds(1))
    #expect(world.liveChildren(of: "a") == 0)
    #expect(!world.hasFinished && !world.effects.contains(.endHelpers))
    // Requests are answered meanwhile.
    #expect(world.answers[world.ask(.startAll)]?.refusal == .shuttingDown)
    #expect(world.answers[world.ask(.shutdown)]?.isDone == true)
    world.send(.leftoversEnded)
    #expect(world.effects.suffix(2) == [.endHelpers, .finish(exitCode: 0)])
    #expect(world.hasFinished && world.violations.isEmpty)
  }

  @Test func whatHasEndedBeforeIsNotWaitedFor() {
    var world = PaperWorld()
    world.send(.leftoversFound)
    world.send(.leftoversEnded)
    world.send(.shutdownRequested)
    #expect(world.hasFinished && world.violations.isEmpty)
  }

  @Test func hooksAndProbesEndBeforeTheFinish() {
    var world = PaperWorld()
    world.helpersTake = .seconds(3)
    // An end that was not asked for means nothing.
    world.send(.helpersEnded)
    world.send(.shutdownRequested)
    #expect(world.effects.last == .endHelpers)
    world.advance(by: .seconds(2))
    #expect(!world.hasFinished)
    world.advance(by: .seconds(1))
    #expect(world.effects.last == .finish(exitCode: 0))
    #expect(world.hasFinished && world.violations.isEmpty)
  }

  @Test func aSecondSignalKillsThemToo() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(stopTakes: .seconds(5))
    world.ask(.add(.always("a")))
    world.send(.leftoversFound)
    world.send(.shutdownRequested)
    #expect(!world.effects.contains(.killLeftovers))
    world.send(.killRequested)
    #expect(world.effects.contains(.killLeftovers) && world.effects.contains(.endHelpers))
    world.advance(by: .zero)
    // Its hooks and probes are over, but not what was left.
    #expect(!world.hasFinished)
    let before = world.effects.count
    world.send(.killRequested)
    #expect(world.effects[before...] == [.killLeftovers, .endHelpers])
    #expect(!world.hasFinished)
    world.send(.leftoversEnded)
    #expect(world.hasFinished && world.violations.isEmpty)
  }

  @Test func aSecondSignalWhileHooksAndProbesEndIsHeardOnce() {
    var world = PaperWorld()
    world.helpersTake = .seconds(3)
    world.send(.shutdownRequested)
    world.send(.killRequested)
    world.advance(by: .seconds(3))
    #expect(world.effects.filter { $0 == .finish(exitCode: 0) }.count == 1)
    #expect(world.hasFinished && world.violations.isEmpty)
  }
}
