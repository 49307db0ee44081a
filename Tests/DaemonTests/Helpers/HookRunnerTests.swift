import Basics
import Logs
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// The hooks before and after a run: what comes of them, and what the logs say of that.
struct HookRunnerTests {
  private let id = RunID(process: "web", serial: 1)
  private let definition = ProcessDefinition(id: "web", command: "true")

  /// Executes a hook before the run until its end.
  private func outcome(
    _ commandLine: [String], of definition: ProcessDefinition? = nil, _ scene: OwnersScene,
    meanwhile: () throws -> Void = {}
  ) throws -> HookRunner.Outcome {
    var outcomes: [HookRunner.Outcome] = []
    scene.hooks.runBeforeStart(commandLine, id, definition ?? self.definition) {
      outcomes.append($0)
    }
    #expect(outcomes.isEmpty, "its end is told within the call")
    try meanwhile()
    try scene.wait { !outcomes.isEmpty }
    _ = try turn(scene.loop, for: .milliseconds(20))
    #expect(outcomes.count == 1 && scene.helpers.isIdle)
    // It is over, and there is nothing to be ended.
    #expect(!scene.hooks.endBeforeStart(id))
    return try #require(outcomes.first)
  }

  private func failure(_ outcome: HookRunner.Outcome) -> String? {
    if case .failed(let reason) = outcome { reason } else { nil }
  }

  /// The texts in the log of the process.
  private func texts(_ scene: OwnersScene) throws -> [String] {
    try scene.lines(of: "web").map { line in
      line.firstRange(of: "test: ").map { String(line[$0.upperBound...]) } ?? line
    }
  }

  private func waitForText(_ text: String, _ scene: OwnersScene) throws {
    try scene.wait { scene.logs["web"] != nil }
    while try !texts(scene).contains(text) { _ = try turn(scene.loop, for: .milliseconds(5)) }
  }

  @Test func oneThatSucceedsLeavesItsOutputInTheLogOfTheProcess() throws {
    try withOwners { scene in
      let outcome = try outcome(["sh", "-c", "echo out; sleep 0.1; echo err >&2"], scene)
      guard case .succeeded = outcome else { return #expect(Bool(false), "\(outcome)") }
      #expect(
        try texts(scene)
          == ["before_start: out", "before_start: err", "before_start: exit status: 0"])
    }
  }

  @Test(arguments: [
    ("exit 3", "before_start: exit status: 3"),
    ("echo out; exit 3", "before_start: exit status: 3"),
    ("kill -9 $$", "before_start: signal: 9 (SIGKILL)"),
    (
      "echo first >&2; echo last >&2; echo ' ' >&2; exit 3",
      "before_start: exit status: 3; last line on stderr: last"
    ),
    (
      "printf '%0300d' 0 >&2; exit 3",
      "before_start: exit status: 3; last line on stderr: \(String(repeating: "0", count: 200))"
    ),
  ])
  func oneThatFailsIsToldWithWhatItSaidLast(script: String, reason: String) throws {
    try withOwners { scene in
      let outcome = try outcome(["sh", "-c", script], scene)
      #expect(failure(outcome) == reason)
    }
  }

  @Test func oneThatTakesTooLongIsToldWithItsTime() throws {
    try withOwners { scene in
      var definition = definition
      definition.hookTimeout = .milliseconds(200)
      let outcome = try outcome(["sh", "-c", "trap '' TERM; sleep 1000"], of: definition, scene)
      #expect(failure(outcome) == "before_start: timed out after 0.2s")
      #expect(try texts(scene).last == "before_start: timed out after 0.2s")
    }
  }

  @Test func oneThatCannotBeExecutedIsNamedByItsField() throws {
    try withOwners { scene in
      let reason = "before_start '/nowhere/check': No such file or directory"
      let outcome = try outcome(["/nowhere/check"], scene)
      #expect(failure(outcome) == reason)
      let texts = try texts(scene)
      #expect(texts == [reason])
    }
  }

  @Test func oneThatIsEndedGetsTheStopSignalOfItsProcess() throws {
    try withOwners { scene in
      #expect(!scene.hooks.endBeforeStart(id))
      var definition = definition
      definition.stopSignal = .interrupt
      definition.stopTimeout = .seconds(100)
      let script =
        "trap '' TERM; trap 'echo bye; exit 0' INT; echo ready; while :; do sleep 0.01; done"
      let outcome = try outcome(["sh", "-c", script], of: definition, scene) {
        try waitForText("before_start: ready", scene)
        #expect(!scene.hooks.endBeforeStart(RunID(process: "web", serial: 2)))
        #expect(scene.hooks.endBeforeStart(id))
      }
      guard case .cancelled = outcome else { return #expect(Bool(false), "\(outcome)") }
      #expect(try texts(scene).suffix(2) == ["before_start: bye", "before_start: killed"])
    }
  }

  // MARK: After a run

  private func afterExit(_ script: String) -> ProcessDefinition {
    var definition = definition
    definition.afterExit = ["sh", "-c", script]
    return definition
  }

  @Test(arguments: [
    (Basics.ExitStatus.code(5), "after_exit: code 5 signal "),
    (.signal(.terminate), "after_exit: code  signal SIGTERM"),
  ])
  func oneAfterARunIsToldHowThatEnded(status: Basics.ExitStatus, text: String) throws {
    try withOwners { scene in
      let definition = afterExit("echo \"code $EXEIO_EXIT_CODE signal $EXEIO_EXIT_SIGNAL\"")
      scene.hooks.runAfterExit(id, definition, status)
      #expect(scene.events.isEmpty)
      try scene.wait(for: .run(id, .hookEnded))
      #expect(try texts(scene) == [text, "after_exit: exit status: 0"])
      #expect(try !scene.supervisorLines().contains { $0.contains("after_exit") })
    }
  }

  @Test func oneAfterARunThatFailsIsAWarning() throws {
    try withOwners { scene in
      scene.hooks.runAfterExit(id, afterExit("exit 4"), .code(0))
      try scene.wait(for: .run(id, .hookEnded))
      let warning = "warning: Process 'web': after_exit: exit status: 4"
      #expect(try scene.supervisorLines().contains { $0.hasSuffix(warning) })
    }
  }

  @Test func oneAfterARunThatIsCancelledIsKilled() throws {
    try withOwners { scene in
      scene.hooks.runAfterExit(id, afterExit("trap '' TERM; echo ready; sleep 1000"), .code(0))
      try waitForText("after_exit: ready", scene)
      scene.hooks.cancelAfterExit(RunID(process: "web", serial: 2))
      #expect(scene.events.isEmpty)
      scene.hooks.cancelAfterExit(id)
      try scene.wait(for: .run(id, .hookEnded))
      #expect(try texts(scene).last == "after_exit: killed")
      #expect(scene.events.count == 1 && scene.helpers.isIdle)
    }
  }
}
