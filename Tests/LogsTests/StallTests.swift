import Basics
import Glibc
import Logs
import TestSupport
import Testing
import UV

/// Logs on a file system that does not answer.
@Suite(
  .enabled(if: HangingFiles.isPossible, "a file system of fuse(4) cannot be mounted here"),
  .serialized)
struct StallTests {
  /// A log on a file system that can hang, and one on another.
  private func withFrozen(_ body: (Scene, HangingFiles) throws -> Void) throws {
    let alone = HangingWork()
    defer { withExtendedLifetime(alone) {} }
    try withScene { scene in
      try Files.createDirectories(scene.directory.file("frozen"), mode: 0o755)
      let files = try HangingFiles(at: scene.directory.file("frozen"))
      defer { files.end() }
      try body(scene, files)
    }
  }

  private static let wholePage = LogQuery(page: 1, pageSize: 100, newestFirst: false)

  @Test(arguments: [
    HangingFiles.Operation.stat, .open, .create, .write, .setattr, .readdir, .rename, .unlink,
  ])
  func theLoopAndOtherLogsGoOnAndNothingIsLost(_ operation: HangingFiles.Operation) throws {
    try withFrozen { scene, files in
      let frozen = try scene.log("frozen/a.log", maxBytes: 2_000, maxFiles: 2)
      let other = try scene.log("b.log")
      let input = frozen.input(.stdout, run: nil)
      input.write("first\n")
      try scene.flush(frozen)
      try files.hang(operation)
      input.write(RotationTests.lines(0..<60))
      var isFlushed = false
      frozen.flush { isFlushed = true }
      frozen.reopen()
      // A directory and names are looked at, made, listed, renamed: none of that holds up the other
      // log.
      for number in 0..<20 {
        other.input(.stdout, run: nil).write("line \(number)\n")
        try scene.flush(other)
      }
      #expect(try scene.page(other, Self.wholePage).total == 20)
      try files.goOn()
      try runLoop(scene.loop) { isFlushed }
      let page = try scene.page(frozen, Self.wholePage)
      #expect(RotationTests.numbers(page.lines.filter { !$0.hasSuffix("first") }).last == 59)
      #expect(scene.context.droppedLines == 0)
      try scene.close(frozen)
      try scene.close(other)
    }
  }

  @Test func whatIsGivenBeforeALogIsOpenIsWrittenThen() throws {
    try withFrozen { scene, files in
      try files.hang(.create)
      let limits = LogLimits(maxBytes: 0, maxFiles: 5)
      let log = Log(
        path: scene.directory.file("frozen/a.log"), limits: limits, context: scene.context)
      var opened: UVError??
      log.whenOpen { opened = .some($0) }
      log.input(.stdout, run: nil).write("one\n")
      log.system("two")
      try files.waitUntilHeld(.create)
      scene.loop.run(.noWait)
      #expect(opened == nil)
      try files.goOn()
      try runLoop(scene.loop) { opened != nil }
      #expect(opened == .some(nil))
      try scene.close(log)
      #expect(
        try scene.lines("frozen/a.log")
          == FileTests.stdout("one") + [FormatTests.stamp + "SYSTEM 127.0.0.1:8080: two"])
    }
  }

  @Test func anOpenLogNeedsNoAnswerToBeOpen() throws {
    try withFrozen { scene, files in
      let log = try scene.log("frozen/a.log")
      try files.hang(.write)
      log.input(.stdout, run: nil).write("one\n")
      try files.waitUntilHeld(.write)
      var isOpen = false
      log.whenOpen { isOpen = $0 == nil }
      #expect(isOpen)
      try files.goOn()
      try scene.close(log)
    }
  }

  @Test func aPageAndAClearAndARemovalEndAndTheLinesStay() throws {
    try withFrozen { scene, files in
      let log = try scene.log("frozen/a.log")
      try files.hang(.write)
      log.input(.stdout, run: nil).write("one\n")
      try files.waitUntilHeld(.write)
      var page: Result<LogPage, LogFailure>?
      var clear: UVError?
      log.page(Self.wholePage) { page = $0 }
      log.clear { clear = $0 }
      try runLoop(scene.loop, limit: .seconds(30)) { page != nil && clear != nil }
      #expect(clear?.code == .timedOut)
      #expect("\(page.map { "\($0)" } ?? "")".contains("has not answered for 10s"))
      // From now on they are told at once.
      var isTold = false
      log.page(Self.wholePage) { _ in isTold = true }
      #expect(isTold)
      try files.goOn()
      try scene.flush(log)
      #expect(try scene.lines("frozen/a.log") == FileTests.stdout("one"))
      try scene.close(log)
    }
  }

  @Test func aReaderThatHasGoneIsLetGo() throws {
    try withFrozen { scene, files in
      let log = try scene.log("frozen/a.log")
      try files.hang(.write)
      log.input(.stdout, run: nil).write("one\n")
      var isPresent = true
      var result: Result<LogPage, LogFailure>?
      log.page(Self.wholePage, for: PageRequester { isPresent }) { result = $0 }
      isPresent = false
      try runLoop(scene.loop, limit: .seconds(8)) { result != nil }
      #expect(throws: LogFailure.readerGone) { try result?.get() }
      try files.goOn()
      try scene.close(log)
    }
  }

  /// Readers of a frozen disk take no places from those of others.
  @Test func readersOfAFrozenLogKeepNoOthersWaiting() throws {
    try withFrozen { scene, files in
      let frozen = try scene.log("frozen/a.log")
      let other = try scene.log("b.log")
      frozen.input(.stdout, run: nil).write("one\n")
      other.input(.stdout, run: nil).write("two\n")
      try scene.flush(frozen)
      try scene.flush(other)
      try files.hang(.stat)
      var ended = 0
      for _ in 0..<20 { frozen.page(Self.wholePage) { _ in ended += 1 } }
      #expect(try scene.page(other, Self.wholePage).total == 1)
      #expect(ended < 20)
      try files.goOn()
      try runLoop(scene.loop) { ended == 20 }
      try scene.close(frozen)
      try scene.close(other)
    }
  }

  /// Each page that hangs has a buffer and files, also when nothing waits for it any more.
  @Test(.timeLimit(.minutes(1))) func pagesThatHangAreNotFollowedWithoutEnd() throws {
    try withFrozen { scene, files in
      let log = try scene.log("frozen/a.log")
      log.input(.stdout, run: nil).write("one\n")
      try scene.flush(log)
      try files.hang(.read)
      var (asked, ended, isRefused) = (0, 0, false)
      while !isRefused {
        var isAtOnce = true
        asked += 1
        log.page(Self.wholePage) { result in
          ended += 1
          if isAtOnce, case .failure = result { isRefused = true }
        }
        isAtOnce = false
        try scene.loop.run(upTo: .milliseconds(250)) { false }
      }
      #expect(asked > 8)
      try files.goOn()
      try runLoop(scene.loop) { ended == asked }
      #expect(try scene.page(log, Self.wholePage).total == 1)
      try scene.close(log)
    }
  }

  @Test func whatTheSupervisorSaysBeyondABoundIsLostAndCounted() throws {
    try withFrozen { scene, files in
      let log = try scene.log("frozen/a.log")
      try files.hang(.write)
      log.system("first")
      // What the line is about goes first: it is written when the loop has nothing else to do in
      // this turn.
      #expect(!scene.loop.pool.isBusy)
      scene.loop.run { scene.loop.pool.isBusy }
      try files.waitUntilHeld(.write)
      try scene.loop.run(upTo: .milliseconds(1_100)) { false }
      let message = String(repeating: "x", count: 60_000)
      for _ in 0..<100 { log.system(message) }
      let lost = log.droppedLines
      #expect((50..<80).contains(lost), "about 2 MiB are kept, \(lost) lines lost")
      try files.goOn()
      try scene.close(log)
      let lines = try scene.lines("frozen/a.log")
      #expect(lines.count == 1 + 100 - lost + 1)
      #expect(lines.last?.contains("\(lost) lines were lost: too much waits") == true)
    }
  }
}
