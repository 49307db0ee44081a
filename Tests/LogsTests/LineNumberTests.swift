import Basics
import Glibc
import Logs
import TestSupport
import Testing
import UV

/// The numbers of lines on real files, and where they go on.
@Suite struct LineNumberTests {
  private static let file = "a.log.numbers"
  private let all = LogQuery(page: 1, pageSize: 10_000, newestFirst: false)

  private func lines(_ numbers: Range<Int>) -> String {
    numbers.map { "line \($0)\n" }.joined()
  }

  /// The number of each line that a page shows, by what it says.
  private func numbers(_ scene: Scene, _ log: Log) throws -> [String: Int] {
    let page = try scene.numberedPage(log, all)
    let names = page.text.map { String($0.split(separator: " ").last ?? "") }
    return Dictionary(zip(names, page.numbers?.all ?? [])) { $1 }
  }

  private func epoch(_ scene: Scene, _ log: Log) throws -> UInt32? {
    try scene.numberedPage(log, all).numbers?.epoch
  }

  private func restart(_ scene: Scene, _ log: Log, maxBytes: Int = 0) throws -> Log {
    try scene.close(log)
    return try scene.log(maxBytes: maxBytes)
  }

  @Test func aLogThatNoClientReadsHasNoFileOfNumbers() throws {
    try withScene { scene in
      var log = try scene.log(maxBytes: 1_000)
      log.input(.stdout, run: nil).write(lines(0..<100))
      try scene.wait { done in log.clear { _ in done() } }
      log = try restart(scene, log)
      // Nor one of which an empty page was read.
      #expect(try scene.pageOfBytes(log, all).numbers == nil)
      try scene.close(log)
      #expect(!scene.directory.names.contains(Self.file))
    }
  }

  @Test func theOldestKeptLineHasNumberOneWhenALogIsFirstRead() throws {
    try withScene { scene in
      let log = try scene.log(maxBytes: 1_000, maxFiles: 2)
      log.input(.stdout, run: nil).write(lines(0..<100))
      let page = try scene.numberedPage(log, LogQuery(page: 1, pageSize: 2))
      let numbers = try #require(page.numbers)
      let total = try #require(page.totalLines)
      #expect(total < 100 && numbers.all == [total, total - 1])
      #expect(numbers.first == total - 1 && numbers.last == total)
      #expect(numbers.next == LogCursor(epoch: numbers.epoch, number: total - 1))
      #expect(numbers.previous == LogCursor(epoch: numbers.epoch, number: total))
      let oldest = try scene.numberedPage(log, LogQuery(page: total, pageSize: 1))
      #expect(oldest.numbers?.all == [1] && oldest.numbers?.next == nil)
      try scene.close(log)
    }
  }

  @Test func theyGoOnOverRotationClearAndRestart() throws {
    try withScene { scene in
      var log = try scene.log(maxBytes: 1_000)
      log.input(.stdout, run: nil).write(lines(0..<10))
      let epoch = try epoch(scene, log)
      log = try restart(scene, log, maxBytes: 1_000)
      log.input(.stdout, run: nil).write(lines(10..<120))
      try scene.flush(log)
      #expect(scene.directory.names.contains("a.log.3"))
      for _ in 0..<2 {
        let numbers = try numbers(scene, log)
        #expect(numbers.count >= 100)
        for (line, number) in numbers { #expect(number == (Int(line) ?? -9) + 1) }
        log = try restart(scene, log, maxBytes: 1_000)
      }
      try scene.wait { done in log.clear { _ in done() } }
      log.input(.stdout, run: nil).write(lines(120..<121))
      #expect(try numbers(scene, log) == ["120": 121])
      try scene.wait { done in log.clear { _ in done() } }
      log = try restart(scene, log)
      log.input(.stdout, run: nil).write(lines(121..<122))
      #expect(try numbers(scene, log) == ["121": 122])
      #expect(try self.epoch(scene, log) == epoch)
      try scene.close(log)
    }
  }

  @Test func aLifeInWhichNoClientReadsCountsAsWell() throws {
    try withScene { scene in
      var log = try scene.log(maxBytes: 1_000, maxFiles: 0)
      log.input(.stdout, run: nil).write(lines(0..<10))
      _ = try numbers(scene, log)
      try scene.close(log)
      for life in 1...3 {
        log = try scene.log(maxBytes: 1_000, maxFiles: 0)
        log.input(.stdout, run: nil).write(lines((life * 100)..<(life * 100 + 100)))
        try scene.close(log)
      }
      log = try scene.log()
      #expect(try numbers(scene, log)["399"] == 310)
      try scene.close(log)
    }
  }

  @Test func theTotalIsKnownWithoutAnIndexWhereTheLinesWereCounted() throws {
    try withScene { scene in
      var log = try scene.log()
      log.input(.stdout, run: nil).write(lines(0..<60_000))
      _ = try numbers(scene, log)
      log = try restart(scene, log)
      log.system("new")
      let page = try scene.pageOfBytes(log, LogQuery(page: 3, pageSize: 50))
      #expect(page.totalLines == 60_001)
      #expect(page.numbers?.first == 60_001 - 149 && page.numbers?.last == 60_001 - 100)
      #expect(page.numbers?.all.count == 50)
      // The index says the same.
      scene.loop.run()
      #expect(try scene.pageOfBytes(log, LogQuery(page: 3, pageSize: 50)) == page)
      try scene.close(log)
    }
  }

  @Test func aLastLineWithoutItsNewlineKeepsItsNumber() throws {
    try withScene { scene in
      try scene.write(Array("one\ntwo\nthr".utf8), to: "a.log")
      var log = try scene.log()
      #expect(try numbers(scene, log) == ["one": 1, "two": 2, "thr": 3])
      log = try restart(scene, log)
      #expect(try numbers(scene, log) == ["one": 1, "two": 2, "thr": 3])
      log = try restart(scene, log)
      log.input(.stdout, run: nil).write("four\n")
      try scene.flush(log)
      #expect(try numbers(scene, log) == ["one": 1, "two": 2, "thr": 3, "four": 4])
      try scene.close(log)
    }
  }

  @Test func whatAnotherProgramHasEmptiedLeavesNumbersThatSkip() throws {
    try withScene { scene in
      let log = try scene.log()
      let input = log.input(.stdout, run: nil)
      input.write(lines(0..<10))
      let epoch = try epoch(scene, log)
      try #require(truncate(scene.directory.file("a.log"), 0) == 0)
      input.write(lines(10..<11))
      try scene.flush(log)
      #expect(try numbers(scene, log) == ["10": 11])
      try Files.remove(scene.directory.file("a.log"))
      input.write(lines(11..<12))
      try scene.flush(log)
      #expect(try numbers(scene, log) == ["11": 12])
      // So does one that a page finds so.
      try #require(truncate(scene.directory.file("a.log"), 0) == 0)
      #expect(try scene.pageOfBytes(log, all).lines == [])
      input.write(lines(12..<13))
      try scene.flush(log)
      #expect(try numbers(scene, log) == ["12": 13])
      #expect(try self.epoch(scene, log) == epoch)
      try scene.close(log)
    }
  }

  @Test func whatWasEmptiedIsKnownToTheNextDaemonAlsoIfThisOneIsKilled() throws {
    try withScene { scene in
      let log = try scene.log()
      let input = log.input(.stdout, run: nil)
      input.write(lines(0..<10))
      let epoch = try epoch(scene, log)
      try #require(truncate(scene.directory.file("a.log"), 0) == 0)
      input.write(lines(10..<12))
      try scene.flush(log)
      // What the killed one leaves are the files as they are now.
      try Files.createDirectories(scene.directory.file("d"), mode: 0o700)
      for name in ["a.log", Self.file] {
        try #require(link(scene.directory.file(name), scene.directory.file("d/\(name)")) == 0)
      }
      let next = try scene.log("d/a.log")
      #expect(try numbers(scene, next) == ["10": 11, "11": 12])
      #expect(try self.epoch(scene, next) == epoch)
      try scene.close(next)
      try scene.close(log)
    }
  }

  @Test func aDirectoryThatGoesDoesNotTakeTheNumbersAlong() throws {
    try withScene { scene in
      var log = try scene.log("d/a.log")
      let input = log.input(.stdout, run: nil)
      input.write(lines(0..<10))
      let epoch = try epoch(scene, log)
      // It goes on in one that is made again.
      try #require(rename(scene.directory.file("d"), scene.directory.file("e")) == 0)
      log.reopen()
      input.write(lines(10..<20))
      try scene.flush(log)
      #expect(try numbers(scene, log)["19"] == 20)
      try scene.close(log)
      log = try scene.log("d/a.log")
      #expect(try numbers(scene, log)["10"] == 11)
      #expect(try self.epoch(scene, log) == epoch)
      // The first one comes back while the log is written: no number is used again.
      try #require(rename(scene.directory.file("d"), scene.directory.file("f")) == 0)
      try #require(rename(scene.directory.file("e"), scene.directory.file("d")) == 0)
      log.reopen()
      try scene.flush(log)
      #expect(try numbers(scene, log)["0"] == 21)
      #expect(try self.epoch(scene, log) == epoch)
      try scene.close(log)
      // A start that finds the other one goes on where that was.
      try #require(rename(scene.directory.file("d"), scene.directory.file("e")) == 0)
      try #require(rename(scene.directory.file("f"), scene.directory.file("d")) == 0)
      log = try scene.log("d/a.log")
      #expect(try numbers(scene, log)["19"] == 20)
      try scene.close(log)
    }
  }

  @Test func logrotateMayMoveTheFileAway() throws {
    try withScene { scene in
      let log = try scene.log()
      let input = log.input(.stdout, run: nil)
      input.write(lines(0..<10))
      let epoch = try epoch(scene, log)
      try #require(rename(scene.directory.file("a.log"), scene.directory.file("a.log.1")) == 0)
      input.write(lines(10..<12))
      try scene.flush(log)
      log.reopen()
      input.write(lines(12..<14))
      try scene.flush(log)
      let expected = Dictionary(uniqueKeysWithValues: (0..<14).map { ("\($0)", $0 + 1) })
      #expect(try numbers(scene, log) == expected)
      let next = try restart(scene, log)
      #expect(try numbers(scene, next) == expected)
      #expect(try self.epoch(scene, next) == epoch)
      try scene.close(next)
    }
  }

  @Test func aFileThatDoesNotFitBeginsANewEpoch() throws {
    let spoilings: [(String, (Scene) throws -> Void)] = [
      ("gone", { try Files.remove($0.directory.file(Self.file)) }),
      ("empty", { truncate($0.directory.file(Self.file), 0) }),
      (
        "a link",
        {
          try #require(
            rename($0.directory.file(Self.file), $0.directory.file("other")) == 0)
          try #require(symlink("other", $0.directory.file(Self.file)) == 0)
        }
      ),
      (
        "a FIFO",
        {
          try Files.remove($0.directory.file(Self.file))
          try #require(mkfifo($0.directory.file(Self.file), 0o600) == 0)
        }
      ),
      (
        "written anew",
        { scene in
          try Files.remove(scene.directory.file(Self.file))
          try scene.write(Array("exeio line numbers 1\nepoch".utf8), to: Self.file)
        }
      ),
    ]
    for (name, spoil) in spoilings {
      try withScene { scene in
        var log = try scene.log()
        log.input(.stdout, run: nil).write(lines(0..<10))
        let first = try epoch(scene, log)
        try scene.close(log)
        try spoil(scene)
        log = try scene.log()
        let page = try scene.numberedPage(log, all)
        #expect(page.numbers?.epoch != first && page.numbers?.all == Array(1...10), "\(name)")
        let second = page.numbers?.epoch
        log = try restart(scene, log)
        #expect(try epoch(scene, log) == second, "\(name)")
        try scene.close(log)
      }
    }
  }

  @Test func aLogThatWasRemovedOrCutAfterItWasClosedGoesOn() throws {
    try withScene { scene in
      var log = try scene.log()
      log.input(.stdout, run: nil).write(lines(0..<10))
      let epoch = try epoch(scene, log)
      try scene.close(log)
      try Files.remove(scene.directory.file("a.log"))
      log = try scene.log()
      log.input(.stdout, run: nil).write(lines(10..<20))
      #expect(try numbers(scene, log)["10"] == 11)
      try scene.close(log)
      // Where it is not known what its last bytes were, it must have become shorter.
      let count = scene.directory.tellsWhatIsCached ? 2_000 : 20
      try #require(truncate(scene.directory.file("a.log"), 0) == 0)
      try scene.append(Array(repeating: Newline.byte, count: count), to: "a.log")
      log = try scene.log()
      let page = try scene.numberedPage(log, all)
      #expect(page.numbers?.first == 21 && page.numbers?.epoch == epoch)
      try scene.close(log)
    }
  }

  @Test func aRotatedFileThatAnotherProgramAddsBeginsANewEpoch() throws {
    try withScene { scene in
      let log = try scene.log()
      log.input(.stdout, run: nil).write(lines(0..<10))
      let epoch = try epoch(scene, log)
      try scene.write(Array("x 1\nx 2\n".utf8), to: "a.log.3")
      let page = try scene.numberedPage(log, all)
      #expect(page.numbers?.all == Array(1...12) && page.numbers?.epoch != epoch)
      try scene.close(log)
    }
  }

  @Test func theFileGetsOwnerAndModeOfTheLogAndGoesWithIt() throws {
    try withScene { scene in
      var log = try scene.log()
      log.input(.stdout, run: nil).write(lines(0..<10))
      try scene.flush(log)
      try #require(chmod(scene.directory.file("a.log"), 0o604) == 0)
      _ = try numbers(scene, log)
      #expect(try Files.status(of: scene.directory.file(Self.file)).mode == 0o604)
      try scene.wait { done in log.delete { _ in done() } }
      #expect(scene.directory.names == [])

      log = try scene.log()
      log.input(.stdout, run: nil).write(lines(0..<10))
      _ = try numbers(scene, log)
      try scene.close(log)
      try scene.wait { done in
        Log.deleteFiles(scene.directory.file("a.log"), context: scene.context) { _ in done() }
      }
      #expect(scene.directory.names == [])
    }
  }

  @Test func aCursorOfAnotherNumberingIsRefused() throws {
    try withScene { scene in
      let log = try scene.log()
      let old = LogCursor(epoch: 7, number: 3)
      func failure(_ query: LogQuery) throws -> LogFailure? {
        do {
          _ = try scene.pageOfBytes(log, query)
          return nil
        } catch {
          return error as? LogFailure
        }
      }
      let query = LogQuery(page: 1, pageSize: 5, before: old)
      #expect(try failure(query)?.cause == .cursor)
      log.input(.stdout, run: nil).write(lines(0..<10))
      #expect(
        try failure(query)?.message == "The numbering of this log has begun afresh: the cursor "
          + "'00000007-3' is of an earlier one.")
      #expect(!scene.directory.names.contains(Self.file))
      let epoch = try #require(try epoch(scene, log))
      #expect(try failure(query)?.cause == .cursor)
      let own = LogQuery(
        page: 1, pageSize: 5, after: LogCursor(epoch: epoch, number: 8))
      #expect(try scene.numberedPage(log, own).numbers?.all == [10, 9])
      try scene.close(log)
    }
  }

  @Test(.enabled(if: TinyFileSystem.isPossible, "mounting a tmpfs takes root"))
  func withoutRoomForTheFileLinesAreShownAllTheSame() throws {
    try withScene { scene in
      let disk = try TinyFileSystem(at: scene.directory.file("disk"), files: 1)
      defer { disk.unmount() }
      var log = try scene.log("disk/a.log")
      log.input(.stdout, run: nil).write(lines(0..<10))
      let page = try scene.numberedPage(log, all)
      #expect(page.numbers?.all == Array(1...10))
      try scene.close(log)
      log = try scene.log("disk/a.log")
      #expect(try epoch(scene, log) != page.numbers?.epoch)
      try scene.close(log)
    }
  }
}

private enum Newline {
  static let byte = UInt8(ascii: "\n")
}
