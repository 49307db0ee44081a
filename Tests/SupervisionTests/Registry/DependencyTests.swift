import Basics
import Supervision
import Testing

@Suite struct DependencyTests {
  @Test func aProcessStartsWhenWhatItDependsOnIsReady() {
    var world = PaperWorld()
    world.ask(.add(.always("db").notifying))
    let ticket = world.ask(.add(.always("web").after("db")))
    #expect(world.status("web") == .starting)
    #expect(world.error("web") == "waits for 'db' (started): process 'db' is not ready yet")
    guard case .created(let entry, let message)? = world.answers[ticket] else {
      Issue.record("not created")
      return
    }
    #expect(entry.status == .starting)
    #expect(message.contains("waits for 'db'"))
    world.tellReady("db")
    #expect(world.status("web") == .running)
    #expect(world.error("web") == nil)
    #expect(world.violations.isEmpty)
  }

  @Test func theReasonFollowsWhatHappensWithoutALineEachTime() {
    var world = PaperWorld()
    world.ask(.add(.once("db").notifying))
    world.ask(.add(.always("web").after("db")))
    let before = world.lines(of: "web").count
    world.end("db", .code(3))
    #expect(
      world.error("web") == "waits for 'db' (started): process 'db' has ended with exit status: 3")
    world.behaviours["db"] = PaperBehaviour(startFailure: "no such file")
    world.ask(.start(id: "db"))
    #expect(
      world.error("web")?.contains("process 'db' has failed: could not be started: no such file")
        == true)
    world.askAndWait(.stop(id: "db"))
    #expect(world.lines(of: "web").count == before)
  }

  @Test func theEndOfADependencyStopsNobodyButKeepsFromStarting() {
    var world = PaperWorld()
    world.ask(.add(.always("db")))
    world.ask(.add(.always("web").after("db")))
    world.askAndWait(.stop(id: "db"))
    #expect(world.status("web") == .running)
    world.end("web", .code(1))
    world.advance(by: .seconds(5))
    #expect(world.status("web") == .starting)
    #expect(world.error("web") == "waits for 'db' (started): process 'db' was stopped")
    world.ask(.start(id: "db"))
    #expect(world.status("web") == .running)
    #expect(world.violations.isEmpty)
  }

  @Test func whatIsToBeRestartedHasNotCompleted() {
    var world = PaperWorld()
    world.ask(.add(.always("job")))
    world.ask(.add(.always("web").after("job", condition: .completed)))
    world.end("job", .code(0))
    #expect(world.status("job") == .backoff)
    #expect(world.status("web") == .starting)
    world.advance(by: .seconds(1))
    #expect(world.status("web") == .starting)
    #expect(world.violations.isEmpty)
  }

  @Test func anEndWithSuccessDoesNotOutliveALaterRunThatWasStopped() {
    var world = PaperWorld()
    world.ask(.add(.once("job")))
    world.end("job", .code(0))
    world.ask(.start(id: "job"))
    world.askAndWait(.stop(id: "job"))
    world.ask(.add(.always("web").after("job", condition: .completed)))
    #expect(world.status("web") == .starting)
    #expect(world.error("web")?.contains("process 'job' was stopped") == true)
    #expect(world.violations.isEmpty)
  }

  @Test func completedIsAnEndWithSuccess() {
    var world = PaperWorld()
    world.ask(.add(.once("job")))
    world.ask(.add(.always("web").after("job", condition: .completed)))
    #expect(world.error("web")?.contains("(completed): process 'job' has not ended yet") == true)
    world.end("job", .code(1))
    #expect(world.status("web") == .starting)
    world.ask(.start(id: "job"))
    world.end("job", .code(0))
    #expect(world.status("web") == .running)
  }

  @Test func aProcessWaitsForAllCopies() {
    var world = PaperWorld()
    world.ask(.add(.always("db").times(2).notifying))
    world.ask(.add(.always("web").times(2).after("db")))
    world.tellReady("db.0")
    #expect(world.error("web.1")?.contains("'db.1' is not ready yet") == true)
    world.tellReady("db.1")
    #expect(world.status("web.0") == .running)
    #expect(world.status("web.1") == .running)
    world.ask(.scale(id: "db", instances: 3))
    world.askAndWait(.restart(id: "web.0"))
    #expect(world.error("web.0")?.contains("'db.2' is not ready yet") == true)
    world.askAndWait(.scale(id: "db", instances: 2))
    #expect(world.status("web.0") == .running)
    #expect(world.violations.isEmpty)
  }

  @Test func whatIsNotThereOrNotCheckedCannotBeDependedOn() {
    var world = PaperWorld()
    world.ask(.add(.always("db").times(2)))
    for (definition, words) in [
      (ProcessDefinition.once("a").after("no"), "depends on 'no', but there is no process"),
      (.once("a").after("db.0"), "'db.0', which is a copy of 'db'"),
      (.once("a").after("db", condition: .healthy), "has no health_check"),
      (.once("a").after("a"), "a → a"),
    ] {
      let ticket = world.ask(.add(definition))
      #expect(world.answers[ticket]?.refusal == .badDefinition)
      #expect(world.answers[ticket]?.message.contains(words) == true, "\(words)")
    }
    #expect(world.names == ["db.0", "db.1"])
  }

  @Test func aCircleIsRefusedAndPrinted() {
    var world = PaperWorld()
    world.ask(.add(.once("a")))
    world.ask(.add(.once("b").after("a")))
    world.ask(.add(.once("c").after("b")))
    let ticket = world.ask(.update(.once("a").after("c")))
    #expect(world.answers[ticket]?.refusal == .badDefinition)
    #expect(world.answers[ticket]?.message.contains("a → c → b → a") == true)
  }

  @Test func twoChangesThatMakeACircleOnlyTogetherAreNotBothDone() {
    var world = PaperWorld()
    world.ask(.add(.once("a").saved))
    world.ask(.add(.once("b").saved))
    world.saveTakes = .seconds(1)
    let first = world.ask(.update(.once("a").saved.after("b")))
    let second = world.ask(.update(.once("b").saved.after("a")))
    #expect(world.answers[second]?.refusal == .badDefinition)
    world.advance(by: .seconds(2))
    #expect(world.answers[first]?.isDone == true)
  }

  @Test func whatOthersDependOnIsNotRemoved() {
    var world = PaperWorld()
    world.ask(.add(.once("db")))
    world.ask(.add(.once("web").after("db")))
    world.ask(.add(.once("api").after("db")))
    let ticket = world.ask(.remove(id: "db", deletesLog: false))
    #expect(world.answers[ticket]?.refusal == .conflict)
    #expect(
      world.answers[ticket]?.message
        == "Process 'db' is not removed: 'api', 'web' depend on it")
    for id in ["api", "web", "db"] {
      #expect(world.answers[world.askAndWait(.remove(id: id, deletesLog: false))]?.isDone == true)
    }
  }

  @Test func anAdditionThatIsBeingSavedKeepsWhatItDependsOn() {
    var world = PaperWorld()
    world.ask(.add(.once("db")))
    world.saveTakes = .seconds(1)
    world.ask(.add(.once("web").after("db").saved))
    let ticket = world.ask(.remove(id: "db", deletesLog: false))
    #expect(world.answers[ticket]?.refusal == .conflict)
  }

  @Test func theHealthCheckThatOthersWaitForStays() {
    var world = PaperWorld()
    var db = ProcessDefinition.once("db")
    db.healthCheck = HealthCheck(.tcp("127.0.0.1:1"))
    world.ask(.add(db))
    world.ask(.add(.once("web").after("db", condition: .healthy)))
    db.healthCheck = nil
    let ticket = world.ask(.update(db))
    #expect(world.answers[ticket]?.refusal == .badDefinition)
  }

  @Test func atLoadWhatCannotStartIsListedAsFailedAndStopsNoOther() {
    var world = PaperWorld()
    world.disk = [
      ProcessDefinition.always("a").after("b").saved, .always("b").after("a").saved,
      .always("c").after("no").saved, .always("d").after("a").saved,
      .always("web").after("db").saved,
      .always("db").saved,
    ]
    world.send(.loadSaved(world.disk))
    #expect(world.spawns == ["db", "web"])
    #expect(world.status("a") == .failed)
    #expect(world.error("a")?.contains("a → b → a") == true)
    #expect(world.error("b")?.contains("b → a → b") == true)
    #expect(world.error("c")?.contains("no process of that id") == true)
    #expect(world.status("d") == .starting)
    #expect(world.error("d")?.contains("process 'a' has failed") == true)
    let start = world.ask(.start(id: "c"))
    #expect(world.answers[start]?.refusal == .conflict)
    world.ask(.add(.once("no")))
    world.ask(.start(id: "c"))
    #expect(world.status("c") == .running)
    let mended = world.ask(.update(.always("a").saved))
    #expect(world.answers[mended]?.isDone == true)
    world.ask(.start(id: "b"))
    world.ask(.start(id: "a"))
    for id in ["a", "b", "d"] { #expect(world.status(id) == .running) }
    world.send(.shutdownRequested)
    world.advance(by: .zero)
    #expect(world.hasFinished)
    #expect(world.violations.isEmpty)
  }

  @Test func definitionsAreLoadedInTheOrderOfTheirDependencies() {
    var world = PaperWorld()
    world.behaviours["db"] = PaperBehaviour(spawnTakes: .seconds(1))
    world.disk = [.always("a").after("db").saved, .always("b").saved, .always("db").saved]
    world.send(.loadSaved(world.disk))
    #expect(world.spawns == ["b", "db"])
    world.advance(by: .seconds(1))
    #expect(world.spawns == ["b", "db", "a"])
  }
}
