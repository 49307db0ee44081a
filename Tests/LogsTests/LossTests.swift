import Basics
import Glibc
import Logs
import TestSupport
import Testing
import UV

/// A file that cannot grow, because the file system refuses larger ones or has no room left.
@Suite struct LossTests {
  /// Makes a file of that name as large as the file system lets it be, less some bytes, without
  /// taking any room: a hole.
  private func fillWithHole(_ path: String, leaving room: Int) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o640)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    var largest = 0
    var bit = 1 << 62
    while bit > 0 {
      if ftruncate(descriptor, largest + bit) == 0 { largest += bit }
      bit >>= 1
    }
    try #require(ftruncate(descriptor, largest - room) == 0)
  }

  @Test func linesThatCannotBeWrittenAreCountedAndNamedOnceThereIsRoom() throws {
    try withScene { scene in
      let path = scene.directory.file("a.log")
      // Room for the newline that ends the hole, for two lines of 36 bytes, and for half a third.
      try fillWithHole(path, leaving: 1 + 2 * 36 + 18)
      let log = try scene.log()
      var losses: [String] = []
      log.onLoss = { losses.append($0) }
      let input = log.input(.stdout, run: nil)
      input.write("line1\nline2\nline3\nline4\nline5\n")
      try scene.flush(log)
      let full = try Files.status(of: path).size
      #expect(scene.context.droppedLines == 3)
      // Neither the torn third line is there, nor a notice that found no room.
      input.write("line6\n")
      try scene.flush(log)
      #expect(scene.context.droppedLines == 4)
      // Told once for all that are lost in a row.
      #expect(losses == ["File too large"])
      #expect(try Files.status(of: path).size == full)

      try #require(truncate(path, 0) == 0)
      input.write("line7\n")
      try scene.flush(log)
      input.write("line8\n")
      try scene.close(log)
      #expect(
        try scene.lines() == [
          FormatTests.stamp + "SYSTEM 127.0.0.1:8080: 4 lines were lost: File too large",
          FormatTests.stamp + "STDOUT: line7", FormatTests.stamp + "STDOUT: line8",
        ])
      #expect(scene.context.droppedLines == 4)
      #expect(log.droppedLines == 4)
    }
  }

  @Test func theLossIsNamedWithoutAnyFurtherLine() throws {
    try withScene { scene in
      let path = scene.directory.file("a.log")
      try fillWithHole(path, leaving: 1)
      let log = try scene.log()
      log.input(.stdout, run: nil).write("gone\n")
      try scene.flush(log)
      try #require(truncate(path, 0) == 0)
      try runLoop(scene.loop) { (try? scene.bytes().isEmpty) == false }
      let notice = "SYSTEM 127.0.0.1:8080: 1 line was lost: File too large"
      #expect(try scene.lines() == [FormatTests.stamp + notice])
      try scene.close(log)
      #expect(try scene.lines().count == 1)
    }
  }

  @Test func aLogThatLostLinesIsClosedWithoutWaiting() throws {
    try withScene { scene in
      let path = scene.directory.file("a.log")
      try fillWithHole(path, leaving: 0)
      let log = try scene.log()
      log.input(.stdout, run: nil).write("gone\n")
      try scene.close(log)
      #expect(scene.context.droppedLines == 1)
      // The retry timer is gone with the log: nothing keeps the loop alive.
      #expect(!scene.loop.run(.noWait) || scene.loop.openHandles.count <= 1)
    }
  }

  @Test func clearMakesRoomAndForgetsTheLoss() throws {
    try withScene { scene in
      try fillWithHole(scene.directory.file("a.log"), leaving: 1)
      let log = try scene.log()
      let input = log.input(.stdout, run: nil)
      input.write("gone\n")
      try scene.wait { done in log.clear { _ in done() } }
      input.write("there\n")
      try scene.close(log)
      #expect(try scene.lines() == [FormatTests.stamp + "STDOUT: there"])
    }
  }

  @Test(.enabled(if: TinyFileSystem.isPossible, "mounting a tmpfs takes root"))
  func aFullDiskDropsWholeLinesAndTheLogGoesOnWhenThereIsRoom() throws {
    try withScene(limit: .seconds(60)) { scene in
      let disk = try TinyFileSystem(at: scene.directory.file("disk"))
      defer { disk.unmount() }
      let log = try scene.log("disk/a.log")
      let input = log.input(.stdout, run: nil)
      let ballast = scene.directory.file("disk/ballast")
      try Files.createNew(ballast, mode: 0o600, contents: [UInt8](repeating: 1, count: 500_000))
      var given = 0
      func give(_ count: Int) {
        input.write((0..<count).map { "\(given + $0) of all\n" }.joined())
        given += count
      }
      for _ in 0..<20 {
        give(5_000)
        try scene.flush(log)
      }
      let dropped = scene.context.droppedLines
      #expect(dropped > 0)
      try Files.remove(ballast)
      give(100)
      try scene.flush(log)
      #expect(scene.context.droppedLines == dropped)

      let lines = try scene.lines("disk/a.log")
      let notices = lines.indices.filter { lines[$0].contains("lines were lost") }
      let notice = try #require(notices.first)
      #expect(notices.count == 1)
      #expect(lines[notice].hasSuffix(": \(dropped) lines were lost: No space left on device"))
      let numbers = lines.compactMap { line in
        line.split(separator: " ").dropFirst(3).first.flatMap { Int($0) }
      }
      let before = given - 100 - dropped
      #expect(numbers == Array(0..<before) + Array((given - 100)..<given))
      #expect(notice == before)
      let page = try scene.page(log, LogQuery(page: 1, pageSize: 1))
      #expect(page.total == lines.count)
      try scene.close(log)
    }
  }
}

/// Of a disk that takes no new file.
extension LossTests {
  @Test(.enabled(if: TinyFileSystem.isPossible, "mounting a tmpfs takes root"))
  func aLogWithoutAFileGetsOneAsSoonAsTheDiskTakesIt() throws {
    try withScene { scene in
      let disk = try TinyFileSystem(at: scene.directory.file("disk"), files: 1)
      defer { disk.unmount() }
      let ballast = scene.directory.file("disk/ballast")
      try scene.write([], to: "disk/ballast")
      let log = try scene.log("disk/a.log")
      var troubles: [String?] = []
      log.onTrouble = { troubles.append($1?.name) }
      #expect(log.openingError?.name == "ENOSPC")
      let input = log.input(.stdout, run: nil)
      input.write("lost\n")
      try scene.flush(log)
      log.openMissingFile()
      try scene.flush(log)
      #expect(scene.context.droppedLines == 1)
      #expect(troubles == ["ENOSPC"])
      #expect(try scene.page(log, LogQuery(page: 1, pageSize: 10)).total == 0)
      try Files.remove(ballast)
      log.openMissingFile()
      try scene.flush(log)
      #expect(log.openingError == nil)
      #expect(troubles == ["ENOSPC", nil])
      input.write("kept\n")
      try scene.flush(log)
      let lines = try scene.lines("disk/a.log")
      #expect(lines.count == 2)
      #expect(lines.first?.hasSuffix(": 1 line was lost: No space left on device") == true)
      #expect(lines.last == FormatTests.stamp + "STDOUT: kept")
      try scene.close(log)
    }
  }

  @Test(.enabled(if: TinyFileSystem.isPossible, "mounting a tmpfs takes root"))
  func aLogWithoutAFileIsClearedReopenedAndDeletedAsOneWithoutLines() throws {
    try withScene { scene in
      let disk = try TinyFileSystem(at: scene.directory.file("disk"), files: 1)
      defer { disk.unmount() }
      try scene.write([], to: "disk/ballast")
      let log = try scene.log("disk/a.log")
      try scene.wait { done in log.clear { _ in done() } }
      log.reopen()
      try scene.flush(log)
      #expect(log.openingError?.name == "ENOSPC")
      var failure: UVError?
      try scene.wait { done in
        log.delete {
          failure = $0
          done()
        }
      }
      #expect(failure == nil)
    }
  }
}

/// A file system of one megabyte that a test can fill.
struct TinyFileSystem {
  /// Where it is mounted.
  let path: String

  /// Whether it can be mounted here.
  static let isPossible: Bool = {
    guard let directory = try? TemporaryDirectory(),
      let disk = try? TinyFileSystem(at: directory.file("disk"))
    else { return false }
    disk.unmount()
    return true
  }()

  /// Mounts it.
  ///
  /// - Parameter files: how many files it may have.
  init(at path: String, files: Int = 100) throws {
    self.path = path
    try Files.createDirectories(path, mode: 0o755)
    // The directory counts too.
    guard mount("tmpfs", path, "tmpfs", 0, "size=1m,nr_inodes=\(files + 1)") == 0 else {
      throw UVError(code: -errno, operation: "mount a tmpfs", subject: path)
    }
  }

  func unmount() {
    umount2(path, Int32(MNT_DETACH))
  }
}
