import API
import Basics
import Glibc
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// Who belongs to a run, and who does not: all of it is signalled, and nothing else.
struct RunScopeTests {
  private func scope(_ child: TestChild, _ mark: String, _ scene: OwnersScene) -> RunScope {
    RunScope(child.child, mark: mark, cgroup: nil, orphanTracker: scene.orphanTracker)
  }

  private func pids(_ child: TestChild, _ count: Int, _ scene: OwnersScene) throws -> [Int32] {
    try scene.wait { child.text.hasSuffix("\n") && child.text.count { $0 == "\n" } == count }
    return child.text.split(separator: "\n").compactMap { Int32($0) }
  }

  @Test func aSignalReachesWhatIsBelowTheLeaderInAnySession() throws {
    try withOwners { scene in
      let child = try TestChild(
        "setsid sleep 1000 & echo $!; sleep 1000 & echo $!; wait", in: scene)
      let stranger = try TestChild("exec sleep 1000", in: scene)
      let members = try pids(child, 2, scene)
      let scope = scope(child, "mark", scene)
      #expect(scope.survivors().map(\.pid) == ([child.pid] + members).sorted())
      #expect(scope.residentBytes() ?? 0 > 0)
      #expect(scope.killedAt == nil)
      #expect(scope.signal(.terminate).isEmpty && scope.killedAt == nil)
      // All of them have its output.
      try scene.wait { child.isOver }
      #expect(child.exit == .signal(.terminate) && stranger.exit == nil)
      child.child.close()
      try stranger.end(in: scene)
    }
  }

  /// One that is stopped takes a signal only when it goes on.
  @Test func whatWasStoppedIsContinued() throws {
    try withOwners { scene in
      let child = try TestChild("exec sleep 1000", in: scene)
      let scope = scope(child, "mark", scene)
      #expect(scope.signal(Signal(number: SIGSTOP)).isEmpty)
      #expect(scope.signal(.terminate, thenContinue: true).isEmpty)
      try scene.wait { child.isOver }
      #expect(child.exit == .signal(.terminate))
      child.child.close()
    }
  }

  @Test func aKillIsTimedByTheClock() throws {
    try withOwners { scene in
      let child = try TestChild("exec sleep 1000", in: scene)
      let scope = scope(child, "mark", scene)
      scene.clock.pass(.seconds(5))
      #expect(scope.signal(.kill).isEmpty)
      scene.clock.pass(.seconds(5))
      // It may have been reaped by now: that is no failure.
      #expect(scope.signal(.kill).isEmpty)
      #expect(scope.killedAt == .seconds(1005))
      try child.end(in: scene)
    }
  }

  @Test func aMessageCountsThatCameFromTheRun() throws {
    try withOwners { scene in
      let child = try TestChild("setsid sleep 1000 & echo $!; wait", in: scene)
      let stranger = try TestChild("exec sleep 1000", in: scene)
      let member = try pids(child, 1, scene)[0]
      let scope = scope(child, "mark", scene)
      func sent(_ pid: Int32, user: UInt32 = geteuid()) -> Bool {
        scope.sent(NotifyMessage(bytes: [], pid: pid, user: user))
      }
      #expect(sent(child.pid) && sent(member))
      #expect(!sent(stranger.pid) && !sent(getpid()) && !sent(1) && !sent(0))
      // A sender that has gone is told by its user.
      #expect(sent(.max) && !sent(.max, user: geteuid() + 1))
      try ProcessTable.signal(SIGKILL, process: member)
      try child.end(in: scene)
      try stranger.end(in: scene)
    }
  }

  /// What was seen below the leader belongs to the run whatever it has become since, and another
  /// process that has been given its number does not. In a process of its own, to which the orphan
  /// comes.
  @Test func anOrphanThatWasSeenIsToldByItsStart() async {
    await #expect(processExitsWith: .success) {
      for isTheSame in [true, false] {
        try SystemProcess.becomeSubreaper()
        try withOwners { scene in
          let watch = try ProcessWatch(scene.context)
          let tracker = watch.orphanTracker
          // The orphan leaves the session, and says that it is of another run.
          let script = "EXEIO_RUN=other setsid sleep 1000 & echo $!; read x"
          let child = try TestChild(script, mark: "mine", in: scene)
          try scene.wait { child.text.hasSuffix("\n") }
          let member = try #require(Int32(child.text.dropLast()))
          // In the middle of an `execve`, nothing of it can be read.
          try scene.poll {
            let name = try? Files.read("/proc/\(member)/comm", limit: 64)
            return name == Array("sleep\n".utf8) && ProcessTable.session(of: member) == member
          }
          let scope = RunScope(
            child.child, mark: "mine", cgroup: nil, orphanTracker: tracker)
          // On this clock it was started before it was seen, or its number was given away since.
          let start = try #require(ProcessTable.startTime(of: member))
          scene.clock.bootTicks = isTheSame ? start : start - 1
          #expect(scope.signal(.continue).isEmpty)
          child.child.input.close()
          try scene.wait { child.exit != nil }
          scope.leaderExited()
          try scene.poll {
            let look = tracker.look()
            return look.isReadable && look.orphans.contains { $0.mark.text == "other" }
          }
          #expect(scope.remaining(tracker.look) == (isTheSame ? .processes : .nothing))
          #expect(scope.survivors().map(\.pid) == (isTheSame ? [member] : []))
          try ProcessTable.signal(SIGKILL, process: member)
          try scene.wait { child.isOver }
          child.child.close()
          watch.close()
        }
      }
    }
  }

  /// In a process of its own, to which the orphans come.
  @Test func anOrphanIsToldByItsMark() async {
    await #expect(processExitsWith: .success) {
      try SystemProcess.becomeSubreaper()
      try withOwners { scene in
        let watch = try ProcessWatch(scene.context)
        let script = "(setsid sleep 1000 & echo $!); read x"
        let children = try ["mine", "other"].map { try TestChild(script, mark: $0, in: scene) }
        try scene.wait { children.allSatisfy { $0.text.hasSuffix("\n") } }
        let orphans = try children.map { try #require(Int32($0.text.dropLast())) }
        let tracker = watch.orphanTracker
        try scene.poll {
          let look = tracker.look()
          return look.isReadable && look.orphans.compactMap(\.mark.text).count == 2
        }
        let scope = RunScope(
          children[0].child, mark: "mine", cgroup: nil, orphanTracker: tracker)
        #expect(scope.survivors().map(\.pid) == [children[0].pid, orphans[0]].sorted())
        children[0].child.input.close()
        try scene.wait { children[0].exit != nil }
        scope.leaderExited()
        #expect(scope.remaining(tracker.look) == .processes)
        #expect(scope.survivors().map(\.pid) == [orphans[0]])
        #expect(scope.signal(.kill).isEmpty)
        try scene.poll { !ProcessTable.isRunning(orphans[0]) }
        #expect(ProcessTable.isRunning(orphans[1]) && children[1].exit == nil)
        #expect(scope.remaining(tracker.look) == .nothing)
        #expect(scope.survivors().isEmpty && scope.residentBytes() == nil)
        try ProcessTable.signal(SIGKILL, process: orphans[1])
        children[1].child.input.close()
        try scene.wait { children.allSatisfy(\.isOver) }
        for child in children { child.child.close() }
        watch.close()
      }
    }
  }

  /// What cannot be told is never taken for what is not there, until it has lasted for long; and it
  /// is of no run that was started after it was seen first.
  @Test func whatCannotBeToldMayBeOfARunForTwoSeconds() async {
    await #expect(processExitsWith: .success) {
      try SystemProcess.becomeSubreaper()
      try withOwners { scene in
        let watch = try ProcessWatch(scene.context)
        let tracker = watch.orphanTracker
        func scope(_ child: TestChild) throws -> RunScope {
          let scope = RunScope(child.child, mark: "mine", cgroup: nil, orphanTracker: tracker)
          child.child.input.close()
          try scene.wait { child.exit != nil }
          scope.leaderExited()
          return scope
        }
        let looks = BlockedLooks(on: scene.loop)
        let child = try TestChild(
          "(setsid sleep 1000 & echo $!); read x", mark: "mine", in: scene)
        try scene.wait { child.text.hasSuffix("\n") }
        let orphan = try #require(Int32(child.text.dropLast()))
        // Before that it is told by the session.
        try scene.poll { ProcessTable.session(of: orphan) == orphan }
        let first = try scope(child)
        #expect(first.remaining(tracker.look) == .unclear)
        // It was tried in vain to read it.
        try scene.poll { tracker.look().hidden.map(\.unclearSince) == [.seconds(1000)] }
        #expect(first.remaining(tracker.look) == .unclear)
        scene.clock.pass(.milliseconds(1001))
        let later = try TestChild("read x", mark: "later", in: scene)
        #expect(try scope(later).remaining(tracker.look) == .nothing)
        scene.clock.pass(.milliseconds(998))
        #expect(first.remaining(tracker.look) == .unclear)
        scene.clock.pass(.milliseconds(1))
        #expect(first.remaining(tracker.look) == .nothing)
        // Where it turns out to be of the run, it is ended then.
        #expect(ProcessTable.isRunning(orphan))
        looks.end()
        try scene.poll { !ProcessTable.isRunning(orphan) }
        try scene.wait { child.isOver && later.isOver }
        for child in [child, later] { child.child.close() }
        watch.close()
      }
    }
  }
}
