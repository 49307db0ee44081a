import API
import Basics
import Glibc
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// Starts and runs as their owners make them: what the supervisor is told of them.
struct SpawnerTests {
  private let id = RunID(process: "web", serial: 1)

  /// Turns the loop until the run is over: its leader has exited and its output has ended.
  private func waitForEnd(_ scene: OwnersScene) throws -> Basics.ExitStatus? {
    var status: Basics.ExitStatus?
    try scene.wait {
      var hasOutputEnded = false
      for event in scene.events {
        if case .run(id, .exited(let exit, groupRemains: _, oomKills: _)) = event { status = exit }
        if case .run(id, .outputEnded(lastErrorLine: _)) = event { hasOutputEnded = true }
      }
      return status != nil && hasOutputEnded
    }
    return status
  }

  private func pid(_ scene: OwnersScene) throws -> Int32 {
    var found: Int32?
    try scene.wait {
      for case .run(id, .spawned(let pid)) in scene.events { found = pid }
      return found != nil
    }
    return try #require(found)
  }

  @Test func aRunIsToldFromItsStartToItsEnd() throws {
    try withOwners { scene in
      scene.spawner.spawn(id, shell("web", "echo out; echo err >&2; exit 3"), run: 1)
      #expect(scene.events.isEmpty, "it is told within the call")
      #expect(try waitForEnd(scene) == .code(3))
      #expect(scene.events.contains(.run(id, .outputEnded(lastErrorLine: "err"))))
      let lines = try scene.lines(of: "web")
      #expect(lines.contains { $0.hasSuffix("out") } && lines.contains { $0.hasSuffix("err") })
      #expect(scene.runs.live(id) == nil)
    }
  }

  @Test func aSignalReachesTheWholeRun() throws {
    try withOwners { scene in
      scene.spawner.spawn(id, shell("web", "sleep 1000 & wait"), run: 1)
      _ = try pid(scene)
      scene.runs.signal(id, .kill, thenContinue: false)
      #expect(try waitForEnd(scene) == .signal(.kill))
    }
  }

  @Test func aStartThatWaitsIsTakenBack() throws {
    try withOwners { scene in
      scene.spawner.hold("web")
      scene.spawner.spawn(id, shell("web", "exit 0"), run: 1)
      scene.spawner.cancel(id)
      _ = try turn(scene.loop, for: .milliseconds(20))
      #expect(scene.events.isEmpty, "an earlier run is still being ended")
      scene.spawner.release("web")
      try scene.wait(for: .run(id, .spawnCancelled))
      #expect(scene.events == [.run(id, .spawnCancelled)])
    }
  }

  @Test func aStartThatFailsNamesItsField() throws {
    try withOwners { scene in
      var definition = shell("web", "exit 0")
      definition.execution.workingDirectory = "/nowhere"
      scene.spawner.spawn(id, definition, run: 1)
      let reason = "working_dir '/nowhere': No such file or directory"
      try scene.wait(for: .run(id, .spawnFailed(reason: reason)))
    }
  }

  /// The child is made by then, and waits for the log.
  @Test func nothingIsExecutedWithoutALog() throws {
    try withOwners { scene in
      try Files.createDirectories(scene.configuration.logFile("web"), mode: 0o700)
      let made = scene.directory.file("made")
      scene.spawner.spawn(id, shell("web", "touch \(made)"), run: 1)
      try scene.wait { !scene.events.isEmpty }
      guard case .run(id, .spawnFailed(let reason)) = scene.events.first else {
        return #expect(Bool(false), "\(scene.events)")
      }
      #expect(reason.contains(scene.configuration.logFile("web")), "\(reason)")
      #expect(access(made, F_OK) != 0)
      #expect(scene.problems.list.all.map(\.subject) == ["web"])
    }
  }

  @Test func aHookComesBeforeTheRun() throws {
    try withOwners { scene in
      var definition = shell("web", "cat \(scene.directory.file("made"))")
      definition.beforeStart = ["sh", "-c", "echo hooked > \(scene.directory.file("made"))"]
      scene.spawner.runBeforeStart(id, definition)
      try scene.wait { !scene.events.isEmpty }
      #expect(scene.events == [.run(id, .beforeStartEnded(failure: nil))])
      scene.spawner.spawn(id, definition, run: 1)
      #expect(try waitForEnd(scene) == .code(0))
      let lines = try scene.lines(of: "web")
      #expect(lines.contains { $0.hasSuffix("hooked") })
      #expect(lines.contains { $0.hasSuffix("before_start: exit status: 0") }, "\(lines)")
    }
  }

  @Test func aHookThatFailsKeepsTheRunFromStarting() throws {
    try withOwners { scene in
      var definition = shell("web", "exit 0")
      definition.beforeStart = ["sh", "-c", "echo no room >&2; exit 7"]
      scene.spawner.runBeforeStart(id, definition)
      try scene.wait { !scene.events.isEmpty }
      let reason = "before_start: exit status: 7; last line on stderr: no room"
      #expect(scene.events == [.run(id, .beforeStartEnded(failure: reason))])
    }
  }

  @Test func aHookIsEndedAsARunWouldBe() throws {
    try withOwners { scene in
      var definition = shell("web", "exit 0")
      definition.beforeStart = ["sh", "-c", "echo begun; sleep 1000"]
      scene.spawner.runBeforeStart(id, definition)
      try scene.wait {
        // The log is not there from the beginning.
        let text = try? Files.read(scene.configuration.logFile("web"), limit: 1 << 20)
        return text.map { String(decoding: $0, as: UTF8.self).contains("begun") } == true
      }
      scene.spawner.cancel(id)
      try scene.wait(for: .run(id, .spawnCancelled))
    }
  }

  @Test func theHookAfterARunIsTold() throws {
    try withOwners { scene in
      var definition = shell("web", "exit 0")
      scene.hooks.runAfterExit(id, definition, .code(0))
      #expect(scene.events == [.run(id, .hookEnded)])
      definition.afterExit = ["sh", "-c", "echo code $EXEIO_EXIT_CODE"]
      scene.hooks.runAfterExit(id, definition, .code(5))
      try scene.wait { scene.events.count == 2 }
      #expect(try scene.lines(of: "web").contains { $0.hasSuffix("after_exit: code 5") })
    }
  }

  @Test func whatIsNotThereIsNoReasonToFail() throws {
    try withOwners { scene in
      scene.runs.signal(id, .terminate, thenContinue: true)
      scene.runs.signalLeader(id, .hangUp)
      scene.runs.closeOutput(id)
      scene.runs.exited(id, .code(0))
      scene.hooks.cancelAfterExit(id)
      #expect(scene.events.isEmpty)
      scene.runs.findSurvivors(id)
      scene.runs.measure(id)
      #expect(scene.events == [.run(id, .survivors([])), .run(id, .measured(residentBytes: nil))])
    }
  }
}
