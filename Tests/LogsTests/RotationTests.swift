import Basics
import Glibc
import Logs
import TestSupport
import Testing
import UV

@Suite struct RotationTests {
  /// Lines of 40 bytes each, the newline included.
  static func lines(_ range: Range<Int>) -> String {
    range.map { "line \(10_000 + $0 % 10_000)\n".suffix(12) }.map { $0.dropLast() + "\n" }.joined()
  }

  static func numbers(_ lines: [String]) -> [Int] {
    lines.compactMap { Int($0.suffix(5)).map { $0 - 10_000 } }
  }

  @Test func aFullFileGetsTheNextNumberAndNoLineIsSplitOrLost() throws {
    try withScene { scene in
      let log = try scene.log(maxBytes: 1_000, maxFiles: 100)
      let input = log.input(.stdout, run: nil)
      for start in stride(from: 0, to: 1000, by: 50) {
        input.write(Self.lines(start..<(start + 50)))
        scene.loop.run(.noWait)
      }
      try scene.close(log)
      let names = scene.directory.names
      #expect(names.count == 40)
      var all: [Int] = []
      for number in (1..<40).reversed() {
        let bytes = try scene.bytes("a.log.\(number)")
        // 41 bytes a line: the 25th fills it.
        #expect(bytes.count == 25 * 41)
        all += Self.numbers(try scene.lines("a.log.\(number)"))
      }
      all += Self.numbers(try scene.lines())
      #expect(all == Array(0..<1000))
    }
  }

  @Test func theOldestFileGoesWhenThereAreEnough() throws {
    try withScene { scene in
      let log = try scene.log(maxBytes: 1_000, maxFiles: 2)
      log.input(.stdout, run: nil).write(Self.lines(0..<1000))
      try scene.close(log)
      #expect(scene.directory.names == ["a.log", "a.log.1", "a.log.2"])
      #expect(Self.numbers(try scene.lines("a.log.2")) == Array(925..<950))
      #expect(Self.numbers(try scene.lines("a.log.1")) == Array(950..<975))
      #expect(Self.numbers(try scene.lines()) == Array(975..<1000))
    }
  }

  @Test func withNoFilesToKeepTheLiveOneIsEmptied() throws {
    try withScene { scene in
      let log = try scene.log(maxBytes: 1_000, maxFiles: 0)
      log.input(.stdout, run: nil).write(Self.lines(0..<90))
      try scene.close(log)
      #expect(scene.directory.names == ["a.log"])
      #expect(Self.numbers(try scene.lines()) == Array(75..<90))
    }
  }

  @Test func fewerFilesAreKeptAfterTheLimitHasChanged() throws {
    try withScene { scene in
      let log = try scene.log(maxBytes: 1_000, maxFiles: 6)
      let input = log.input(.stdout, run: nil)
      input.write(Self.lines(0..<1000))
      try scene.flush(log)
      #expect(scene.directory.names.count == 7)
      log.limits.maxFiles = 2
      input.write(Self.lines(1000..<1001))
      try scene.close(log)
      #expect(scene.directory.names == ["a.log", "a.log.1", "a.log.2"])
      #expect(Self.numbers(try scene.lines("a.log.1")) == Array(975..<1000))
    }
  }

  @Test func otherLimitsHoldFromTheNextLineOn() throws {
    try withScene { scene in
      let log = try scene.log(maxBytes: 0, maxFiles: 5)
      let input = log.input(.stdout, run: nil)
      input.write(Self.lines(0..<100))
      try scene.flush(log)
      #expect(scene.directory.names == ["a.log"])
      log.limits = LogLimits(maxBytes: 1_000, maxFiles: 1)
      input.write(Self.lines(100..<110))
      try scene.flush(log)
      // What was there is more than a whole file by now, and stays in one piece.
      #expect(Self.numbers(try scene.lines("a.log.1")) == Array(0..<100))
      #expect(Self.numbers(try scene.lines()) == Array(100..<110))
      log.limits = LogLimits(maxBytes: 0, maxFiles: 1)
      input.write(Self.lines(110..<300))
      try scene.close(log)
      #expect(Self.numbers(try scene.lines()) == Array(100..<300))
    }
  }

  @Test func aFullFileThatIsFoundIsRotatedBeforeTheFirstLine() throws {
    try withScene { scene in
      try scene.write(Array(repeating: 10, count: 2_000), to: "a.log")
      let log = try scene.log(maxBytes: 1_000)
      log.input(.stdout, run: nil).write("new\n")
      try scene.close(log)
      #expect(try scene.bytes("a.log.1").count == 2_000)
      #expect(try scene.lines().count == 1)
    }
  }

  @Test func aRotationThatFailsIsReportedAndTheOldFileGoesOn() throws {
    try withScene { scene in
      // A directory with something in it cannot be replaced by a file.
      try Files.createDirectories(scene.directory.file("a.log.1/full"), mode: 0o755)
      let log = try scene.log(maxBytes: 1_000, maxFiles: 2)
      let input = log.input(.stdout, run: nil)
      input.write(Self.lines(0..<100))
      try scene.flush(log)
      let lines = try scene.lines()
      #expect(Self.numbers(lines) == Array(0..<100))
      let reports = lines.filter { $0.contains("SYSTEM") }
      // At 1,000 bytes, and again after each 1,000 more, not with each line.
      #expect((1...4).contains(reports.count), "\(reports)")
      #expect(reports.allSatisfy { $0.contains("The log could not be rotated: ") })

      try #require(rename(scene.directory.file("a.log.1"), scene.directory.file("b")) == 0)
      input.write(Self.lines(100..<150))
      let page = try scene.page(log, LogQuery(page: 1, pageSize: 1000, newestFirst: false))
      #expect(Self.numbers(page.lines) == Array(0..<150))
      #expect(scene.directory.names.contains("a.log.1"))
      try scene.close(log)
    }
  }

  @Test func aRotationThatFailsIsNotTriedAgainAtOnce() throws {
    try withScene { scene in
      try Files.createDirectories(scene.directory.file("a.log.1/full"), mode: 0o755)
      let log = try scene.log(maxBytes: 1_000, maxFiles: 2)
      log.input(.stdout, run: nil).write(Self.lines(0..<100))
      var isFlushed = false
      log.flush { isFlushed = true }
      // A few turns for each piece of a thousand bytes. One that was tried again at once would take
      // them all.
      var looks = 0
      scene.loop.run {
        looks += 1
        return isFlushed || looks >= 1_000
      }
      #expect(isFlushed, "not written after \(looks / 2) turns")
      // Whatever it has done, it can end now.
      try #require(rename(scene.directory.file("a.log.1"), scene.directory.file("b")) == 0)
      try scene.close(log)
    }
  }

  @Test func aLineThatEndsExactlyAtTheLimitIsTheLastOfItsFile() throws {
    try withScene { scene in
      let log = try scene.log(maxBytes: 10 * 41, maxFiles: 9)
      let input = log.input(.stdout, run: nil)
      input.write(Self.lines(0..<25))
      try scene.flush(log)
      input.write(Self.lines(25..<30))
      input.write(Self.lines(30..<31))
      try scene.close(log)
      for number in 1...3 {
        let first = (3 - number) * 10
        #expect(Self.numbers(try scene.lines("a.log.\(number)")) == Array(first..<first + 10))
      }
      #expect(Self.numbers(try scene.lines()) == [30])
    }
  }

  @Test func aRotationThatFailsLeavesTheNumbersAsTheyWere() throws {
    try withScene { scene in
      try scene.write(Array("second\n".utf8), to: "a.log.2")
      try scene.write(Array("first\n".utf8), to: "a.log.1")
      let log = try scene.log(maxBytes: 1_000, maxFiles: 4)
      let input = log.input(.stdout, run: nil)
      input.write(Self.lines(0..<25))
      try scene.flush(log)
      try Files.createDirectories(scene.directory.file("a.log.3/full"), mode: 0o755)
      input.write(Self.lines(25..<26))
      try scene.flush(log)
      #expect(try scene.lines("a.log.1") == ["first"])
      #expect(try scene.lines("a.log.2") == ["second"])
      #expect(Self.numbers(try scene.lines()) == Array(0..<26))
      try scene.close(log)
    }
  }

  @Test(.enabled(if: TinyFileSystem.isPossible, "mounting a tmpfs takes root"))
  func whenNoNewFileCanBeMadeTheStepsOfTheRotationAreTakenBack() throws {
    try withScene { scene in
      let disk = try TinyFileSystem(at: scene.directory.file("disk"), files: 3)
      defer { disk.unmount() }
      try scene.write(Array("second\n".utf8), to: "disk/a.log.2")
      try scene.write(Array("first\n".utf8), to: "disk/a.log.1")
      let log = try scene.log("disk/a.log", maxBytes: 1_000, maxFiles: 4)
      let input = log.input(.stdout, run: nil)
      input.write(Self.lines(0..<26))
      try scene.flush(log)
      #expect(try scene.lines("disk/a.log.1") == ["first"])
      #expect(try scene.lines("disk/a.log.2") == ["second"])
      let lines = try scene.lines("disk/a.log")
      #expect(Self.numbers(lines) == Array(0..<26))
      #expect(lines.filter { $0.hasSuffix("No space left on device") }.count == 1)
      let page = try scene.page(log, LogQuery(page: 1, pageSize: 100, newestFirst: false))
      #expect(page.lines == ["second", "first"] + lines)

      try Files.remove(scene.directory.file("disk/a.log.2"))
      input.write(Self.lines(26..<51))
      try scene.flush(log)
      input.write(Self.lines(51..<52))
      try scene.close(log)
      #expect(Self.numbers(try scene.lines("disk/a.log")).last == 51)
      #expect(try scene.lines("disk/a.log.2") == ["first"])
    }
  }

  @Test func aFileRemovedFromOutsideIsNoObstacle() throws {
    try withScene { scene in
      let log = try scene.log(maxBytes: 1_000, maxFiles: 4)
      let input = log.input(.stdout, run: nil)
      input.write(Self.lines(0..<125))
      try scene.flush(log)
      try Files.remove(scene.directory.file("a.log.2"))
      let page = try scene.page(log, LogQuery(page: 1, pageSize: 1000, newestFirst: false))
      // The files behind the gap are older, as before.
      #expect(Self.numbers(page.lines) == Array(0..<50) + Array(75..<125))
      input.write(Self.lines(125..<150))
      try scene.flush(log)
      let next = try scene.page(log, LogQuery(page: 1, pageSize: 1000, newestFirst: false))
      // The gap has closed.
      #expect(Self.numbers(next.lines) == Array(0..<50) + Array(75..<150))
      try scene.close(log)
    }
  }
}
