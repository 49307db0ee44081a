import Basics
import Supervision
import Testing

@Suite struct HookTests {
  private func hooked(_ definition: ProcessDefinition) -> ProcessDefinition {
    var definition = definition
    definition.afterExit = ["clean", "up"]
    definition.hookTimeout = .seconds(30)
    return definition
  }

  private func hooks(_ world: PaperWorld) -> [ExitStatus] {
    world.effects.compactMap {
      if case .run(_, .runAfterExit(_, let status)) = $0 { status } else { nil }
    }
  }

  @Test func theHookRunsBeforeTheNextRun() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(hookTakes: .seconds(5))
    world.ask(.add(hooked(.always("a"))))
    world.end("a", .code(3))
    #expect(hooks(world) == [.code(3)])
    #expect(world.status("a") == .stopping)
    world.advance(by: .seconds(5))
    // Its delay counts from the end of the run.
    #expect(world.status("a") == .running)
    #expect(world.violations.isEmpty)
  }

  @Test func aStopIsAnsweredAfterTheHook() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(hookTakes: .seconds(5))
    world.ask(.add(hooked(.always("a"))))
    let ticket = world.ask(.stop(id: "a"))
    world.advance(by: .seconds(4))
    #expect(world.answers[ticket] == nil)
    #expect(hooks(world) == [.signal(.terminate)])
    world.advance(by: .seconds(1))
    #expect(world.answers[ticket]?.isDone == true)
    #expect(world.status("a") == .manuallyStopped)
    #expect(world.violations.isEmpty)
  }

  @Test func aStopDuringTheHookEndsTheWaitForARestart() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(hookTakes: .seconds(5))
    world.ask(.add(hooked(.always("a"))))
    world.end("a", .code(3))
    let ticket = world.ask(.stop(id: "a"))
    #expect(world.answers[ticket] == nil)
    world.advance(by: .seconds(5))
    #expect(world.status("a") == .manuallyStopped)
    #expect(world.violations.isEmpty)
  }

  @Test func aStartThatFailedHasNoHook() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(startFailure: "no")
    world.ask(.add(hooked(.once("a"))))
    #expect(world.status("a") == .failed)
    #expect(hooks(world).isEmpty)
    #expect(world.violations.isEmpty)
  }

  @Test func anOrderlyShutdownWaitsForTheHookAndASecondOneDoesNot() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(hookTakes: .seconds(20))
    world.ask(.add(hooked(.always("a"))))
    world.ask(.shutdown)
    world.advance(by: .seconds(3))
    #expect(!world.hasFinished)
    #expect(world.supervisor.longestEnd(at: world.now) == .seconds(27))
    world.send(.killRequested)
    #expect(world.hasFinished)
    #expect(world.violations.isEmpty)
  }

  @Test func theLongestEndCountsTheHook() {
    var world = PaperWorld()
    world.ask(.add(hooked(.always("a"))))
    #expect(world.supervisor.longestEnd(at: world.now) == .seconds(10 + 10 + 2 + 30))
  }

  @Test func theLongestEndCountsTheHookInEveryStage() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(
      ignoresStopSignal: true, outputTakes: .seconds(1), hookTakes: .seconds(5))
    world.ask(.add(hooked(.once("a"))))
    func longest() -> Duration { world.supervisor.longestEnd(at: world.now) }
    world.ask(.stop(id: "a"))
    #expect(longest() == .seconds(10 + 10 + 2 + 30))
    world.advance(by: .seconds(10))
    // It was killed at once, and the rest of its output is waited for.
    #expect(longest() == .seconds(2 + 30))
    world.advance(by: .seconds(1))
    #expect(longest() == .seconds(30))
    world.advance(by: .seconds(5))
    #expect(longest() == .zero)
    #expect(world.violations.isEmpty)
  }

  @Test func theLongestEndOfOneThatSaysItEndsCountsTheHook() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(outlivesKill: true)
    world.ask(.add(hooked(.once("a").notifying)))
    guard let run = world.supervisor.run(of: "a") else {
      Issue.record("it does not run")
      return
    }
    var notification = Notification()
    notification.isStopping = true
    world.send(.run(run, .notified(notification)))
    #expect(world.supervisor.longestEnd(at: world.now) == .seconds(10 + 10 + 2 + 30))
    world.advance(by: .seconds(10))
    // It has got SIGKILL.
    #expect(world.supervisor.longestEnd(at: world.now) == .seconds(10 + 2 + 30))
    #expect(world.violations.isEmpty)
  }

  // MARK: Before a start

  private func prepared(_ definition: ProcessDefinition) -> ProcessDefinition {
    var definition = definition
    definition.beforeStart = ["migrate"]
    return definition
  }

  private func spawned(_ world: PaperWorld) -> [ProcessDefinition] {
    world.effects.compactMap {
      if case .run(_, .spawn(let definition, _)) = $0 { definition } else { nil }
    }
  }

  @Test func theChildComesAfterTheHook() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(beforeStartTakes: .seconds(5))
    let ticket = world.ask(.add(prepared(.always("a"))))
    world.advance(by: .seconds(4))
    #expect(world.status("a") == .starting && world.spawns.isEmpty)
    #expect(world.answers[ticket] == nil)
    world.advance(by: .seconds(1))
    #expect(world.status("a") == .running && world.spawns == ["a"])
    #expect(world.answers[ticket] != nil)
    #expect(world.violations.isEmpty)
  }

  @Test func aHookThatFailsIsAFailedStart() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(beforeStartFailure: "before_start: exit status: 1")
    world.ask(.add(prepared(.always("a"))))
    #expect(world.spawns.isEmpty)
    #expect(world.status("a") == .backoff)
    #expect(world.error("a") == "could not be started: before_start: exit status: 1")
    let ticket = world.ask(.start(id: "a"))
    #expect(world.answers[ticket]?.refusal == .conflict)
    #expect(world.violations.isEmpty)
  }

  @Test func aStopEndsTheHookBeforeAStart() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(beforeStartTakes: .seconds(5))
    world.ask(.add(prepared(.always("a"))))
    let ticket = world.ask(.stop(id: "a"))
    #expect(world.answers[ticket]?.isDone == true)
    #expect(world.status("a") == .manuallyStopped && world.spawns.isEmpty)
    #expect(world.violations.isEmpty)
  }

  /// The hook has ended when the stop comes, and that is not told yet.
  @Test func aHookThatEndsDuringAStopIsFollowedByNoChild() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(beforeStartTakes: .seconds(5))
    world.ask(.add(prepared(.always("a"))))
    world.agenda.removeAll()
    let ticket = world.ask(.stop(id: "a"))
    #expect(world.status("a") == .stopping)
    guard let run = world.preparing.first else { return #expect(Bool(false)) }
    world.send(.run(run, .beforeStartEnded(failure: nil)))
    #expect(world.answers[ticket]?.isDone == true)
    #expect(world.status("a") == .manuallyStopped && world.spawns.isEmpty)
    #expect(world.violations.isEmpty)
  }

  /// Another definition that needs no new run does not change the start that is under way.
  @Test func theChildIsThatOfTheDefinitionThatTheHookWasOf() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(beforeStartTakes: .seconds(5))
    world.ask(.add(prepared(.always("a"))))
    world.ask(.update(prepared(.always("a")).labelled("new")))
    world.advance(by: .seconds(5))
    #expect(spawned(world).map(\.labels) == [[:]])
    #expect(world.status("a") == .running)
    #expect(world.violations.isEmpty)
  }

  @Test func anotherCommandBeginsWithItsOwnHook() {
    var world = PaperWorld()
    world.behaviours["a"] = PaperBehaviour(beforeStartTakes: .seconds(5))
    world.ask(.add(prepared(.always("a"))))
    world.ask(.update(prepared(.always("a")).running("other")))
    #expect(world.status("a") == .starting && world.spawns.isEmpty)
    world.advance(by: .seconds(5))
    #expect(spawned(world).map(\.execution.command) == ["other"])
    #expect(world.violations.isEmpty)
  }
}
