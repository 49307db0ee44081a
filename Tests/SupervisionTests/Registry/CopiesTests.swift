import Basics
import Supervision
import Testing

@Suite struct CopiesTests {
  @Test func copiesAreAddedTogetherAndAnsweredOnce() {
    var world = PaperWorld()
    let ticket = world.ask(.add(.always("web").times(3)))
    #expect(world.names == ["web.0", "web.1", "web.2"])
    guard case .createdCopies(let entries, let message)? = world.answers[ticket] else {
      Issue.record("\(world.answers)")
      return
    }
    #expect(entries.map(\.definition.instance) == [0, 1, 2])
    #expect(entries.map(\.status) == [.running, .running, .running])
    #expect(message == "Process 'web' added with 3 copies")
    #expect(world.openLogs == ["web.0", "web.1", "web.2"])
    #expect(world.supervisor.entry("web", at: world.now) == nil)
    #expect(world.supervisor.definition(ofService: "web")?.instances == 3)
    #expect(world.supervisor.runNames(of: "web") == ["web.0", "web.1", "web.2"])
    #expect(world.supervisor.runNames(of: "web.1") == ["web.1"])
    #expect(
      world.supervisor.whyAmbiguous("web")
        == "Process 'web' has 3 copies: name one of web.0, web.1, web.2")
    #expect(world.violations.isEmpty)
  }

  @Test func verbsActOnAllCopiesOrOnOne() {
    var world = PaperWorld()
    world.ask(.add(.always("web").times(2)))
    let all = world.askAndWait(.stop(id: "web"))
    #expect(world.outcomes(all).map(\.id) == ["web.0", "web.1"])
    #expect(world.answers[all]?.message == "2 of 2 copies of process 'web' stopped")
    let one = world.ask(.start(id: "web.1"))
    #expect(world.answers[one]?.isDone == true)
    #expect(world.status("web.0") == .manuallyStopped)
    let start = world.ask(.start(id: "web"))
    #expect(world.outcomes(start).map(\.success) == [true, true])
    #expect(world.outcomes(start)[1].message.contains("already running"))
    let restart = world.askAndWait(.restart(id: "web"))
    #expect(world.outcomes(restart).map(\.success) == [true, true])
    #expect(world.violations.isEmpty)
  }

  @Test func whatNoCopyDoesIsRefusedAndWhatOneDoesIsNot() {
    var world = PaperWorld()
    world.ask(.add(.always("web").times(2)))
    world.askAndWait(.stop(id: "web"))
    for name in ["web.0", "web.1"] {
      world.behaviours[name] = PaperBehaviour(startFailure: "no such file")
    }
    for command in [
      Command.start(id: "web"), .restart(id: "web"), .signal(id: "web", .hangUp, toGroup: false),
    ] {
      let ticket = world.askAndWait(command)
      guard case .halted(.conflict, let outcomes, let message)? = world.answers[ticket] else {
        Issue.record("\(command): \(String(describing: world.answers[ticket]))")
        continue
      }
      #expect(outcomes.map(\.id) == ["web.0", "web.1"])
      #expect(message.hasPrefix("0 of 2 copies of process 'web' "))
    }
    world.behaviours["web.1"] = PaperBehaviour()
    let ticket = world.askAndWait(.start(id: "web"))
    guard case .results(let outcomes, _)? = world.answers[ticket] else {
      Issue.record("\(String(describing: world.answers[ticket]))")
      return
    }
    #expect(outcomes.map(\.success) == [false, true])
    #expect(world.violations.isEmpty)
  }

  @Test func aSignalGoesToAllCopiesAndAStoppedOneIsAFailureAmongThem() {
    var world = PaperWorld()
    world.ask(.add(.always("web").times(2)))
    world.askAndWait(.stop(id: "web.0"))
    let ticket = world.ask(.signal(id: "web", .hangUp, toGroup: false))
    #expect(world.outcomes(ticket).map(\.success) == [false, true])
    let single = world.ask(.signal(id: "web.0", .hangUp, toGroup: true))
    #expect(world.answers[single]?.refusal == .conflict)
    #expect(
      world.answers[world.ask(.signal(id: "no", .hangUp, toGroup: true))]?.refusal == .noSuchProcess
    )
    let sent = world.effects.compactMap {
      if case .run(let run, .signalLeader(.hangUp)) = $0 { run.process } else { nil }
    }
    #expect(sent == ["web.1"])
  }

  @Test func oneCopyCannotBeRemovedChangedOrScaled() {
    var world = PaperWorld()
    world.ask(.add(.always("web").times(2)))
    for command in [
      Command.remove(id: "web.0", deletesLog: false), .update(.always("web.0")),
      .scale(id: "web.0", instances: 2), .rollingRestart(id: "web.0"),
    ] {
      let ticket = world.ask(command)
      #expect(world.answers[ticket]?.refusal == .conflict)
      #expect(world.answers[ticket]?.message.contains("copy of process 'web'") == true)
    }
  }

  @Test func aRemovalTakesAllCopiesTheirLogsAndTheDefinition() {
    var world = PaperWorld()
    world.behaviours["web.1"] = PaperBehaviour(stopTakes: .seconds(2))
    world.logClosingTakes = .seconds(1)
    world.ask(.add(.always("web").times(2).saved))
    #expect(world.disk == [.always("web").times(2).saved])
    let ticket = world.ask(.remove(id: "web", deletesLog: true))
    world.advance(by: .seconds(2))
    #expect(world.names.isEmpty)
    #expect(world.answers[ticket] == nil)
    world.advance(by: .seconds(1))
    #expect(world.answers[ticket]?.message == "Process 'web' removed with its 2 copies")
    #expect(world.disk.isEmpty)
    #expect(world.effects.contains(.log("web.1", .close(deletesFiles: true))))
    let again = world.ask(.add(.once("web")))
    #expect(world.answers[again]?.refusal == nil)
    #expect(world.violations.isEmpty)
  }

  @Test func aCopyThatCannotBeKilledIsToldAndGoesWhenItGoes() {
    var world = PaperWorld()
    world.behaviours["web.1"] = PaperBehaviour(outlivesKill: true)
    world.ask(.add(.always("web").times(2)))
    let ticket = world.ask(.remove(id: "web", deletesLog: false))
    world.advance(by: .seconds(20))
    #expect(world.answers[ticket]?.refusal == .failure)
    #expect(world.answers[ticket]?.message.contains("web.1") == true)
    #expect(world.names == ["web.1"])
    world.end("web.1", .signal(.kill))
    #expect(world.names.isEmpty)
    let free = world.ask(.add(.once("web")))
    #expect(world.answers[free]?.refusal == nil)
    #expect(world.violations.isEmpty)
  }

  @Test func idsAndNamesOfCopiesDoNotCollide() {
    var world = PaperWorld()
    world.ask(.add(.always("web").times(2)))
    world.ask(.add(.once("db.2")))
    world.ask(.add(.once("db").times(2)))
    for (command, words) in [
      (Command.add(.once("web.1")), "'web.1' is the name of a copy of process 'web'"),
      (.add(.once("web.1").times(2)), "'web.1' is the name of a copy"),
      (.add(.once("web")), "There is a process 'web' already"),
      (.scale(id: "db", instances: 3), "'db.2': there is a process 'db.2' already"),
      (.update(.once("db").times(4)), "'db.2': there is a process 'db.2' already"),
    ] {
      let ticket = world.ask(command)
      #expect(world.answers[ticket]?.refusal == .conflict)
      #expect(world.answers[ticket]?.message.contains(words) == true, "\(words)")
    }
    let free = world.ask(.add(.once("web.2")))
    #expect(world.answers[free]?.refusal == nil)
    let scaled = world.ask(.scale(id: "web", instances: 3))
    #expect(world.answers[scaled]?.refusal == .conflict)
    #expect(world.names == ["db.0", "db.1", "db.2", "web.0", "web.1", "web.2"])
  }

  @Test func namesOfAnAdditionThatIsBeingSavedAreTaken() {
    var world = PaperWorld()
    world.saveTakes = .seconds(1)
    world.ask(.add(.once("web").times(2).saved))
    let copy = world.ask(.add(.once("web.1")))
    #expect(world.answers[copy]?.refusal == .conflict)
    world.ask(.add(.once("db.1").saved))
    let service = world.ask(.add(.once("db").times(2)))
    #expect(world.answers[service]?.refusal == .conflict)
    world.advance(by: .seconds(2))
    #expect(world.names == ["db.1", "web.0", "web.1"])
    #expect(world.violations.isEmpty)
  }
}
