import Basics
import Logs
import TestSupport
import Testing
import UV

/// Lines whose ends have not come yet.
@Suite struct PartialLineTests {
  /// Asks for a page until lines without an end are on it.
  private func partial(_ scene: Scene, _ log: Log, _ query: LogQuery) throws -> [PartialLine] {
    try pages(scene, log, query) { !$0.partial.isEmpty }.partial
  }

  /// Asks for a page from time to time until something is so of it.
  private func pages(
    _ scene: Scene, _ log: Log, _ query: LogQuery, until condition: (LogPage) -> Bool
  ) throws -> LogPage {
    let timer = try Timer(on: scene.loop)
    defer { timer.close() }
    var page = try scene.pageOfBytes(log, query)
    for _ in 0..<1_000 where !condition(page) {
      var isOver = false
      timer.start(after: .milliseconds(20)) { isOver = true }
      try runLoop(scene.loop) { isOver }
      page = try scene.pageOfBytes(log, query)
    }
    return page
  }

  private func text(_ lines: [PartialLine]) -> [String] {
    lines.map { String(decoding: $0.text, as: UTF8.self) }
  }

  private static let newest = LogQuery(page: 1, pageSize: 2)

  @Test func aPromptIsShownAfterHalfASecondAndNoLongerWhenItsLineEnds() throws {
    try withScene { scene in
      let log = try scene.log()
      let input = log.input(.stdout, run: 3)
      input.write("before\nYour name? ")
      let start = scene.loop.now
      let early = try scene.pageOfBytes(log, Self.newest)
      // Unless the machine was busy for that long.
      if scene.loop.now - start < .milliseconds(400) { #expect(early.partial == []) }
      scene.time += .seconds(7)
      let shown = try partial(scene, log, Self.newest)
      #expect(
        shown == [
          PartialLine(
            stream: .stdout, prefix: Array((FormatTests.stamp + "RUN#3 STDOUT: ").utf8),
            text: Array("Your name? ".utf8))
        ])
      // It does not count and is not in the file.
      let page = try scene.pageOfBytes(log, Self.newest)
      #expect(page.totalLines == 1 && page.lines.count == 1)
      #expect(try scene.lines().count == 1)
      input.write("Ann\n")
      let after = try scene.pageOfBytes(log, Self.newest)
      #expect(after.partial == [] && after.totalLines == 2)
      try scene.close(log)
    }
  }

  @Test func itIsOnThePageThatHasTheNewestLine() throws {
    try withScene { scene in
      let log = try scene.log()
      let kept1 = log.input(.stdout, run: nil)
      defer { kept1.end() }
      kept1.write("1\n2\n3\n4\n5\n? ")
      _ = try partial(scene, log, Self.newest)
      func shows(_ page: Int, size: Int = 2, newestFirst: Bool = true) throws -> Bool {
        let query = LogQuery(page: page, pageSize: size, newestFirst: newestFirst)
        return try !scene.pageOfBytes(log, query).partial.isEmpty
      }
      #expect(try shows(1))
      #expect(try !shows(2))
      #expect(try !shows(3))
      #expect(try !shows(2, newestFirst: false))
      #expect(try shows(3, newestFirst: false))
      #expect(try !shows(4, newestFirst: false))
      #expect(try shows(1, size: 5, newestFirst: false))
      #expect(try !shows(2, size: 5, newestFirst: false))
      try scene.close(log)
    }
  }

  @Test func filtersHoldForItToo() throws {
    try withScene { scene in
      let log = try scene.log()
      let kept2 = log.input(.stdout, run: nil)
      defer { kept2.end() }
      kept2.write("out? ")
      let kept3 = log.input(.stderr, run: nil)
      defer { kept3.end() }
      kept3.write("err? ")
      #expect(Set(text(try partial(scene, log, Self.newest))) == ["out? ", "err? "])
      func shown(_ stream: LogStream?, _ wanted: String?) throws -> [String] {
        let query = LogQuery(page: 1, pageSize: 2, stream: stream, text: wanted)
        return text(try scene.pageOfBytes(log, query).partial)
      }
      #expect(try shown(.stdout, nil) == ["out? "])
      #expect(try shown(.stderr, nil) == ["err? "])
      #expect(try shown(.system, nil) == [])
      #expect(try shown(nil, "rr?") == ["err? "])
      #expect(try shown(.stdout, "rr?") == [])
      #expect(try shown(nil, "STDOUT") == [])
      try scene.close(log)
    }
  }

  @Test(arguments: [
    ("\r 10%\r 20%", " 20%"), (" 10%\r 20%\r", " 20%"), ("a\r\r\rb\r\r", "b"), ("old\rnew", "new"),
    ("first\nsecond\rthird", "third"),
  ])
  func ofALineThatOverwritesItselfTheLatestStateIsShown(_ given: String, _ shown: String) throws {
    try withScene { scene in
      let log = try scene.log()
      let kept4 = log.input(.stderr, run: nil)
      defer { kept4.end() }
      kept4.write(given)
      #expect(text(try partial(scene, log, Self.newest)) == [shown])
      try scene.close(log)
    }
  }

  @Test func aLineOfReturnsAloneShowsNothing() throws {
    try withScene { scene in
      let log = try scene.log()
      let kept5 = log.input(.stderr, run: nil)
      defer { kept5.end() }
      kept5.write("\r\r")
      let kept6 = log.input(.stdout, run: nil)
      defer { kept6.end() }
      kept6.write("x")
      #expect(text(try partial(scene, log, Self.newest)) == ["x"])
      try scene.close(log)
    }
  }

  @Test func aProgressLineThatNeverRestsIsShown() throws {
    try withScene { scene in
      let log = try scene.log()
      let input = log.input(.stdout, run: nil)
      var percent = 0
      let start = scene.loop.now
      let page = try pages(scene, log, Self.newest) { page in
        percent += 1
        input.write("\r\(percent)%")
        return !page.partial.isEmpty
      }
      #expect(!page.partial.isEmpty)
      #expect(scene.loop.now - start >= .milliseconds(500))
      try scene.close(log)
    }
  }

  @Test func aLongOneIsCut() throws {
    try withScene { scene in
      let log = try scene.log()
      let kept7 = log.input(.stdout, run: nil)
      defer { kept7.end() }
      kept7.write(
        [UInt8](repeating: UInt8(ascii: "x"), count: 64 * 1024 + 1) + [13])
      let shown = try partial(scene, log, Self.newest)
      #expect(shown.map(\.text.count) == [64 * 1024] || shown.map(\.text.count) == [1])
      try scene.close(log)
    }
  }

  @Test func theStreamOfARunThatIsOverShowsNothing() throws {
    try withScene { scene in
      let log = try scene.log()
      var first: LogInput? = log.input(.stdout, run: nil)
      first?.write("left over")
      #expect(text(try partial(scene, log, Self.newest)) == ["left over"])
      first?.end()
      #expect(try scene.pageOfBytes(log, Self.newest).partial == [])
      first = log.input(.stdout, run: nil)
      first?.write("next")
      #expect(text(try partial(scene, log, Self.newest)) == ["next"])
      first = nil
      #expect(try scene.pageOfBytes(log, Self.newest).partial == [])
      try scene.close(log)
    }
  }
}

/// The last line of standard error of a run.
@Suite struct LastLineTests {
  private static let cases: [(String, String?)] = [
    ("", nil), ("\n\n", nil), ("one", "one"), ("one\n", "one"), ("one\ntwo\n", "two"),
    ("one\ntwo", "two"), ("one\r\n", "one"),
    ("Traceback:\n  File\nValueError: no\n\n  \n", "ValueError: no"),
    ("a\u{1B}[31mred\u{1B}[0m\n", "a\\u{1b}[31mred\\u{1b}[0m"), ("tab\there\n", "tab\there"),
    (String(repeating: "é", count: 201) + "\n", String(repeating: "é", count: 200) + "…"),
    (String(repeating: "y", count: 200) + "\n", String(repeating: "y", count: 200)),
  ]

  @Test(arguments: cases)
  func itIsTheLastThatIsNotBlankHoweverTheBytesAreCut(_ text: String, _ expected: String?) throws {
    try withScene { scene in
      let log = try scene.log()
      let bytes = Array(text.utf8)
      for cut in Set([0, 1, 2, 3, 4, 5, 7, bytes.count / 2, bytes.count - 1, bytes.count])
      where (0...bytes.count).contains(cut) {
        let input = log.input(.stderr, run: nil)
        input.write(Array(bytes[..<cut]))
        input.write(Array(bytes[cut...]))
        input.end()
        #expect(input.lastLine == expected, "cut at \(cut)")
      }
      let single = log.input(.stderr, run: nil)
      for byte in bytes { single.write([byte]) }
      single.end()
      #expect(single.lastLine == expected)
      try scene.close(log)
    }
  }

  @Test func bytesThatAreNotUTF8AreReplacedAndStandardOutputKeepsNone() throws {
    try withScene { scene in
      let log = try scene.log()
      let (errors, output) = (log.input(.stderr, run: nil), log.input(.stdout, run: nil))
      for input in [errors, output] { input.write([0x61, 0xFF, 0x62, 10]) }
      #expect(errors.lastLine == "a\u{FFFD}b")
      #expect(output.lastLine == nil)
      try scene.close(log)
    }
  }
}
