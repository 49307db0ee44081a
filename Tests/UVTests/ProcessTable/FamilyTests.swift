import Glibc
import TestSupport
import Testing
import UV

/// Who descends from whom, as `/proc` tells it.
struct FamilyTests {
  @Test func descendantsAreFoundInWhateverSessionTheyAre() throws {
    try withScheduler { loop, scheduler in
      let scene = try Scene(
        shell: "setsid sh -c 'sleep 100 & echo $!; wait' & echo $!; wait", on: loop, scheduler)
      try runLoop(loop) { scene.text.split(separator: "\n").count == 2 }
      let told = scene.text.split(separator: "\n").compactMap { Int32($0) }
      let found = ProcessTable.descendants(of: [scene.child.pid])
      #expect(Set(found) == Set(told))
      #expect(ProcessTable.children(of: scene.child.pid).count == 1)
      for pid in found + [scene.child.pid] { try ProcessTable.signal(SIGKILL, process: pid) }
      try runLoop(loop) { scene.isOver }
      scene.child.close()
    }
  }

  @Test func nobodyHasNoFamily() {
    #expect(ProcessTable.descendants(of: [Int32.max]).isEmpty)
    #expect(ProcessRecord(Int32.max) == nil)
    #expect(ProcessTable.variable("PATH", of: Int32.max) == .ended)
  }

  /// In a process of its own: a process that becomes a subreaper gets the orphans of all tests.
  @Test func orphansAreTheChildrenThatNobodyStarted() async {
    await #expect(processExitsWith: .success) {
      try SystemProcess.becomeSubreaper()
      try withScheduler { loop, scheduler in
        let reaper = OrphanReaper(on: loop) { _ in }
        try reaper.start()
        let scene = try Scene(
          shell: "(setsid sleep 100 & echo $!); exec sleep 100", on: loop, scheduler)
        try runLoop(loop) { scene.text.hasSuffix("\n") }
        let orphan = try #require(Int32(scene.text.dropLast()))
        let timer = try Timer(on: loop)
        timer.start(after: .zero, repeating: .milliseconds(1)) {
          // One that cannot be listed now is listed later.
          if (try? ProcessTable.orphans(on: loop)) == [orphan] { timer.close() }
        }
        try runLoop(loop) { !timer.isActive }
        for pid in [orphan, scene.child.pid] { try ProcessTable.signal(SIGKILL, process: pid) }
        try runLoop(loop) { scene.isOver }
        scene.child.close()
        reaper.close()
      }
    }
  }

  /// The kernel shows the state of the first thread as that of the process.
  @Test(arguments: [("Z", 1, true), ("Z", 2, false), ("X", 1, true), ("S", 1, false)])
  func aProcessHasEndedWithTheLastOfItsThreads(
    state: String, threads: Int, hasEnded: Bool
  ) throws {
    let line =
      "4711 (java) \(state) 1 4711 4711 0 -1 4227084 2153 0 2 0 1 0 2 0 20 0 \(threads) 0 1657003 8192 2 0\n"
    let record = try #require(
      line.utf8.withContiguousStorageIfAvailable { ProcessRecord(contents: .init($0)) } ?? nil)
    #expect(record.hasEnded == hasEnded)
    #expect(record.startTime == 1_657_003)
  }

  @Test func aNameMayHoldAnything() throws {
    let directory = try TemporaryDirectory()
    let program = directory.file("a) Z (b")
    _ = try outputOf(shell: "cp /bin/sleep '\(program)'")
    try withScheduler { loop, scheduler in
      let scene = try Scene(program, ["100"], environment: ["MARK=x y"], on: loop, scheduler)
      let record = try #require(ProcessRecord(scene.child.pid))
      #expect(record.name == "a) Z (b")
      #expect(record.session == scene.child.pid && record.group == scene.child.pid)
      #expect(record.parent == SystemProcess.ownPID && !record.hasEnded)
      #expect(ProcessTable.variable("MARK", of: scene.child.pid) == .value("x y"))
      #expect(ProcessTable.variable("MAR", of: scene.child.pid) == .absent)
      #expect(ProcessGroups.group(of: scene.child.pid) == scene.child.pid)
      try ProcessTable.signal(SIGKILL, process: scene.child.pid)
      try runLoop(loop) { scene.isOver }
      scene.child.close()
    }
  }
}
