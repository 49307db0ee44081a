import Basics
import Supervision
import Testing

@Suite struct RemoveTests {
  @Test func removeEndsForgetsAndClosesTheLogBeforeItAnswers() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(stopTakes: .seconds(1))
    world.ask(.add(.always("web")))
    let ticket = world.ask(.remove(id: "web", deletesLog: false))
    #expect(world.status("web") == .stopping)
    world.advance(by: .seconds(1))
    #expect(world.answers[ticket]?.isDone == true)
    #expect(world.status("web") == nil)
    #expect(world.openLogs.isEmpty)
    #expect(world.effects.contains(.log("web", .close(deletesFiles: false))))
    world.advance(by: .seconds(600))
    #expect(world.liveChildren(of: "web") == 0)
    #expect(world.violations.isEmpty)
  }

  @Test func removeDeletesTheLogIfAskedTo() {
    var world = PaperWorld()
    world.ask(.add(.always("web")))
    world.end("web", .code(1))
    let ticket = world.ask(.remove(id: "web", deletesLog: true))
    #expect(world.answers[ticket]?.isDone == true)
    #expect(world.effects.contains(.log("web", .close(deletesFiles: true))))
    #expect(world.timers.isEmpty)
  }

  @Test func theLogsOfFormerCopiesGoWithARemovalThatIsTaken() {
    let former = Effect.deleteFormerLogs(of: "web")
    for (copies, deletesLog) in [(true, true), (true, false), (false, true)] {
      var world = PaperWorld()
      world.ask(.add(copies ? .always("web").times(2) : .always("web")))
      world.ask(.remove(id: "web", deletesLog: deletesLog))
      #expect(world.effects.contains(former) == (copies && deletesLog))
    }
    var refused = PaperWorld()
    refused.ask(.add(.always("web").times(2)))
    refused.ask(.add(.always("api").after("web")))
    refused.ask(.remove(id: "web", deletesLog: true))
    #expect(!refused.effects.contains(former))
  }

  @Test func theLogsOfFormerCopiesGoForTheSecondWhoAsksToo() {
    var world = PaperWorld()
    for copy in ["web.0", "web.1"] {
      world.behaviours[copy] = PaperBehaviour(stopTakes: .seconds(1))
    }
    world.ask(.add(.always("web").times(2)))
    world.ask(.remove(id: "web", deletesLog: false))
    #expect(!world.effects.contains(.deleteFormerLogs(of: "web")))
    world.ask(.remove(id: "web", deletesLog: true))
    #expect(world.effects.contains(.deleteFormerLogs(of: "web")))
  }

  @Test func onlyTheRemovalOfASavedProcessActsBeforeItsSave() {
    var world = PaperWorld()
    world.ask(.add(.always("saved").saved))
    world.ask(.add(.always("passing")))
    let supervisor = world.supervisor
    #expect(supervisor.actsBeforeItsSave(.remove(id: "saved", deletesLog: false)))
    #expect(!supervisor.actsBeforeItsSave(.remove(id: "passing", deletesLog: false)))
    #expect(!supervisor.actsBeforeItsSave(.remove(id: "none", deletesLog: false)))
    #expect(!supervisor.actsBeforeItsSave(.update(.always("saved"))))
    #expect(!supervisor.actsBeforeItsSave(.add(.always("other").saved)))
    var loaded = PaperWorld()
    loaded.send(.load([ConfiguredDefinition(.always("web").saved, fragment: "a.json")]))
    #expect(!loaded.supervisor.actsBeforeItsSave(.remove(id: "web", deletesLog: false)))
  }

  @Test func theAnswerAndTheIdWaitForTheLogToClose() {
    var world = PaperWorld()
    world.logClosingTakes = .seconds(1)
    world.ask(.add(.once("web")))
    world.end("web", .code(0))
    let ticket = world.ask(.remove(id: "web", deletesLog: true))
    #expect(world.status("web") == nil)
    #expect(world.answers[ticket] == nil)
    let early = world.ask(.add(.once("web")))
    #expect(world.answers[early]?.refusal == .conflict)
    world.advance(by: .seconds(1))
    #expect(world.answers[ticket]?.isDone == true)
    world.ask(.add(.once("web")))
    #expect(world.status("web") == .running)
    #expect(world.violations.isEmpty)
  }

  @Test func aShutdownWaitsForTheLogOfAProcessThatIsBeingRemoved() {
    var world = PaperWorld()
    world.logClosingTakes = .seconds(1)
    world.ask(.add(.once("web")))
    world.end("web", .code(0))
    let ticket = world.ask(.remove(id: "web", deletesLog: false))
    world.send(.shutdownRequested)
    #expect(!world.hasFinished)
    world.advance(by: .seconds(1))
    #expect(world.answers[ticket]?.isDone == true)
    #expect(world.hasFinished)
    #expect(world.violations.isEmpty)
  }

  @Test func aSavedProcessIsOffTheDiskBeforeTheAnswer() {
    var world = PaperWorld()
    world.ask(.add(.always("web").saved))
    #expect(world.disk.map(\.id) == ["web"])
    world.saveTakes = .seconds(1)
    let ticket = world.ask(.remove(id: "web", deletesLog: false))
    world.advance(by: .zero)
    #expect(world.status("web") == nil)
    #expect(world.answers[ticket] == nil)
    world.advance(by: .seconds(1))
    #expect(world.answers[ticket]?.isDone == true)
    #expect(world.disk.isEmpty)
  }

  @Test func aDefinitionThatIsBeingWrittenWhenItsProcessIsRemovedLeavesTheDiskToo() {
    var world = PaperWorld()
    world.ask(.add(.once("web")))
    world.saveTakes = .seconds(2)
    world.ask(.update(.once("web").saved))
    world.ask(.remove(id: "web", deletesLog: false))
    world.advance(by: .seconds(10))
    #expect(world.disk.isEmpty)
    #expect(world.violations.isEmpty)
  }

  @Test func aRemovalThatCannotBeSavedIsAFailureThatSaysWhatMayHappen() {
    var world = PaperWorld()
    world.ask(.add(.once("web").saved))
    world.saveFailure = "No space left on device"
    let ticket = world.ask(.remove(id: "web", deletesLog: false))
    world.advance(by: .zero)
    #expect(world.answers[ticket]?.refusal == .failure)
    #expect(world.answers[ticket]?.message.contains("may come back") == true)
    #expect(world.answers[ticket]?.message.contains("No space left") == true)
    #expect(world.status("web") == nil)
  }

  @Test func aRemovalThatCouldNotBeSavedCanBeTriedAgain() {
    var world = PaperWorld()
    world.ask(.add(.once("web").saved))
    world.saveFailure = "No space left on device"
    world.ask(.remove(id: "web", deletesLog: false))
    world.advance(by: .zero)
    let stillFull = world.ask(.remove(id: "web", deletesLog: false))
    #expect(world.answers[stillFull]?.refusal == .failure)
    world.saveFailure = nil
    let again = world.ask(.remove(id: "web", deletesLog: false))
    #expect(world.answers[again]?.isDone == true)
    #expect(world.disk.isEmpty)
    let gone = world.ask(.remove(id: "web", deletesLog: false))
    #expect(world.answers[gone]?.refusal == .noSuchProcess)
    #expect(world.violations.isEmpty)
  }

  @Test func anIdWhoseRemovalCouldNotBeSavedIsAddedOverTheOldDefinition() {
    var world = PaperWorld()
    world.ask(.add(.once("web").saved))
    world.saveFailure = "No space left on device"
    world.ask(.remove(id: "web", deletesLog: false))
    world.advance(by: .zero)
    world.saveFailure = nil
    world.ask(.add(.once("web")))
    #expect(world.status("web") == .running)
    #expect(world.disk.isEmpty)
    #expect(world.violations.isEmpty)
  }

  @Test func aRemovalThatCouldNotBeSavedIsSavedAtTheShutdown() {
    var world = PaperWorld()
    world.ask(.add(.once("web").saved))
    world.saveFailure = "No space left on device"
    world.ask(.remove(id: "web", deletesLog: false))
    world.advance(by: .zero)
    #expect(world.status("web") == nil)
    #expect(world.disk.map(\.id) == ["web"])
    world.saveFailure = nil
    world.send(.shutdownRequested)
    #expect(world.disk.isEmpty)
    #expect(world.hasFinished)
    #expect(world.violations.isEmpty)
  }

  @Test func theIdIsFreeOnlyOnceTheRemovalIsComplete() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(stopTakes: .seconds(1))
    world.ask(.add(.once("web").saved))
    world.saveTakes = .seconds(1)
    world.ask(.remove(id: "web", deletesLog: false))
    let ending = world.ask(.add(.once("web")))
    #expect(world.answers[ending]?.refusal == .conflict)
    world.advance(by: .seconds(1))
    let saving = world.ask(.add(.once("web")))
    #expect(world.answers[saving]?.refusal == .conflict)
    world.advance(by: .seconds(1))
    let free = world.ask(.add(.once("web")))
    #expect(world.answers[free]?.refusal == nil)
    #expect(world.violations.isEmpty)
  }

  @Test func removeWinsOverEveryOtherWish() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(stopTakes: .seconds(1))
    world.ask(.add(.always("web")))
    let restart = world.ask(.restart(id: "web"))
    let remove = world.ask(.remove(id: "web", deletesLog: false))
    let stop = world.ask(.stop(id: "web"))
    let start = world.ask(.start(id: "web"))
    for ticket in [restart, stop, start] {
      #expect(world.answers[ticket]?.refusal == .conflict)
      #expect(world.answers[ticket]?.message.contains("being removed") == true)
    }
    world.advance(by: .seconds(1))
    #expect(world.answers[remove]?.isDone == true)
    #expect(world.violations.isEmpty)
  }

  @Test func removeDuringAStopSendsTheStopperAway() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(stopTakes: .seconds(1))
    world.ask(.add(.always("web")))
    let stop = world.ask(.stop(id: "web"))
    let remove = world.ask(.remove(id: "web", deletesLog: false))
    #expect(world.answers[stop]?.refusal == .conflict)
    world.advance(by: .seconds(1))
    #expect(world.answers[remove]?.isDone == true)
  }

  @Test func severalRemovalsAreAllAnsweredAndOneDeletingIsEnough() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(stopTakes: .seconds(1))
    world.ask(.add(.once("web").saved))
    world.saveTakes = .seconds(1)
    let first = world.ask(.remove(id: "web", deletesLog: true))
    let second = world.ask(.remove(id: "web", deletesLog: false))
    world.advance(by: .seconds(1))
    let third = world.ask(.remove(id: "web", deletesLog: false))
    world.advance(by: .seconds(1))
    for ticket in [first, second, third] { #expect(world.answers[ticket]?.isDone == true) }
    #expect(world.effects.contains(.log("web", .close(deletesFiles: true))))
  }

  @Test func removeDuringStartingEndsTheChildAndForgetsIt() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(spawnTakes: .seconds(1))
    let add = world.ask(.add(.always("web")))
    let remove = world.ask(.remove(id: "web", deletesLog: false))
    #expect(world.answers[add]?.refusal == .conflict)
    world.advance(by: .seconds(1))
    #expect(world.answers[remove]?.isDone == true)
    #expect(world.liveChildren(of: "web") == 0)
  }

  @Test func aRemovedGroupThatCannotBeKilledIsAFailureAndGoesWhenItGoes() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(outlivesKill: true)
    world.ask(.add(.always("web")))
    let ticket = world.ask(.remove(id: "web", deletesLog: false))
    world.advance(by: .seconds(20))
    #expect(world.answers[ticket]?.refusal == .failure)
    #expect(world.status("web") == .stopping)
    world.end("web", .signal(.kill))
    #expect(world.status("web") == nil)
    #expect(world.violations.isEmpty)
  }
}
