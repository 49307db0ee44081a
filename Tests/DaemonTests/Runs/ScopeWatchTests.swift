import API
import Basics
import Glibc
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// What is left of a run when its leader has ended, and when that has gone. In processes of their
/// own, to which the orphans come.
struct ScopeWatchTests {
  /// A leader of a scene, and what is told of its run.
  private final class Run {
    var found: [Bool] = []
    var gone = 0
    let child: TestChild
    let scope: RunScope
    private let watch: ProcessWatch

    init(_ script: String, _ watch: ProcessWatch, in scene: OwnersScene) throws {
      self.watch = watch
      child = try TestChild(script, mark: "mine", in: scene)
      scope = RunScope(
        child.child, mark: "mine", cgroup: nil, orphanTracker: watch.orphanTracker)
    }

    /// Lets the leader go, and has what it leaves watched.
    func endLeader(in scene: OwnersScene) throws {
      child.child.input.close()
      try scene.wait { child.exit != nil }
      scope.leaderExited()
      watch.scopeWatch.leaderExited(scope) { [unowned self] in
        found.append($0)
      } onGone: { [unowned self] in
        gone += 1
      }
    }

    func close(in scene: OwnersScene) throws {
      try scene.wait { child.isOver }
      child.child.close()
    }
  }

  private static func withWatch(_ body: (ProcessWatch, OwnersScene) throws -> Void) throws {
    try SystemProcess.becomeSubreaper()
    try withOwners { scene in
      let watch = try ProcessWatch(scene.context)
      try body(watch, scene)
      watch.close()
    }
  }

  @Test func aLeaderThatLeavesNothingIsToldOnceAndLater() async {
    await #expect(processExitsWith: .success) {
      try ScopeWatchTests.withWatch { watch, scene in
        let run = try Run("read x", watch, in: scene)
        try run.endLeader(in: scene)
        #expect(run.found.isEmpty, "it is told within the call")
        try scene.wait { !run.found.isEmpty }
        _ = try turn(scene.loop, for: .milliseconds(50))
        #expect(run.found == [false] && run.gone == 0)
        try run.close(in: scene)
      }
    }
  }

  @Test(arguments: ["sleep 1000 &", "(setsid sleep 1000 &);"])
  func whatIsLeftIsToldAndItsEndToo(leaving: String) async {
    await #expect(processExitsWith: .success) { [leaving = leaving as String] in
      try ScopeWatchTests.withWatch { watch, scene in
        let run = try Run("\(leaving) read x", watch, in: scene)
        try run.endLeader(in: scene)
        try scene.wait { !run.found.isEmpty }
        #expect(run.found == [true] && run.gone == 0)
        // One that has just left the session can be told when it has been read.
        try scene.poll { !run.scope.survivors().isEmpty }
        let survivors = run.scope.survivors()
        #expect(survivors.count == 1)
        for survivor in survivors { try ProcessTable.signal(SIGKILL, process: survivor.pid) }
        try scene.wait { run.gone > 0 }
        _ = try turn(scene.loop, for: .milliseconds(50))
        #expect(run.found == [true] && run.gone == 1)
        try run.close(in: scene)
      }
    }
  }

  /// A shell that is asked to end while others are killed may have started another process in
  /// between.
  @Test func whatTurnsUpAfterAKillIsKilledToo() async {
    await #expect(processExitsWith: .success) {
      try ScopeWatchTests.withWatch { watch, scene in
        // What it leaves is in no group or session of the run, and is found by its mark alone.
        let run = try Run("(setsid sleep 1000 & echo $!); read x", watch, in: scene)
        try scene.wait { run.child.text.hasSuffix("\n") }
        let orphan = try #require(Int32(run.child.text.dropLast()))
        // It cannot be told whose it is before it has been read, and is not killed with the others.
        #expect(run.scope.signal(.kill).isEmpty)
        watch.scopeWatch.killed()
        try run.endLeader(in: scene)
        try scene.wait { run.found == [false] || run.gone == 1 }
        #expect(!ProcessTable.isRunning(orphan))
        try run.close(in: scene)
      }
    }
  }
}
