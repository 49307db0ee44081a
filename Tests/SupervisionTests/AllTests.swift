import Basics
import Supervision
import Testing

@Suite struct AllTests {
  private func outcomes(_ reply: Reply?) throws -> [Reply.Outcome] {
    guard case .results(let outcomes, _)? = reply else { throw Unexpected(reply) }
    return outcomes
  }

  @Test func stopAllStopsAllAtOnceAndAnswersSortedById() throws {
    var world = PaperWorld()
    world.behaviours["c"] = PaperBehaviour(stopTakes: .seconds(2))
    for id in ["c", "a", "b"] { world.ask(.add(.always(id))) }
    world.end("b", .code(1))
    let ticket = world.ask(.stopAll)
    world.advance(by: .seconds(1))
    #expect(world.answers[ticket] == nil)
    world.advance(by: .seconds(1))
    let results = try outcomes(world.answers[ticket])
    #expect(results.map(\.id) == ["a", "b", "c"])
    #expect(results.filter { !$0.success }.isEmpty)
    #expect(world.answers[ticket]?.message == "3 of 3 processes stopped")
    for id in ["a", "b", "c"] { #expect(world.status(id) == .manuallyStopped) }
  }

  @Test func whatWasNotRunningCountsAsStopped() throws {
    var world = PaperWorld()
    world.ask(.add(.once("a")))
    world.end("a", .code(0))
    let results = try outcomes(world.answers[world.ask(.stopAll)])
    #expect(results.map(\.success) == [true])
    #expect(results[0].message.contains("was not running"))
  }

  @Test func startAllStartsWhatIsNotUp() throws {
    var world = PaperWorld()
    for id in ["a", "b", "c"] { world.ask(.add(.once(id))) }
    world.end("b", .code(0))
    world.end("c", .code(0))
    world.behaviours["c"] = PaperBehaviour(startFailure: "no")
    let results = try outcomes(world.answers[world.ask(.startAll)])
    #expect(results.map(\.success) == [true, true, false])
    #expect(results[0].message.contains("already running"))
    #expect(world.status("b") == .running)
    #expect(results[2].message.contains("no"))
  }

  @Test func restartAllRestartsAllAtOnce() throws {
    var world = PaperWorld()
    for id in ["a", "b", "c"] {
      world.behaviours[id] = PaperBehaviour(stopTakes: .seconds(1))
      world.ask(.add(.always(id)))
    }
    let ticket = world.ask(.restartAll)
    world.advance(by: .seconds(1))
    let results = try outcomes(world.answers[ticket])
    #expect(results.filter { !$0.success }.isEmpty)
    for id in ["a", "b", "c"] {
      #expect(world.supervisor.entry(id, at: world.now)?.runCount == 2)
    }
    #expect(world.violations.isEmpty)
  }

  @Test func aStopOfOneDuringARestartOfAllIsOneFailureAmongTheResults() throws {
    var world = PaperWorld()
    for id in ["a", "b"] {
      world.behaviours[id] = PaperBehaviour(stopTakes: .seconds(1))
      world.ask(.add(.always(id)))
    }
    let all = world.ask(.restartAll)
    world.ask(.stop(id: "a"))
    world.advance(by: .seconds(1))
    let results = try outcomes(world.answers[all])
    #expect(results.map(\.success) == [false, true])
    #expect(world.answers[all]?.message == "1 of 2 processes restarted")
  }

  @Test func noProcessAtAllIsAnsweredAtOnce() throws {
    var world = PaperWorld()
    for command in [Command.startAll, .stopAll, .restartAll] {
      let results = try outcomes(world.answers[world.ask(command)])
      #expect(results.isEmpty)
    }
  }

  @Test func aProcessThatIsBeingRemovedIsLeftOut() throws {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(stopTakes: .seconds(1))
    world.ask(.add(.always("a")))
    world.ask(.remove(id: "a", deletesLog: false))
    let results = try outcomes(world.answers[world.ask(.stopAll)])
    #expect(results.isEmpty)
  }
}
