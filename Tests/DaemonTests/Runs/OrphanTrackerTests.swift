import API
import Glibc
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// What orphans come to this process, and whose they are. In processes of their own, to which the
/// orphans come.
struct OrphanTrackerTests {
  /// A child that has an orphan, and the orphan.
  private static func orphaning(
    _ mark: String, in scene: OwnersScene
  ) throws -> (child: TestChild, orphan: Int32) {
    let child = try TestChild("(setsid sleep 1000 & echo $!); read x", mark: mark, in: scene)
    try scene.wait { child.text.hasSuffix("\n") }
    let orphan = try #require(Int32(child.text.dropLast()))
    try scene.poll { ProcessTable.parent(of: orphan) == getpid() }
    return (child, orphan)
  }

  private static func end(
    _ child: TestChild, _ orphan: Int32, in scene: OwnersScene
  ) throws {
    if ProcessTable.isRunning(orphan) { try ProcessTable.signal(SIGKILL, process: orphan) }
    child.child.input.close()
    try scene.wait { child.isOver }
    child.child.close()
  }

  @Test func anOrphanIsHiddenUntilItHasBeenRead() async {
    await #expect(processExitsWith: .success) {
      try SystemProcess.becomeSubreaper()
      try withOwners { scene in
        let watch = try ProcessWatch(scene.context)
        let tracker = watch.orphanTracker
        #expect(tracker.look().isReadable && tracker.look().orphans.isEmpty)
        let (child, orphan) = try OrphanTrackerTests.orphaning("mine", in: scene)
        var news = 0
        var reads = 0
        tracker.onRead = { news += 1 }
        // What was there before may have been seen by a shell that has ended by now.
        var look = tracker.look()
        while !look.hidden.contains(where: { $0.pid == orphan }) { look = tracker.look() }
        #expect(!look.isReadable && look.orphans.isEmpty)
        #expect(look.hidden.map(\.unclearSince) == [nil])
        tracker.whenRead { reads += 1 }
        try scene.wait { reads == 1 }
        // In the middle of an execve it cannot be read yet.
        try scene.poll { tracker.look().orphans.map(\.mark) == [.value("mine")] }
        #expect(news > 0 && reads == 1)
        look = tracker.look()
        #expect(look.isReadable && look.orphans.map(\.pid) == [orphan])
        #expect(look.orphans[0].unclearSince == nil)
        #expect(look.orphans[0].startTime == ProcessTable.startTime(of: orphan))
        try OrphanTrackerTests.end(child, orphan, in: scene)
        try scene.poll { tracker.look().orphans.isEmpty }
        watch.close()
      }
    }
  }

  /// A run that has ended does not wait for an orphan that cannot be told, which is ended when it
  /// can.
  @Test func thoseOfARunThatWasGivenUpAreToldLater() async {
    await #expect(processExitsWith: .success) {
      try SystemProcess.becomeSubreaper()
      try withOwners { scene in
        let watch = try ProcessWatch(scene.context)
        let (mine, orphan) = try OrphanTrackerTests.orphaning("mine", in: scene)
        let (other, stranger) = try OrphanTrackerTests.orphaning("other", in: scene)
        var late: [[Int32]] = []
        watch.orphanTracker.onLate = { late.append($0) }
        watch.orphanTracker.giveUp("mine")
        try scene.wait { !late.isEmpty }
        #expect(late == [[orphan]])
        try OrphanTrackerTests.end(mine, orphan, in: scene)
        try OrphanTrackerTests.end(other, stranger, in: scene)
        watch.close()
      }
    }
  }

  /// Its number may be given to another process, which is read for itself.
  @Test func whatHasBeenReapedIsForgotten() async {
    await #expect(processExitsWith: .success) {
      try SystemProcess.becomeSubreaper()
      try withOwners { scene in
        let watch = try ProcessWatch(scene.context)
        let tracker = watch.orphanTracker
        let (child, orphan) = try OrphanTrackerTests.orphaning("mine", in: scene)
        try scene.poll { tracker.look().orphans.map(\.mark) == [.value("mine")] }
        tracker.reaped([orphan])
        let look = tracker.look()
        #expect(look.orphans.isEmpty && look.hidden.map(\.pid) == [orphan])
        try OrphanTrackerTests.end(child, orphan, in: scene)
        watch.close()
      }
    }
  }

  /// Nothing that has a handle on the loop looks at more than what is there at this moment.
  @Test func oneLookServesATurn() async {
    await #expect(processExitsWith: .success) {
      try SystemProcess.becomeSubreaper()
      try withOwners { scene in
        let watch = try ProcessWatch(scene.context)
        let tracker = watch.orphanTracker
        #expect(tracker.recent().hidden.isEmpty)
        let (child, orphan) = try OrphanTrackerTests.orphaning("mine", in: scene)
        // The loop has turned since.
        #expect(tracker.recent().hidden.map(\.pid) == [orphan])
        try OrphanTrackerTests.end(child, orphan, in: scene)
        watch.close()
      }
    }
  }
}
