import Basics
import Dispatch
import Glibc
import Logs
import TestSupport
import Testing
import UV

/// A log and its naive twin, which are given the same lines.
private final class Twins {
  let scene: Scene
  let log: Log
  var naive: NaiveLog
  var random: SeededRandom
  private let inputs: [(LogStream, LogInput, String)]

  init(_ scene: Scene, seed: UInt64, naive: NaiveLog, context: LogContext? = nil) throws {
    self.scene = scene
    self.naive = naive
    random = SeededRandom(seed: seed)
    let limits = LogLimits(maxBytes: naive.maxBytes, maxFiles: naive.maxFiles)
    let path = scene.directory.file("a.log")
    log = Log(path: path, limits: limits, context: context ?? scene.context)
    inputs = [
      (.stdout, log.input(.stdout, run: nil), "STDOUT: "),
      (.stderr, log.input(.stderr, run: nil), "STDERR: "),
      (.stdout, log.input(.stdout, run: 12), "RUN#12 STDOUT: "),
    ]
  }

  /// Gives both some lines.
  func write(_ count: Int) {
    for _ in 0..<count {
      var message = random.message()
      let choice = Int.random(in: 0..<10, using: &random)
      if choice == 0 {
        message.removeAll { $0 == "\r" }
        log.system(message)
        naive.append(
          NaiveLog.Line(
            stream: .system, prefix: FormatTests.stamp + "SYSTEM 127.0.0.1:8080: ",
            message: message))
      } else {
        let (stream, input, label) = inputs[choice % inputs.count]
        message += "."
        input.write(message + "\n")
        naive.append(
          NaiveLog.Line(stream: stream, prefix: FormatTests.stamp + label, message: message))
      }
    }
  }

  func clear() throws {
    naive.clear()
    try scene.wait { done in log.clear { _ in done() } }
  }

  func comparePages(_ count: Int) throws {
    let oldest = try scene.numberedPage(
      log, LogQuery(page: 1, pageSize: 1, newestFirst: false))
    naive.beginNumbering(at: oldest.numbers?.first ?? 1)
    for _ in 0..<count {
      let query = random.query(total: naive.lines.count, numbers: naive.numbers)
      let expected = naive.page(query)
      let page = try scene.numberedPage(log, query)
      #expect(page.totalLines == expected.total, "\(query)")
      #expect(page.text == expected.lines, "\(query)")
      #expect(page.numbers?.all ?? [] == expected.numbers, "\(query)")
    }
  }
}

@Suite struct PageTests {
  @Test(arguments: 1...6)
  func pagesAreThoseOfANaiveLogWhileItGrowsAndRotates(_ seed: UInt64) throws {
    try withScene { scene in
      let limits = [(0, 5), (3_000, 3), (60_000, 2), (200_000, 4), (20_000, 0), (1, 3)]
      let (maxBytes, maxFiles) = limits[Int(seed) - 1]
      let twins = try Twins(
        scene, seed: seed, naive: NaiveLog(maxBytes: maxBytes, maxFiles: maxFiles))
      for _ in 0..<20 {
        twins.write(Int.random(in: 0...400, using: &twins.random))
        try twins.comparePages(5)
        if Int.random(in: 0..<8, using: &twins.random) == 0 { try twins.clear() }
      }
      try scene.close(twins.log)
    }
  }

  @Test(arguments: 10...13)
  func aNewSupervisorGivesTheSamePagesFromTheFilesItFinds(_ seed: UInt64) throws {
    try withScene { scene in
      var naive = NaiveLog(maxBytes: seed % 2 == 0 ? 0 : 150_000, maxFiles: 3)
      for life in 0..<4 {
        let twins = try Twins(
          scene, seed: seed * 10 + UInt64(life), naive: naive, context: scene.makeContext())
        // Sometimes the index is made before anything is written, sometimes after.
        if life % 2 == 0 { try twins.comparePages(2) }
        twins.write(800)
        try twins.comparePages(10)
        try scene.close(twins.log)
        naive = twins.naive
      }
    }
  }

  @Test func pagesAskedForTogetherWaitForOneScan() throws {
    try withScene { scene in
      var random = SeededRandom(seed: 77)
      let twins = try Twins(scene, seed: 5, naive: NaiveLog())
      twins.write(5_000)
      try scene.close(twins.log)
      let log = try scene.log()
      var answers = 0
      let total = twins.naive.lines.count
      for _ in 0..<100 {
        let query = random.query(total: total)
        let expected = twins.naive.page(query)
        log.page(query) { result in
          answers += 1
          let page = try? result.get()
          #expect(page != nil && page?.totalLines ?? expected.total == expected.total)
          #expect(page?.lines.map { String(decoding: $0, as: UTF8.self) } == expected.lines)
        }
      }
      try runLoop(scene.loop) { answers == 100 }
      try scene.close(log)
    }
  }

  @Test func aPageIsExactWhateverHappensWhileItIsRead() throws {
    try withScene { scene in
      let twins = try Twins(scene, seed: 9, naive: NaiveLog(maxBytes: 40_000, maxFiles: 3))
      var asked = 0
      var answered = 0
      var searches = 0
      for _ in 0..<300 {
        twins.write(30)
        var query = twins.random.query(
          total: twins.naive.lines.count, numbers: twins.naive.numbers)
        // So would the third search.
        let isSearch = (query.stream != nil || query.text?.isEmpty == false) && searches < 2
        if isSearch { searches += 1 } else { (query.stream, query.text) = (nil, nil) }
        twins.naive.beginNumbering()
        let expected = twins.naive.page(query)
        asked += 1
        twins.log.page(query) { result in
          answered += 1
          if isSearch { searches -= 1 }
          let page = try? result.get()
          #expect(page?.numbers?.all ?? [] == expected.numbers, "\(query)")
          #expect(page?.totalLines == expected.total, "\(query)")
          #expect(page?.lines.map { String(decoding: $0, as: UTF8.self) } == expected.lines)
        }
        // The ninth page at a time would wait for its turn, and so for a later state of the log.
        try runLoop(scene.loop) { asked - answered < 8 }
      }
      try runLoop(scene.loop) { answered == asked }
      try scene.close(twins.log)
    }
  }

  @Test func aPageAcrossAClearIsOfOneTimeOnly() throws {
    try withScene { scene in
      let log = try scene.log()
      let input = log.input(.stdout, run: nil)
      func lines(_ word: String) -> String {
        (0..<10_000).map { "\(word) \(1_000_000 + $0) \(String(repeating: "x", count: 90))\n" }
          .joined()
      }
      // The log is cleared and filled with as many bytes of others after so many turns of the loop,
      // so that at some of them the page has been read in part.
      for turns in 0..<24 {
        input.write(lines("old"))
        try scene.flush(log)
        var page: LogPage?
        log.page(LogQuery(page: 1, pageSize: 10_000, newestFirst: false)) { page = try? $0.get() }
        for _ in 0..<turns { scene.loop.run(.once) }
        var isCleared = false
        log.clear { _ in isCleared = true }
        input.write(lines("new"))
        try runLoop(scene.loop) { isCleared && page != nil }
        let words = Set(
          (page?.lines ?? []).map { $0.dropFirst(FormatTests.stamp.utf8.count + 8).prefix(3) })
        #expect(words.count <= 1, "after \(turns) turns")
        try scene.wait { done in log.clear { _ in done() } }
      }
      try scene.close(log)
    }
  }

  @Test func linesWrittenDuringTheFirstScanStandBehindIt() throws {
    try withScene { scene in
      let naive = NaiveLog(maxBytes: 300_000, maxFiles: 4)
      var twins = try Twins(scene, seed: 20, naive: naive)
      twins.write(4_000)
      for life in 0..<5 {
        try scene.close(twins.log)
        twins = try Twins(
          scene, seed: 21 + UInt64(life), naive: twins.naive, context: scene.makeContext())
        var answers = 0
        for _ in 0..<3 {
          twins.log.page(LogQuery(page: 1, pageSize: 10)) { _ in answers += 1 }
        }
        while answers < 3 {
          // Sometimes the file that is scanned is rotated meanwhile.
          twins.write(life * 40)
          scene.loop.run(.noWait)
        }
        try twins.comparePages(8)
      }
      try scene.close(twins.log)
    }
  }

  @Test func aPagePastTheEndIsEmptyHoweverFar() throws {
    try withScene { scene in
      let log = try scene.log()
      #expect(try scene.page(log, LogQuery(page: 1, pageSize: 50)) == (0, []))
      log.input(.stdout, run: nil).write("a\nb\n")
      for page in [2, 3, 1_000_000, Int.max] {
        #expect(try scene.page(log, LogQuery(page: page, pageSize: 10_000)) == (2, []))
        #expect(
          try scene.page(log, LogQuery(page: page, pageSize: 10_000, text: "a")) == (1, []))
      }
      try scene.close(log)
    }
  }

  @Test func aPageBeforeTheFirstIsRefused() throws {
    try withScene { scene in
      let log = try scene.log()
      for query in [LogQuery(page: 0, pageSize: 1), LogQuery(page: 1, pageSize: 0)] {
        #expect(throws: LogFailure.self) { try scene.page(log, query) }
      }
      try scene.close(log)
    }
  }

  @Test func theTextIsLookedForInTheMessageOnly() throws {
    try withScene { scene in
      let log = try scene.log()
      log.input(.stdout, run: 7).write("RUN#7\nplain\nSTDERR: inner\n2025\n")
      log.input(.stderr, run: nil).write("an error: deep\n")
      log.system("Process 8080 stopped: 127")
      func search(_ text: String, _ stream: LogStream? = nil) throws -> [String] {
        try scene.page(
          log, LogQuery(page: 1, pageSize: 10, stream: stream, text: text, newestFirst: false)
        ).lines.map { String($0.dropFirst(FormatTests.stamp.count)) }
      }
      #expect(try search("RUN#7") == ["RUN#7 STDOUT: RUN#7"])
      #expect(try search("STDOUT") == [])
      #expect(try search("STDERR") == ["RUN#7 STDOUT: STDERR: inner"])
      #expect(try search("2025") == ["RUN#7 STDOUT: 2025"])
      #expect(try search("8080") == ["SYSTEM 127.0.0.1:8080: Process 8080 stopped: 127"])
      #expect(try search("127") == ["SYSTEM 127.0.0.1:8080: Process 8080 stopped: 127"])
      #expect(try search("deep", .stderr) == ["STDERR: an error: deep"])
      #expect(try search("deep", .stdout) == [])
      #expect(try search("DEEP") == [])
      #expect(try search("plain\n[2025") == [])
      #expect(try search("\n") == [])
      try scene.close(log)
    }
  }

  @Test func linesThatAreNotOursAreKeptAndFound() throws {
    try withScene { scene in
      let foreign = String(repeating: "long ", count: 200_000)
      try scene.write(Array("plain\n\n[x\n[y] z\n\(foreign)\nno end".utf8), to: "a.log")
      try scene.write(Array("older, without an end".utf8), to: "a.log.1")
      try scene.write(Array("beyond a gap\n".utf8), to: "a.log.3")
      let log = try scene.log()
      let all = try scene.page(log, LogQuery(page: 1, pageSize: 50, newestFirst: false))
      #expect(
        all.lines == [
          "beyond a gap", "older, without an end", "plain", "", "[x", "[y] z", foreign, "no end",
        ])
      #expect(all.total == 8)
      #expect(try scene.page(log, LogQuery(page: 1, pageSize: 50, text: "long")) == (1, [foreign]))
      #expect(
        try scene.page(log, LogQuery(page: 1, pageSize: 1, text: "end")) == (2, ["no end"]))
      #expect(try scene.page(log, LogQuery(page: 1, pageSize: 1, stream: .stdout)) == (0, []))
      try scene.close(log)
    }
  }

  @Test func aPageOfWhatIsInMemoryIsReadByTheLookAtTheFiles() throws {
    let alone = HangingWork()
    defer { withExtendedLifetime(alone) {} }
    try withScene { scene in
      let log = try scene.log()
      let input = log.input(.stdout, run: nil)
      input.write(RotationTests.lines(0..<5000))
      try scene.flush(log)
      let query = LogQuery(page: 3, pageSize: 20, newestFirst: false)
      let expected = try scene.page(log, query)
      #expect(RotationTests.numbers(expected.lines) == Array(40..<60))
      guard scene.directory.tellsWhatIsCached else { return }
      // No other read is under way in this directory any more.
      let gate = DispatchSemaphore(value: 0)
      var ended = 0
      for _ in 0..<100 {
        PoolWork.run(on: scene.loop, .logPages(directory: scene.directory.path)) {
          gate.wait()
        } then: {
          ended += 1
        }
      }
      #expect(scene.loop.pool.queueLength > 0)
      let page = try scene.page(log, query)
      #expect(page.lines == expected.lines)
      #expect(page.total == 5000)
      for _ in 0..<100 { gate.signal() }
      try runLoop(scene.loop) { ended == 100 }
      try scene.close(log)
    }
  }

  @Test func whatOthersDoToTheFileIsSeenWhereItIsReadAhead() throws {
    try withScene { scene in
      let log = try scene.log()
      let input = log.input(.stdout, run: nil)
      let query = LogQuery(page: 1, pageSize: 20, newestFirst: false)
      input.write(RotationTests.lines(0..<100))
      try scene.flush(log)
      #expect(try RotationTests.numbers(scene.page(log, query).lines) == Array(0..<20))
      // Another file has the name.
      try scene.write(Array("of another\n".utf8), to: "new")
      try #require(rename(scene.directory.file("new"), scene.directory.file("a.log")) == 0)
      #expect(try scene.page(log, query) == (1, ["of another"]))
      input.write(RotationTests.lines(0..<100))
      try scene.flush(log)
      #expect(try scene.page(log, query).total == 101)
      // Another program empties it.
      try #require(truncate(scene.directory.file("a.log"), 0) == 0)
      #expect(try scene.page(log, query).total == 0)
      input.write(RotationTests.lines(7..<8))
      try scene.flush(log)
      #expect(try RotationTests.numbers(scene.page(log, query).lines) == [7])
      try scene.close(log)
    }
  }

  @Test func aFileThatOthersHaveRemovedShiftsWhatIsReadAhead() throws {
    try withScene { scene in
      let log = try scene.log(maxBytes: 200_000, maxFiles: 2)
      let input = log.input(.stdout, run: nil)
      var next = 0
      while scene.directory.names.count < 2 {
        input.write(RotationTests.lines(next..<(next + 100)))
        try scene.flush(log)
        next += 100
      }
      log.limits.maxBytes = 10_000_000
      input.write(RotationTests.lines(next..<(next + 9_000)))
      try scene.flush(log)
      let removed = try scene.lines("a.log.1").count
      let query = LogQuery(page: removed / 10 + 2, pageSize: 10, newestFirst: false)
      let first = (removed / 10 + 1) * 10
      #expect(
        try RotationTests.numbers(scene.page(log, query).lines) == Array(first..<(first + 10)))
      try #require(unlink(scene.directory.file("a.log.1")) == 0)
      // What is found now stands so much further down.
      let shifted = first + removed
      let numbers = try RotationTests.numbers(scene.page(log, query).lines)
      #expect(numbers == Array(shifted..<(shifted + 10)))
      try scene.close(log)
    }
  }

  @Test func aPageOfMoreThan8MiBIsRefused() throws {
    try withScene { scene in
      let log = try scene.log()
      let input = log.input(.stdout, run: nil)
      let line = [UInt8](repeating: UInt8(ascii: "x"), count: 65_000) + [10]
      for _ in 0..<1100 {
        input.write(line)
        if scene.loop.run(.noWait) { continue }
      }
      for filter in [nil, "xx"] {
        let query = LogQuery(page: 1, pageSize: 1100, text: filter)
        #expect {
          try scene.pageOfBytes(log, query)
        } throws: {
          "\($0)".contains("ask for a smaller page_size")
        }
        #expect(
          try scene.pageOfBytes(log, LogQuery(page: 11, pageSize: 100, text: filter)).lines.count
            == 100)
      }
      try scene.close(log)
    }
  }
}
