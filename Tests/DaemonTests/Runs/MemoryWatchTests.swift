import Glibc
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// Kills of the kernel for want of memory are told, each once. The group is a directory whose
/// `memory.events` a test writes; that the file has changed is told by the events of a group that
/// is frozen.
@Suite(.enabled(if: TestCgroup.isAvailable, "a cgroup cannot be made here"))
struct MemoryWatchTests {
  private let directory: TemporaryDirectory
  private let cgroup: TestCgroup

  init() throws {
    directory = try TemporaryDirectory()
    cgroup = try TestCgroup()
  }

  /// Has the group say that so many were killed.
  private func note(kills: Int) throws {
    let path = directory.file("memory.events")
    try? Files.remove(path)
    try Files.createNew(path, mode: 0o600, contents: Array("oom 1\noom_kill \(kills)\n".utf8))
  }

  /// Watches; the file behind a link is what is opened.
  private func watch(
    on loop: Loop, _ onKills: @escaping (Int) -> Void
  ) throws -> MemoryWatch {
    let events = cgroup.group.file("cgroup.events")
    try #require(symlink(events, directory.file("memory.events")) == 0)
    let watch = try MemoryWatch(Cgroup(path: directory.path), on: loop, onKills: onKills)
    try watch.start()
    return watch
  }

  private func change(_ isFrozen: Bool) throws {
    try cgroup.group.write(isFrozen ? "1" : "0", to: "cgroup.freeze")
  }

  @Test func eachNumberOfKillsIsToldOnce() throws {
    try withLoop { loop in
      var told: [Int] = []
      let watch = try watch(on: loop) { told.append($0) }
      try note(kills: 2)
      try change(true)
      try runLoop(loop) { !told.isEmpty }
      #expect(told == [2])
      // There are as many as before, and then one more.
      try change(false)
      _ = try turn(loop, for: .milliseconds(1100))
      try note(kills: 3)
      try change(true)
      try runLoop(loop) { told.count == 2 }
      #expect(told == [2, 3])
      watch.close()
    }
  }

  @Test func aGroupThatIsGoneTellsNothing() throws {
    try withLoop { loop in
      let missing = Cgroup(path: directory.file("none"))
      let watch = try MemoryWatch(missing, on: loop) { _ in Issue.record("nothing was killed") }
      #expect(throws: UVError.self) { try watch.start() }
    }
  }
}
