import Basics
import Glibc
import Logs
import TestSupport
import Testing
import UV

/// What happens to a log when others remove, rename or plant files in its directory.
@Suite struct DirectoryTests {
  @Test func aDirectoryThatIsMissingIsMade() throws {
    try withScene { scene in
      let log = try scene.log("missing/too/a.log")
      log.input(.stdout, run: nil).write("one\n")
      try scene.close(log)
      #expect(try scene.lines("missing/too/a.log") == FileTests.stdout("one"))
      #expect(try Files.status(of: scene.directory.file("missing")).mode & 0o027 == 0)
    }
  }

  @Test func aFileThatWasRemovedIsMadeAgainAtTheNextLine() throws {
    try withScene { scene in
      let log = try scene.log()
      let input = log.input(.stdout, run: nil)
      input.write("one\n")
      try scene.flush(log)
      try Files.remove(scene.directory.file("a.log"))
      input.write("two\nthree\n")
      try scene.flush(log)
      #expect(try scene.lines() == FileTests.stdout("two", "three"))
      let page = try scene.page(log, LogQuery(page: 1, pageSize: 9, newestFirst: false))
      #expect(page == (2, FileTests.stdout("two", "three")))
      #expect(scene.context.droppedLines == 0)
      try scene.close(log)
    }
  }

  @Test func aFileThatIsMadeAgainOrRotatedKeepsItsMode() throws {
    try withScene { scene in
      let path = scene.directory.file("a.log")
      let log = try scene.log(maxBytes: 1_000, maxFiles: 2)
      let input = log.input(.stdout, run: nil)
      input.write("one\n")
      try scene.flush(log)
      try #require(chmod(path, 0o664) == 0)
      try Files.remove(path)
      input.write("two\n")
      try scene.flush(log)
      #expect(try Files.status(of: path).mode & 0o777 == 0o664)
      for _ in 0..<3 {
        input.write(String(repeating: "x", count: 600) + "\n")
        try scene.flush(log)
      }
      #expect(try Files.status(of: scene.directory.file("a.log.1")).mode & 0o777 == 0o664)
      #expect(try Files.status(of: path).mode & 0o777 == 0o664)
      try scene.close(log)
    }
  }

  @Test func aPageNoticesThatTheFileWasRemoved() throws {
    try withScene { scene in
      let log = try scene.log()
      log.input(.stdout, run: nil).write("one\n")
      try scene.flush(log)
      try Files.remove(scene.directory.file("a.log"))
      #expect(try scene.page(log, LogQuery(page: 1, pageSize: 9)) == (0, []))
      #expect(scene.directory.names == ["a.log"])
      try scene.close(log)
    }
  }

  @Test func aDirectoryThatWasRemovedIsMadeAgainAsItWas() throws {
    try withScene { scene in
      try Files.createDirectories(scene.directory.file("logs"), mode: 0o750)
      try #require(chmod(scene.directory.file("logs"), 0o2775) == 0)
      let log = try scene.log("logs/a.log", maxBytes: 200, maxFiles: 2)
      let other = try scene.log("logs/b.log")
      let input = log.input(.stdout, run: nil)
      input.write("one\n")
      try scene.flush(log)
      for name in ["logs/a.log", "logs/b.log"] { try Files.remove(scene.directory.file(name)) }
      try #require(rmdir(scene.directory.file("logs")) == 0)
      input.write("two\n")
      other.input(.stderr, run: nil).write("of another\n")
      try scene.flush(log)
      try scene.flush(other)
      #expect(try scene.lines("logs/a.log") == FileTests.stdout("two"))
      #expect(try scene.lines("logs/b.log").count == 1)
      #expect(try Files.status(of: scene.directory.file("logs")).mode == 0o2775)
      // It rotates there as it did in the old one.
      for number in 0..<20 { input.write("line \(number)\n") }
      try scene.flush(log)
      let names = try Files.names(in: scene.directory.file("logs"))
      #expect(Set(names) == ["a.log", "a.log.1", "a.log.2", "b.log"])
      try scene.close(log)
      try scene.close(other)
    }
  }

  @Test func reopenMakesTheDirectoryAgainWithoutAnyLine() throws {
    try withScene { scene in
      let log = try scene.log("logs/a.log")
      try Files.remove(scene.directory.file("logs/a.log"))
      try #require(rmdir(scene.directory.file("logs")) == 0)
      log.reopen()
      try scene.flush(log)
      #expect(try scene.bytes("logs/a.log") == [])
      try scene.close(log)
    }
  }

  @Test func reopenFollowsTheNameOfADirectoryThatWasRenamed() throws {
    try withScene { scene in
      let log = try scene.log("logs/a.log")
      let input = log.input(.stdout, run: nil)
      input.write("one\n")
      try scene.flush(log)
      try #require(rename(scene.directory.file("logs"), scene.directory.file("old")) == 0)
      input.write("two\n")
      log.reopen()
      input.write("three\n")
      try scene.close(log)
      #expect(try scene.lines("old/a.log") == FileTests.stdout("one", "two"))
      #expect(try scene.lines("logs/a.log") == FileTests.stdout("three"))
    }
  }

  @Test func linesThatFindNoFileAreLostAndCountedUntilThereIsOne() throws {
    try withScene { scene in
      let log = try scene.log()
      var events: [String] = []
      log.onLoss = { events.append($0) }
      log.onLossOver = { events.append("over") }
      let input = log.input(.stdout, run: nil)
      try scene.flush(log)
      try Files.remove(scene.directory.file("a.log"))
      try Files.createDirectories(scene.directory.file("a.log"), mode: 0o755)
      input.write("one\ntwo\n")
      try scene.flush(log)
      #expect(log.droppedLines == 2)
      #expect(events == ["Is a directory"])
      try #require(rmdir(scene.directory.file("a.log")) == 0)
      // Nothing more is written: the log tries by itself.
      try runLoop(scene.loop) { events.count == 2 }
      #expect(events.last == "over")
      input.write("three\n")
      try scene.close(log)
      #expect(
        try scene.lines() == [
          FormatTests.stamp + "SYSTEM 127.0.0.1:8080: 2 lines were lost: Is a directory"
        ] + FileTests.stdout("three"))
      #expect(events.count == 2)
    }
  }

  /// Rotated files with gaps between their numbers, and files that look like them and are others'.
  private static let ours = ["a.log", "a.log.1", "a.log.3", "a.log.7", "a.log.12", "a.log.4000"]
  private static let others = [
    "a.log.0", "a.log.02", "a.log.1.gz", "a.log.1.log", "a.log.1.log.1", "a.log.log", "a.log.log.1",
    "a.log.x", "a.logs.1", "aa.log.1", "b.log", "b.log.1", "a.log.12345678901",
  ]

  private func fill(_ scene: Scene) throws {
    for name in Self.ours + Self.others { try scene.write(Array("of \(name)\n".utf8), to: name) }
  }

  @Test(arguments: ["clear", "delete"])
  func whatIsClearedGoesByTheListingAndNotByCounting(_ operation: String) throws {
    try withScene { scene in
      try fill(scene)
      let log = try scene.log(maxBytes: 1_000, maxFiles: 3)
      try scene.wait { done in
        let then: (UVError?) -> Void = {
          #expect($0 == nil)
          done()
        }
        if operation == "clear" { log.clear(then: then) } else { log.delete(then: then) }
      }
      let left = Self.others + (operation == "clear" ? ["a.log"] : [])
      #expect(scene.directory.names == left.sorted())
      try scene.close(log)
    }
  }

  @Test func whatWasClearedDoesNotComeBackAtALaterRotation() throws {
    try withScene { scene in
      let log = try scene.log(maxBytes: 1_000, maxFiles: 4)
      let input = log.input(.stdout, run: nil)
      input.write(RotationTests.lines(0..<125))
      try scene.flush(log)
      try Files.remove(scene.directory.file("a.log.1"))
      try scene.wait { done in log.clear { _ in done() } }
      #expect(scene.directory.names == ["a.log"])
      input.write(RotationTests.lines(500..<600))
      let page = try scene.page(log, LogQuery(page: 1, pageSize: 1_000, newestFirst: false))
      #expect(RotationTests.numbers(page.lines) == Array(500..<600))
      try scene.close(log)
    }
  }

  @Test func pagesGoAcrossNumbersThatAreMissing() throws {
    try withScene { scene in
      try fill(scene)
      let log = try scene.log(maxBytes: 1_000, maxFiles: 3)
      let page = try scene.page(log, LogQuery(page: 1, pageSize: 9, newestFirst: false))
      #expect(page == (6, Self.ours.reversed().map { "of \($0)" }))
      try scene.close(log)
    }
  }

  @Test(arguments: [0, 1, 2, 5])
  func aLowerLimitRemovesWhatIsBeyondItAlsoBeyondAGap(_ maxFiles: Int) throws {
    try withScene { scene in
      try fill(scene)
      let log = try scene.log(maxBytes: 1_000, maxFiles: 50)
      log.limits.maxFiles = maxFiles
      log.input(.stdout, run: nil).write(RotationTests.lines(0..<60))
      try scene.close(log)
      let ours = scene.directory.names.filter { !Self.others.contains($0) }
      let expected: Set = ["a.log", "a.log.1", "a.log.2", "a.log.3", "a.log.4", "a.log.5"]
      #expect(Set(ours).isSubset(of: expected))
      #expect(ours.count <= maxFiles + 1, "\(ours)")
      #expect(Set(scene.directory.names).isSuperset(of: Self.others))
    }
  }

  @Test func aLinkInThePlaceOfARotatedFileIsReplacedAndNeverFollowed() throws {
    try withScene { scene in
      try scene.write(Array("secret\n".utf8), to: "secret")
      try #require(symlink(scene.directory.file("secret"), scene.directory.file("a.log.1")) == 0)
      let log = try scene.log(maxBytes: 1_000, maxFiles: 2)
      let page = try scene.page(log, LogQuery(page: 1, pageSize: 9))
      #expect(page == (0, []))
      log.input(.stdout, run: nil).write(RotationTests.lines(0..<30))
      try scene.close(log)
      #expect(try scene.lines("secret") == ["secret"])
      #expect(RotationTests.numbers(try scene.lines("a.log.1")) == Array(0..<25))
    }
  }

  @Test func aFileThatAnotherUserMayHaveLinkedIsNoLog() throws {
    try withScene { scene in
      let folder = scene.directory.file("logs")
      try Files.createDirectories(folder, mode: 0o755)
      try scene.write(Array("secret\n".utf8), to: "secret")
      for name in ["logs/a.log", "logs/b.log.1"] {
        try #require(link(scene.directory.file("secret"), scene.directory.file(name)) == 0)
      }
      // In a directory that only its owner may write to, it is the owner who has linked it.
      let own = try scene.log("logs/a.log")
      try scene.close(own)
      try #require(chmod(folder, 0o777) == 0)
      #expect {
        _ = try scene.log("logs/a.log")
      } throws: {
        "\($0)".hasSuffix("'\(folder)/a.log': Too many links")
      }
      let log = try scene.log("logs/b.log")
      #expect(try scene.page(log, LogQuery(page: 1, pageSize: 9)) == (0, []))
      try scene.close(log)
      #expect(try scene.lines("secret") == ["secret"])
    }
  }
}
