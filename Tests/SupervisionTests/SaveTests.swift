import Basics
import Supervision
import Testing

@Suite struct SaveTests {
  /// What another hand has put into the file is kept, and the order that wanted to save did not
  /// happen.
  @Test func aFileThatAnotherHandHasChangedIsAConflict() {
    var supervisor = Supervisor.able()
    let now = Moment(monotonic: .zero, sinceEpoch: .zero)
    let ticket = Ticket(1)
    let first = supervisor.handle(.command(.add(.always("a").saved), ticket), at: now)
    guard case .save(_, let save) = first.first else {
      Issue.record("nothing is saved: \(first)")
      return
    }
    let effects = supervisor.handle(
      .saveFailed(save, reason: "it was changed", isConflict: true), at: now)
    let refusals = effects.compactMap { effect in
      if case .reply(ticket, .refused(let refusal, _)) = effect { refusal } else { nil }
    }
    #expect(refusals == [.conflict])
    #expect(supervisor.definition(ofService: "a") == nil)
    // What was refused is not missed in the file: nothing is tried again, not even at the end.
    #expect(!effects.contains { if case .arm(.saveRetry, _) = $0 { true } else { false } })
    #expect(supervisor.handle(.timerFired(.saveRetry), at: now) == [])
    let isWritten = supervisor.handle(.shutdownRequested, at: now).contains {
      if case .save = $0 { true } else { false }
    }
    #expect(!isWritten)
  }

  /// The removal has happened, whatever the file says.
  @Test(arguments: [false, true])
  func aRemovalThatIsNotInTheFileIsTriedAgainAndToldOnceForEachReason(_ isConflict: Bool) {
    var world = PaperWorld()
    world.saveIsConflict = isConflict
    world.ask(.add(.once("web").saved))
    world.saveFailure = "first"
    world.ask(.remove(id: "web", deletesLog: false))
    world.advance(by: .seconds(60))
    #expect(world.status("web") == nil)
    #expect(world.disk.map(\.id) == ["web"])
    var told: [Int] = []
    for reason in ["first", "first", "second", "second", "first"] {
      world.saveFailure = reason
      let before = world.ownLines.count { $0.contains("could not be written") }
      #expect(isUnwritten(world))
      world.advance(by: .seconds(10))
      told.append(world.ownLines.count { $0.contains("could not be written") } - before)
    }
    #expect(told == [0, 0, 1, 0, 1])
    // A client who asks is told in any case, and so is the log.
    let before = world.ownLines.count
    let again = world.ask(.add(.once("other").saved))
    #expect(world.answers[again]?.refusal == (isConflict ? .conflict : .failure))
    #expect(world.ownLines.count == before + 1)
    #expect(isUnwritten(world))
    world.saveFailure = nil
    world.advance(by: .seconds(10))
    #expect(!isUnwritten(world))
    #expect(world.disk.isEmpty)
    #expect(world.violations.isEmpty)
  }

  @Test func aSavedProcessIsOnDiskBeforeItRuns() {
    var world = PaperWorld()
    world.saveTakes = .seconds(1)
    let ticket = world.ask(.add(.once("web").saved))
    #expect(world.status("web") == nil)
    #expect(world.supervisor.entries(at: world.now).isEmpty)
    #expect(world.children.isEmpty)
    let stop = world.ask(.stop(id: "web"))
    #expect(world.answers[stop]?.refusal == .noSuchProcess)
    world.advance(by: .seconds(1))
    #expect(world.status("web") == .running)
    #expect(world.answers[ticket]?.refusal == nil)
    #expect(world.disk.map(\.id) == ["web"])
  }

  @Test func aProcessThatCannotBeSavedIsNotAdded() {
    var world = PaperWorld()
    world.saveFailure = "Read-only file system"
    let ticket = world.ask(.add(.once("web").saved))
    #expect(world.answers[ticket]?.refusal == .failure)
    #expect(world.answers[ticket]?.message.contains("Read-only file system") == true)
    #expect(world.status("web") == nil)
    #expect(world.openLogs.isEmpty)
    world.saveFailure = nil
    let again = world.ask(.add(.once("web").saved))
    #expect(world.answers[again]?.refusal == nil)
  }

  @Test func parallelAddsOfOneIdMakeOneProcess() {
    var world = PaperWorld()
    world.saveTakes = .seconds(1)
    let first = world.ask(.add(.once("web").saved))
    let others = [world.ask(.add(.once("web").saved)), world.ask(.add(.once("web")))]
    for ticket in others { #expect(world.answers[ticket]?.refusal == .conflict) }
    world.advance(by: .seconds(1))
    #expect(world.answers[first]?.refusal == nil)
    #expect(world.children.count == 1)
    let late = world.ask(.add(.once("web")))
    #expect(world.answers[late]?.refusal == .conflict)
  }

  @Test func changesDuringASaveGoTogetherIntoTheNext() {
    var world = PaperWorld()
    world.saveTakes = .seconds(1)
    for id in ["c", "b", "a"] { world.ask(.add(.once(id).saved)) }
    world.advance(by: .seconds(1))
    #expect(world.disk.map(\.id) == ["a", "b", "c"], "the second write is out")
    #expect(world.status("c") == .running)
    #expect(world.status("a") == nil)
    world.advance(by: .seconds(1))
    #expect(world.status("a") == .running)
    #expect(world.status("b") == .running)
    let saves = world.effects.count { if case .save = $0 { true } else { false } }
    #expect(saves == 2)
    #expect(world.violations.isEmpty)
  }

  @Test func whatIsNotSavedIsNeverOnDisk() {
    var world = PaperWorld()
    world.ask(.add(.once("kept").saved))
    world.ask(.add(.once("passing")))
    world.ask(.add(.once("other").saved))
    #expect(world.disk.map(\.id) == ["kept", "other"])
  }

  @Test func aSavedProcessThatCannotStartIsAddedAllTheSame() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(startFailure: "no such file")
    let ticket = world.ask(.add(.always("web").saved))
    #expect(world.answers[ticket]?.refusal == nil)
    #expect(world.answers[ticket]?.message.contains("first start failed") == true)
    #expect(world.status("web") == .backoff)
    #expect(world.disk.map(\.id) == ["web"])
  }

  @Test func aSaveDuringARemovalLeavesOutWhatIsBeingRemoved() {
    var world = PaperWorld()
    world.behaviours["old"] = PaperBehaviour(stopTakes: .seconds(5))
    world.ask(.add(.once("old").saved))
    world.ask(.remove(id: "old", deletesLog: false))
    world.ask(.add(.once("new").saved))
    #expect(world.status("old") == .stopping)
    #expect(world.disk.map(\.id) == ["new"])
  }

  private func isUnwritten(_ world: PaperWorld) -> Bool { world.timers[.saveRetry] != nil }
}
