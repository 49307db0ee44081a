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

  /// As long as it cannot be told whose an orphan is, the run is not told as gone; and it is told
  /// that something is left after the patience, on the clock.
  @Test(arguments: [true, false])
  func whatCannotBeToldIsTakenForLeftAfterASecond(itIsRead: Bool) async {
    await #expect(processExitsWith: .success) { [itIsRead = itIsRead as Bool] in
      try ScopeWatchTests.withWatch { watch, scene in
        let looks = BlockedLooks(on: scene.loop)
        let run = try Run("(setsid sleep 1000 & echo $!); read x", watch, in: scene)
        try scene.wait { run.child.text.hasSuffix("\n") }
        let orphan = try #require(Int32(run.child.text.dropLast()))
        // Before that it is told by the session.
        try scene.poll { ProcessTable.session(of: orphan) == orphan }
        try run.endLeader(in: scene)
        _ = try turn(scene.loop, for: .milliseconds(400))
        #expect(run.found.isEmpty && run.gone == 0)
        scene.clock.pass(.milliseconds(999))
        watch.scopeWatch.check()
        #expect(run.found.isEmpty && run.gone == 0)
        scene.clock.pass(.milliseconds(1))
        watch.scopeWatch.check()
        #expect(run.found == [true] && run.gone == 0)
        if itIsRead {
          looks.end()
          try scene.poll { run.scope.survivors().map(\.pid) == [orphan] }
          #expect(run.gone == 0)
          #expect(run.scope.signal(.kill).isEmpty)
          try scene.wait { run.gone == 1 }
          #expect(!ProcessTable.isRunning(orphan))
        } else {
          // It is waited for no more.
          scene.clock.pass(.seconds(1))
          watch.scopeWatch.check()
          #expect(run.gone == 1 && ProcessTable.isRunning(orphan))
          looks.end()
          try scene.poll { !ProcessTable.isRunning(orphan) }
        }
        #expect(run.found == [true] && run.gone == 1)
        try run.close(in: scene)
      }
    }
  }
}
