import Basics
import Supervision
import Testing

@Suite struct UpdateTests {
  private func runCount(_ world: PaperWorld, _ name: String) -> Int? {
    world.supervisor.entry(name, at: world.now)?.runCount
  }

  @Test func whatIsNotExecutedIsChangedInPlace() {
    var world = PaperWorld()
    world.ask(.add(.always("web")))
    let ticket = world.ask(.update(.always("web").labelled("x").limited(to: 3)))
    #expect(world.answers[ticket]?.message == "Process 'web' updated; nothing had to be restarted")
    #expect(runCount(world, "web") == 1)
    #expect(world.supervisor.entry("web", at: world.now)?.definition.labels == ["label": "x"])
    #expect(world.supervisor.definition(ofService: "web")?.maxRestarts == 3)
  }

  @Test func whatIsExecutedNeedsANewRunAndTheAnswerWaitsForIt() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(stopTakes: .seconds(1))
    world.ask(.add(.always("web")))
    let ticket = world.ask(.update(.always("web").running("play")))
    #expect(world.answers[ticket] == nil)
    let second = world.ask(.update(.always("web").running("rest")))
    #expect(world.answers[second]?.refusal == .conflict)
    world.advance(by: .seconds(1))
    #expect(
      world.answers[ticket]?.message == "Process 'web' updated; process 'web' started (PID: 102)")
    let spawned = world.effects.compactMap {
      if case .run(_, .spawn(let definition, _)) = $0 { definition.execution.command } else { nil }
    }
    #expect(spawned == ["work", "play"])
    #expect(world.violations.isEmpty)
  }

  @Test func whatRunsIsEndedByTheSignalThatItWasStartedWith() {
    var world = PaperWorld()
    var old = ProcessDefinition.always("web")
    old.stopSignal = .quit
    world.ask(.add(old))
    world.askAndWait(.update(.always("web").running("play")))
    #expect(world.signals(to: "web") == [.quit])
    world.askAndWait(.restart(id: "web"))
    #expect(world.signals(to: "web") == [.quit, .terminate])
    #expect(world.violations.isEmpty)
  }

  @Test func whatHasEndedByItselfRunsTheNewCommandAtItsTimeOrNotAtAll() {
    for definition in [ProcessDefinition.once("web"), .periodic("web")] {
      for hook in [nil, ["/bin/clean"]] {
        var world = PaperWorld()
        var old = definition
        old.afterExit = hook
        world.behaviours["web"] = PaperBehaviour(
          outputTakes: .seconds(1), hookTakes: .seconds(1))
        world.ask(.add(old))
        world.end("web", .code(0))
        world.advance(by: hook == nil ? .zero : .milliseconds(1500))
        #expect(world.status("web") == .stopping)
        var new = old.running("play")
        new.labels = ["a": "b"]
        let ticket = world.ask(.update(new))
        #expect(world.answers[ticket]?.isDone == true)
        world.advance(by: .seconds(3))
        #expect(world.spawns == ["web"])
        #expect(world.status("web") == (old.isPeriodic ? .waiting : .stopped))
        #expect(world.violations.isEmpty)
      }
    }
  }

  @Test func theSameDefinitionIsNoChangeAndAnUnknownIdNone() {
    var world = PaperWorld()
    world.ask(.add(.always("web")))
    let same = world.ask(.update(.always("web")))
    #expect(world.answers[same]?.message == "Process 'web' is defined like that already")
    #expect(world.answers[world.ask(.update(.always("no")))]?.refusal == .noSuchProcess)
  }

  @Test func aStoppedProcessStaysStopped() {
    var world = PaperWorld()
    world.ask(.add(.always("web")))
    world.askAndWait(.stop(id: "web"))
    for definition in [
      ProcessDefinition.always("web").running("play"), .always("web").running("play").times(2),
      .always("web").running("rest"),
    ] {
      let ticket = world.askAndWait(.update(definition))
      #expect(world.answers[ticket]?.isDone == true)
      for entry in world.supervisor.entries(at: world.now) {
        #expect(entry.status == .manuallyStopped)
      }
    }
    #expect(world.spawns == ["web"])
    world.ask(.start(id: "web"))
    #expect(world.status("web") == .running)
    #expect(world.violations.isEmpty)
  }

  @Test func theDiskComesFirstAndItsFailureChangesNothing() {
    var world = PaperWorld()
    world.ask(.add(.always("web").saved))
    world.saveTakes = .seconds(1)
    let ticket = world.ask(.update(.always("web").running("play").saved))
    #expect(world.stops.isEmpty)
    world.advance(by: .seconds(1))
    #expect(world.disk.map(\.execution.command) == ["play"])
    #expect(world.stops == ["web"])
    #expect(world.answers[ticket]?.isDone == true)
    world.saveFailure = "No space left on device"
    let full = world.ask(.update(.always("web").running("rest").saved))
    world.advance(by: .seconds(1))
    #expect(world.answers[full]?.refusal == .failure)
    #expect(world.answers[full]?.message.contains("No space left") == true)
    #expect(world.supervisor.definition(ofService: "web")?.execution.command == "play")
    world.saveFailure = nil
    let again = world.ask(.update(.always("web").running("rest").saved))
    world.advance(by: .seconds(1))
    #expect(world.answers[again]?.isDone == true)
    #expect(world.violations.isEmpty)
  }

  @Test func whatIsNoLongerSavedLeavesTheDisk() {
    var world = PaperWorld()
    world.ask(.add(.always("web").saved))
    world.ask(.update(.always("web")))
    #expect(world.disk.isEmpty)
    world.ask(.update(.always("web").saved))
    #expect(world.disk.count == 1)
    #expect(runCount(world, "web") == 1)
  }

  @Test func anUpdateScalesAndTurnsCopiesIntoOneProcessAndBack() {
    var world = PaperWorld()
    world.ask(.add(.always("web").times(3)))
    world.askAndWait(.update(.always("web").times(2).labelled("x")))
    #expect(world.names == ["web.0", "web.1"])
    #expect(["web.0", "web.1"].map { runCount(world, $0) } == [1, 1])
    world.behaviours["web.1"] = PaperBehaviour(stopTakes: .seconds(1))
    world.askAndWait(.restart(id: "web.1"))
    let plain = world.askAndWait(.update(.always("web")))
    #expect(world.names == ["web", "web.1"])
    #expect(world.error("web") == "waits for the end of 'web.1'")
    world.advance(by: .seconds(1))
    #expect(world.names == ["web"])
    #expect(world.status("web") == .running)
    #expect(world.answers[plain]?.isDone == true)
    world.askAndWait(.update(.always("web").times(2)))
    #expect(world.names == ["web.0", "web.1"])
    #expect(world.violations.isEmpty)
  }

  @Test func copiesWithAnotherCommandAreAllRestarted() {
    var world = PaperWorld()
    world.ask(.add(.always("web").times(2)))
    let ticket = world.askAndWait(.update(.always("web").times(3).running("play")))
    #expect(["web.0", "web.1", "web.2"].map { runCount(world, $0) } == [2, 2, 1])
    #expect(world.answers[ticket]?.message == "Process 'web' updated; 3 of 3 copies restarted")
  }

  @Test func newDependenciesHoldFromTheNextStartOn() {
    var world = PaperWorld()
    world.ask(.add(.once("db").notifying))
    world.ask(.add(.always("web")))
    world.ask(.update(.always("web").after("db")))
    #expect(world.status("web") == .running)
    world.askAndWait(.restart(id: "web"))
    #expect(world.status("web") == .starting)
    world.ask(.update(.always("web")))
    #expect(world.status("web") == .running)
    #expect(world.violations.isEmpty)
  }

  @Test func aRemovalDuringTheSaveEndsTheUpdate() {
    var world = PaperWorld()
    world.ask(.add(.always("web").saved))
    world.saveTakes = .seconds(1)
    let update = world.ask(.update(.always("web").running("play").saved))
    let remove = world.ask(.remove(id: "web", deletesLog: false))
    world.advance(by: .seconds(3))
    #expect(world.answers[update]?.refusal == .conflict)
    #expect(world.answers[remove]?.isDone == true)
    #expect(world.disk.isEmpty)
    #expect(world.violations.isEmpty)
  }

  @Test func aShutdownDuringTheSaveKeepsTheNewDefinitionForTheNextTime() {
    var world = PaperWorld()
    world.ask(.add(.always("web").saved))
    world.saveTakes = .seconds(1)
    let update = world.ask(.update(.always("web").running("play").saved))
    world.send(.shutdownRequested)
    world.advance(by: .seconds(3))
    #expect(world.answers[update]?.refusal == .shuttingDown)
    #expect(world.answers[update]?.message.contains("next start") == true)
    #expect(world.disk.map(\.execution.command) == ["play"])
    #expect(world.spawns == ["web"])
    #expect(world.hasFinished)
    #expect(world.violations.isEmpty)
  }

  @Test func anUpdateWhoseNewRunCannotStartSaysSo() {
    var world = PaperWorld()
    world.ask(.add(.once("web")))
    world.behaviours["web"] = PaperBehaviour(startFailure: "no such file")
    let ticket = world.askAndWait(.update(.once("web").running("play")))
    #expect(world.answers[ticket]?.isDone == true)
    #expect(world.answers[ticket]?.message.contains("no such file") == true)
    #expect(world.status("web") == .failed)
  }
}
