import Basics
import Glibc
import TestSupport
import Testing
import UV

/// In processes of their own: a reaper takes every child of its process.
struct OrphanReaperTests {
  @Test func anOrphanComesToTheSubreaperAndIsReaped() async {
    await #expect(processExitsWith: .success) {
      try SystemProcess.becomeSubreaper()
      try withScheduler { loop, scheduler in
        var reaped = 0
        let reaper = OrphanReaper(on: loop) { reaped += $0.count }
        try reaper.start()
        // It outlives its parent, which would reap it: a shell gives what it starts in the
        // background no input.
        let scene = try Scene(
          shell: "(setsid sh -c 'read x; exit 3' <&3 & echo $!) 3<&0; exit 5", on: loop, scheduler)
        try runLoop(loop) { !scene.exits.isEmpty }
        #expect(reaped == 0)
        scene.child.input.close()
        try runLoop(loop) { scene.isOver && reaped == 1 }
        #expect(scene.exits == [.code(5)])
        let orphan = try #require(Int32(scene.text.dropLast()))
        #expect(kill(orphan, 0) == -1 && errno == ESRCH)
        #expect(orphans(on: loop) == [])
        scene.child.close()
        reaper.close()
      }
    }
  }

  @Test func eachExitIsToldOnceWhoeverSeesItFirst() async {
    await #expect(processExitsWith: .success) {
      try SystemProcess.becomeSubreaper()
      try withScheduler { loop, scheduler in
        var reaped = 0
        let reaper = OrphanReaper(on: loop) { reaped += $0.count }
        try reaper.start()
        let scenes = try (0..<100).map { number in
          try Scene(shell: "exit \(number)", on: loop, scheduler)
        }
        try runLoop(loop) { scenes.allSatisfy(\.isOver) }
        #expect(scenes.map(\.exits) == (0..<100).map { [.code($0)] })
        #expect(reaped == 0)
        for scene in scenes { scene.child.close() }
        reaper.close()
      }
    }
  }

  @Test func aChildThatWasClosedLeavesNoZombie() async {
    await #expect(processExitsWith: .success) {
      try withScheduler { loop, scheduler in
        var reaped = 0
        let reaper = OrphanReaper(on: loop) { reaped += $0.count }
        try reaper.start()
        let scene = try Scene("cat", on: loop, scheduler)
        let pid = scene.child.pid
        scene.child.close()
        try runLoop(loop) { reaped == 1 }
        #expect(kill(pid, 0) == -1 && errno == ESRCH)
        #expect(scene.exits.isEmpty)
        reaper.close()
      }
    }
  }

  @Test func anExitWhoseStatusSomebodyElseTookIsStillTold() throws {
    try withScheduler { loop, scheduler in
      let scene = try Scene("sleep", ["100"], on: loop, scheduler)
      kill(scene.child.pid, SIGKILL)
      #expect(waitpid(scene.child.pid, nil, 0) == scene.child.pid)
      try runLoop(loop) { scene.isOver }
      #expect(scene.exits == [.code(-1)])
      scene.child.close()
    }
  }
}
