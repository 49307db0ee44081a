import Basics
import Glibc
import Logs
import TestSupport
import Testing
import UV

/// Opening, clearing, reopening, removing; and what others do to the files.
@Suite struct FileTests {
  static func stdout(_ lines: String...) -> [String] {
    lines.map { FormatTests.stamp + "STDOUT: " + $0 }
  }

  @Test func aNewFileIsForItsOwnerAndGroupOnly() throws {
    try withScene { scene in
      let log = try scene.log()
      #expect(try Files.status(of: scene.directory.file("a.log")).mode & 0o137 == 0)
      try scene.close(log)
    }
  }

  @Test func whatIsWrittenIsCountedAlsoWhenTheLogIsCleared() throws {
    try withScene { scene in
      let log = try scene.log()
      #expect(log.writtenBytes == 0)
      log.input(.stdout, run: nil).write("one\ntwo\n")
      log.system("three")
      try scene.flush(log)
      let size = Int(try Files.status(of: scene.directory.file("a.log")).size)
      #expect(size > 100 && log.writtenBytes == size)
      try scene.wait { then in log.clear { _ in then() } }
      log.input(.stdout, run: nil).write("four\n")
      try scene.close(log)
      let rest = Int(try Files.status(of: scene.directory.file("a.log")).size)
      #expect(log.writtenBytes == size + rest)
      #expect(log.droppedLines == 0)
    }
  }

  @Test(arguments: ["a directory", "a link", "a pipe"])
  func whatIsNoFileIsRefusedAsALog(_ kind: String) throws {
    try withScene { scene in
      let path = scene.directory.file("a.log")
      switch kind {
      case "a directory": try Files.createDirectories(path, mode: 0o755)
      case "a link":
        try scene.write([], to: "target")
        try #require(symlink(scene.directory.file("target"), path) == 0)
      case _: try #require(mkfifo(path, 0o600) == 0)
      }
      #expect {
        _ = try scene.log()
      } throws: {
        "\($0)".contains("which must be a regular file, '\(path)': ")
      }
    }
  }

  @Test func aDirectoryThatCannotBeMadeIsAnError() throws {
    try withScene { scene in
      try scene.write([], to: "file")
      #expect(throws: UVError.self) { _ = try scene.log("file/a.log") }
      #expect(throws: UVError.self) { _ = try scene.log("file/more/a.log") }
    }
  }

  @Test func aLastLineWithoutItsEndIsEndedFirst() throws {
    try withScene { scene in
      try scene.write(Array("torn".utf8), to: "a.log")
      let log = try scene.log()
      #expect(try scene.page(log, LogQuery(page: 1, pageSize: 5)) == (1, ["torn"]))
      log.input(.stdout, run: nil).write("next\n")
      try scene.flush(log)
      let lines = ["torn"] + Self.stdout("next")
      #expect(try scene.lines() == lines)
      let page = try scene.page(log, LogQuery(page: 1, pageSize: 5, newestFirst: false))
      #expect(page == (2, lines))
      try scene.close(log)
    }
  }

  @Test func aFileThatEndsAsItShouldGetsNoEmptyLine() throws {
    try withScene { scene in
      try scene.write(Array("whole\n".utf8), to: "a.log")
      let log = try scene.log()
      log.input(.stdout, run: nil).write("next\n")
      try scene.close(log)
      #expect(try scene.lines() == ["whole"] + Self.stdout("next"))
    }
  }

  @Test func clearRemovesWhatWasGivenBeforeAndKeepsWhatComesAfter() throws {
    try withScene { scene in
      let log = try scene.log(maxBytes: 200, maxFiles: 3)
      let input = log.input(.stdout, run: nil)
      input.write(String(repeating: "before\n", count: 100))
      try scene.flush(log)
      input.write("before too\n")
      var cleared = false
      log.clear { error in
        #expect(error == nil)
        cleared = true
      }
      input.write("after\n")
      try runLoop(scene.loop) { cleared }
      let page = try scene.page(log, LogQuery(page: 1, pageSize: 100))
      #expect(page == (1, Self.stdout("after")))
      #expect(scene.directory.names == ["a.log", "a.log.numbers"])
      try scene.close(log)
      #expect(try scene.lines() == Self.stdout("after"))
    }
  }

  @Test func clearEmptiesTheFilesThatASupervisorFound() throws {
    try withScene { scene in
      try scene.write(Array("live\n".utf8), to: "a.log")
      try scene.write(Array("one\n".utf8), to: "a.log.1")
      try scene.write(Array("two\n".utf8), to: "a.log.2")
      let log = try scene.log()
      try scene.wait { done in log.clear { _ in done() } }
      #expect(scene.directory.names == ["a.log"])
      #expect(try scene.bytes() == [])
      try scene.close(log)
    }
  }

  @Test func reopenGoesOnInANewFileWhenTheOldOneWasRenamed() throws {
    try withScene { scene in
      let log = try scene.log()
      let input = log.input(.stdout, run: nil)
      input.write("one\n")
      try scene.flush(log)
      try #require(rename(scene.directory.file("a.log"), scene.directory.file("a.log.1")) == 0)
      input.write("two\n")
      log.reopen()
      input.write("three\n")
      try scene.flush(log)
      #expect(try scene.lines("a.log.1") == Self.stdout("one", "two"))
      #expect(try scene.lines() == Self.stdout("three"))
      let page = try scene.page(log, LogQuery(page: 1, pageSize: 9, newestFirst: false))
      #expect(page == (3, Self.stdout("one", "two", "three")))
      try scene.close(log)
    }
  }

  @Test func reopenTakesTheFileThatSomebodyHasPutThere() throws {
    try withScene { scene in
      let log = try scene.log()
      let input = log.input(.stdout, run: nil)
      input.write("one\n")
      try scene.flush(log)
      try #require(rename(scene.directory.file("a.log"), scene.directory.file("elsewhere")) == 0)
      try scene.write(Array("made by logrotate".utf8), to: "a.log")
      log.reopen()
      input.write("two\n")
      try scene.close(log)
      #expect(try scene.lines() == ["made by logrotate"] + Self.stdout("two"))
      #expect(try scene.lines("elsewhere") == Self.stdout("one"))
    }
  }

  @Test func reopenLeavesAFileAloneThatIsInItsPlace() throws {
    try withScene { scene in
      let log = try scene.log()
      log.input(.stdout, run: nil).write("one\n")
      log.reopen()
      log.input(.stdout, run: nil).write("two\n")
      try scene.close(log)
      #expect(try scene.lines() == Self.stdout("one", "two"))
      #expect(scene.directory.names == ["a.log"])
    }
  }

  @Test func aReopenThatFailsIsReportedInTheOldFile() throws {
    try withScene { scene in
      let log = try scene.log()
      log.input(.stdout, run: nil).write("one\n")
      try scene.flush(log)
      try #require(rename(scene.directory.file("a.log"), scene.directory.file("old")) == 0)
      try Files.createDirectories(scene.directory.file("a.log"), mode: 0o755)
      log.reopen()
      log.input(.stdout, run: nil).write("two\n")
      try scene.close(log)
      let lines = try scene.lines("old")
      #expect(lines.count == 3)
      #expect(lines[1].contains("SYSTEM 127.0.0.1:8080: The log could not be reopened: "))
      #expect(lines[1].hasSuffix("Is a directory"))
    }
  }

  @Test func aFileEmptiedFromOutsideIsScannedAnew() throws {
    try withScene { scene in
      let log = try scene.log()
      let input = log.input(.stdout, run: nil)
      input.write(String(repeating: "old\n", count: 10_000))
      #expect(try scene.page(log, LogQuery(page: 1, pageSize: 1)).total == 10_000)
      try #require(truncate(scene.directory.file("a.log"), 0) == 0)
      #expect(try scene.page(log, LogQuery(page: 1, pageSize: 1)).total == 0)
      input.write("new\n")
      #expect(try scene.page(log, LogQuery(page: 1, pageSize: 9)) == (1, Self.stdout("new")))
      try scene.close(log)
    }
  }

  @Test func whatOthersAppendIsSeenAndEnded() throws {
    try withScene { scene in
      let log = try scene.log()
      let input = log.input(.stdout, run: nil)
      input.write("ours\n")
      try scene.flush(log)
      try scene.append(Array("theirs\nmore".utf8), to: "a.log")
      let before = try scene.page(log, LogQuery(page: 1, pageSize: 9, newestFirst: false))
      #expect(before == (3, Self.stdout("ours") + ["theirs", "more"]))
      input.write("ours again\n")
      let after = try scene.page(log, LogQuery(page: 1, pageSize: 9, newestFirst: false))
      #expect(after == (4, Self.stdout("ours") + ["theirs", "more"] + Self.stdout("ours again")))
      try scene.close(log)
    }
  }

  @Test func deleteRemovesTheRotatedFilesToo() throws {
    try withScene { scene in
      let log = try scene.log(maxBytes: 100, maxFiles: 4)
      let other = try scene.log("b.log")
      log.input(.stdout, run: nil).write(String(repeating: "text\n", count: 100))
      try scene.wait { done in
        log.delete {
          #expect($0 == nil)
          done()
        }
      }
      #expect(scene.directory.names == ["b.log"])
      try scene.close(other)
    }
  }

  @Test func nothingIsLostAtFlushAndClose() throws {
    try withScene { scene in
      let log = try scene.log()
      let input = log.input(.stdout, run: nil)
      input.write(String(repeating: "text\n", count: 100_000))
      try scene.flush(log)
      #expect(try scene.bytes().count == 100_000 * 35)
      input.write("more\nunended")
      input.end()
      try scene.close(log)
      #expect(try scene.lines().suffix(2) == Self.stdout("more", "unended")[...])
      #expect(scene.context.droppedLines == 0)
    }
  }

  @Test func whatComesAfterTheCloseIsCountedAsDropped() throws {
    try withScene { scene in
      let log = try scene.log()
      let input = log.input(.stdout, run: nil)
      try scene.close(log)
      input.write("a\nb\n")
      log.system("c")
      #expect(scene.context.droppedLines == 3)
      #expect(throws: LogFailure.self) { try scene.page(log, LogQuery(page: 1, pageSize: 1)) }
      try scene.flush(log)
      try scene.close(log)
      try scene.wait { done in
        log.clear {
          #expect($0 != nil)
          done()
        }
      }
    }
  }

  @Test func aBusyLogWritesNowAndThenAndNotForEachLine() throws {
    try withScene { scene in
      let log = try scene.log()
      let input = log.input(.stdout, run: nil)
      input.write("first\n")
      try runLoop(scene.loop) { (try? scene.bytes().count) == 36 }
      input.write("second\n")
      input.write("third\n")
      // Nothing asks for them: the shared timer writes both, together.
      var sizes: Set<Int> = []
      try runLoop(scene.loop) {
        sizes.insert((try? scene.bytes().count) ?? 0)
        return sizes.contains(36 + 37 + 36)
      }
      #expect(sizes == [36, 36 + 37 + 36])
      try scene.close(log)
    }
  }

  /// Its disk may have answered late: by then another log has been told that it may have the files.
  @Test func aLogThatIsDeletedLateLeavesTheFilesToItsSuccessor() throws {
    try withScene { scene in
      let old = try scene.log()
      var isDeleted = false
      old.delete { error in
        #expect(error == nil)
        isDeleted = true
      }
      let new = try scene.log()
      new.input(.stdout, run: nil).write("kept\n")
      try scene.flush(new)
      try runLoop(scene.loop) { isDeleted }
      #expect(try scene.lines().last == FormatTests.stamp + "STDOUT: kept")
      try scene.close(new)
      #expect(try scene.lines().last == FormatTests.stamp + "STDOUT: kept")
    }
  }

  @Test func theFilesOfALogThatIsNotOpenAreRemovedAndThoseOfOneThatIsAreNot() throws {
    try withScene { scene in
      try scene.write([], to: "b.log.2")
      let log = try scene.log()
      for name in ["a.log", "b.log"] {
        try scene.wait { done in
          Log.deleteFiles(scene.directory.file(name), context: scene.context) { error in
            #expect(error == nil)
            done()
          }
        }
      }
      #expect(scene.directory.names == ["a.log"])
      try scene.close(log)
    }
  }

  @Test func aReopenThatFindsTheFileInItsPlaceEndsTheTrouble() throws {
    try withScene { scene in
      let log = try scene.log()
      var troubles: [String?] = []
      log.onTrouble = { troubles.append($1?.name) }
      let (path, aside) = (scene.directory.file("a.log"), scene.directory.file("aside"))
      try #require(rename(path, aside) == 0 && mkdir(path, 0o755) == 0)
      log.reopen()
      try scene.flush(log)
      #expect(troubles.count == 1 && troubles.first != .some(nil))
      try #require(rmdir(path) == 0 && rename(aside, path) == 0)
      log.reopen()
      try scene.flush(log)
      #expect(troubles.count == 2 && troubles.last == .some(nil))
      try scene.close(log)
    }
  }

  @Test(arguments: [false, true])
  func aLogThatIsLetGoWhileItClosesTellsOfItsTrouble(_ deletesFiles: Bool) throws {
    try withScene { scene in
      var log: Log? = try scene.log()
      var events: [String?] = []
      log?.onTrouble = { events.append($1?.name) }
      let (path, aside) = (scene.directory.file("a.log"), scene.directory.file("aside"))
      try #require(rename(path, aside) == 0 && mkdir(path, 0o755) == 0)
      log?.reopen()
      let end = { (_: UVError?) in events.append("end") }
      if deletesFiles { log?.delete(then: end) } else { log?.close(then: end) }
      log = nil
      try runLoop(scene.loop) { events.last == "end" }
      #expect(events == ["EISDIR", "end"])
    }
  }
}
