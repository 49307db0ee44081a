import API
import Basics
import Glibc
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// What the run state, the log and the supervisor hear of runs that are under way and of their
/// ends.
struct RunControllerTests {
  private let id = RunID(process: "web", serial: 1)

  /// What `run-state` says once it is written.
  private func runState(_ scene: OwnersScene) throws -> [RunState.Run] {
    try scene.wait { scene.journal.isWritten }
    let bytes = try Files.read(scene.configuration.runStateFile, limit: 1 << 20)
    return Array(RunState(bytes, bootID: "boot").runs.values)
  }

  private func waitForEnd(_ scene: OwnersScene) throws {
    try scene.wait {
      scene.events.contains { if case .run(id, .exited) = $0 { true } else { false } }
        && scene.events.contains { if case .run(id, .outputEnded) = $0 { true } else { false } }
    }
  }

  /// A file to which ends are never added grows with each run, and a later daemon looks for all of
  /// them.
  @Test func aRunIsInTheRunStateForAsLongAsItLasts() throws {
    try withOwners { scene in
      scene.spawner.spawn(id, shell("web", "read x"), run: 1)
      try scene.wait { scene.runs.live(id) != nil }
      let run = try #require(scene.runs.live(id))
      let noted = try runState(scene)
      #expect(noted.map(\.process) == ["web"] && noted.map(\.leader?.pid) == [run.child.pid])
      #expect(noted.map(\.leader?.startTime) == [run.child.startTime])
      run.writeInput([], closes: true) { _ in }
      try waitForEnd(scene)
      #expect(try runState(scene).isEmpty)
    }
  }

  @Test func aStartThatFailsLeavesNothingInTheRunState() throws {
    try withOwners { scene in
      var definition = shell("web", "exit 0")
      definition.execution.workingDirectory = "/nowhere"
      scene.spawner.spawn(id, definition, run: 1)
      try scene.wait { !scene.events.isEmpty }
      #expect(try runState(scene).isEmpty)
    }
  }

  /// What is left in the background is part of the run, which lasts as long as that.
  @Test func whatOutlivesTheLeaderKeepsTheRun() throws {
    try withOwners { scene in
      scene.spawner.spawn(id, shell("web", "sleep 1000 & echo $!; exit 4"), run: 1)
      try scene.wait {
        scene.events.contains(
          .run(id, .exited(.code(4), groupRemains: true, oomKills: 0)))
      }
      #expect(try runState(scene).count == 1)
      #expect(scene.runs.live(id) == nil)
      scene.runs.signal(id, .kill, thenContinue: false)
      try scene.wait(for: .run(id, .groupGone))
      #expect(try runState(scene).isEmpty)
      try scene.wait(for: .run(id, .outputEnded(lastErrorLine: nil)))
    }
  }

  @Test func aMessageOfAStrangerIsNotTaken() throws {
    try withOwners { scene in
      scene.spawner.spawn(id, shell("web", "read x"), run: 1)
      try scene.wait { scene.runs.live(id) != nil }
      let run = try #require(scene.runs.live(id))
      let count = scene.events.count
      func message(_ text: String, _ pid: Int32) -> NotifyMessage {
        NotifyMessage(bytes: Array(text.utf8), pid: pid, user: geteuid())
      }
      scene.runs.received([message("READY=1", getpid())], for: id)
      #expect(scene.events.count == count)
      scene.runs.received(
        [message("READY=1", run.child.pid), message("STATUS=well", run.child.pid)], for: id)
      #expect(scene.events.count == count + 1, "what comes in one turn is told as one")
      guard case .run(id, .notified(let news))? = scene.events.last else {
        return #expect(Bool(false), "\(scene.events)")
      }
      #expect(news.isReady == true && news.status == "well")
      run.writeInput([], closes: true) { _ in }
      try waitForEnd(scene)
    }
  }
}
