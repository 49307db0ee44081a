import Basics
import Logs
import TestSupport
import Testing
import UV

/// What a reader gets who follows a log.
@Suite struct FollowTests {
  /// A reader, and all that it has got.
  private final class Reader {
    private(set) var follower: LogFollower
    /// The texts of the lines by their numbers.
    var lines: [(number: Int, text: String)] = []
    var blocks: [LogBlock] = []
    var gaps: [LogGap] = []
    var live: [Int] = []
    var hasEnded = false
    var failure: LogFailure?
    /// What was got, in short: numbers, `live 3`, `gap 1-2`.
    var story: [String] = []
    /// Whether it takes what comes.
    var isTaking = true
    private var isAsking = false

    init(_ log: Log, from start: FollowQuery) {
      follower = log.follow(start)
      take()
    }

    func take() {
      guard isTaking, !isAsking else { return }
      isAsking = true
      follower.next { [unowned self] item in
        isAsking = false
        note(item)
        take()
      }
    }

    private func note(_ item: LogFollower.Item) {
      switch item {
      case .lines(let block):
        blocks.append(block)
        for line in block.lines {
          lines.append((line.number, String(decoding: line.text, as: UTF8.self)))
          story.append("\(line.number)")
        }
      case .live(let cursor):
        live.append(cursor.number)
        story.append("live \(cursor.number)")
      case .gap(let gap, _):
        gaps.append(gap)
        story.append("\(gap.reason) \(gap.from.map { "\($0)" } ?? "?")-\(gap.to)")
      case .ended: hasEnded = true
      case .failed(let failure): self.failure = failure
      }
    }

    func close() { follower.close() }
  }

  private func written(_ count: Int, _ scene: Scene, maxBytes: Int = 0) throws -> Log {
    let log = try scene.log(maxBytes: maxBytes)
    write(0..<count, to: log)
    try scene.flush(log)
    return log
  }

  /// Lines that say their numbers, if the first of all has number 1.
  private func write(_ range: Range<Int>, to log: Log) {
    let input = log.input(.stdout, run: nil)
    for number in range { input.write("\(number + 1)\n") }
  }

  /// A reader that has got all that is there.
  private func liveReader(_ log: Log, from start: FollowQuery, _ scene: Scene) throws -> Reader {
    let reader = Reader(log, from: start)
    try runLoop(scene.loop) { !reader.live.isEmpty }
    return reader
  }

  private func cursor(_ number: Int, of log: Log, _ scene: Scene) throws -> LogCursor {
    let page = try scene.numberedPage(log, LogQuery(page: 1, pageSize: 1))
    return LogCursor(epoch: try #require(page.numbers?.epoch), number: number)
  }

  @Test(arguments: [
    (FollowQuery(.tail, tail: 3), ["8", "9", "10", "live 10"]),
    (FollowQuery(.tail, tail: 0), ["live 10"]),
    (
      FollowQuery(.tail, tail: 2, stream: .stdout, text: "1"),
      (1...10).map { "\($0)" } + ["live 10"]
    ),
    (FollowQuery(.tail, tail: 5, stream: .stderr), ["live 10"]),
    (FollowQuery(.tail), (1...10).map { "\($0)" } + ["live 10"]),
    (FollowQuery(.tail, tail: nil), (1...10).map { "\($0)" } + ["live 10"]),
    (FollowQuery(.oldest, tail: 0), (1...10).map { "\($0)" } + ["live 10"]),
  ])
  func aReaderBeginsWhereItWants(start: FollowQuery, story: [String]) throws {
    try withScene { scene in
      let log = try written(10, scene)
      let reader = try liveReader(log, from: start, scene)
      #expect(reader.story == story)
      write(10..<12, to: log)
      try runLoop(scene.loop) { reader.lines.last?.number == 12 }
      #expect(reader.story == story + ["11", "12"])
      #expect(reader.lines.allSatisfy { $0.text == "\($0.number)" })
      reader.close()
      try scene.close(log)
    }
  }

  @Test func aReaderGoesOnBehindItsCursor() throws {
    try withScene { scene in
      let log = try written(10, scene)
      for number in [0, 4, 9, 10] {
        let reader = try liveReader(
          log, from: FollowQuery(.after(try cursor(number, of: log, scene))), scene)
        #expect(reader.lines.map(\.number) == Array(number..<10).map { $0 + 1 })
        reader.close()
      }
      try scene.close(log)
    }
  }

  @Test func anEmptyLogIsLiveAtOnceAndItsFirstLineComes() throws {
    try withScene { scene in
      let log = try scene.log()
      let reader = try liveReader(log, from: FollowQuery(.tail), scene)
      write(0..<3, to: log)
      try runLoop(scene.loop) { reader.lines.count == 3 }
      #expect(reader.story == ["live 0", "1", "2", "3"])
      reader.close()
      try scene.close(log)
    }
  }

  @Test func aLineIsTakenApart() throws {
    try withScene { scene in
      let log = try scene.log()
      log.input(.stdout, run: 7).write("out\n")
      log.input(.stderr, run: nil).write("err: [x] y\n")
      log.system("said")
      try scene.flush(log)
      try scene.append(Array("not ours\n[2025-07-15 10:30:45] nor this\n".utf8), to: "a.log")
      var lines: [LogLine] = []
      let follower = log.follow(FollowQuery(.oldest))
      var isLive = false
      func take() {
        follower.next { item in
          if case .lines(let block) = item { lines += block.lines }
          if case .live = item { isLive = true } else { take() }
        }
      }
      take()
      try runLoop(scene.loop) { isLive }
      let texts = lines.map { String(decoding: $0.text, as: UTF8.self) }
      #expect(
        texts == ["out", "err: [x] y", "said", "not ours", "[2025-07-15 10:30:45] nor this"])
      #expect(lines.map(\.stream) == [.stdout, .stderr, .system, nil, nil])
      #expect(lines.map(\.run) == [7, nil, nil, nil, nil])
      let times = lines.map { $0.time.map { String(decoding: $0, as: UTF8.self) } }
      #expect(times == Array(repeating: "2025-07-15 10:30:45", count: 3) + [nil, nil])
      follower.close()
      try scene.close(log)
    }
  }

  @Test func whatIsRotatedAwayUnderASlowReaderIsAGap() throws {
    try withScene { scene in
      let log = try scene.log(maxBytes: 1000, maxFiles: 1)
      write(0..<5, to: log)
      try scene.flush(log)
      let reader = try liveReader(log, from: FollowQuery(.oldest), scene)
      reader.isTaking = false
      write(5..<6, to: log)
      try runLoop(scene.loop) { reader.lines.count == 6 }
      // Far more than is kept in files and in memory.
      for start in stride(from: 6, to: 60_006, by: 6_000) {
        write(start..<(start + 6_000), to: log)
        try scene.flush(log)
      }
      reader.isTaking = true
      reader.take()
      try runLoop(scene.loop) { reader.lines.last?.number == 60_006 }
      let gap = try #require(reader.gaps.first)
      #expect(reader.gaps.count == 1 && gap.from == 7 && gap.reason == .rotated)
      #expect(reader.lines[6].number == gap.to + 1)
      #expect(reader.lines.allSatisfy { $0.text == "\($0.number)" })
      reader.close()
      try scene.close(log)
    }
  }

  @Test func clearingIsAGapForThoseBehindAlone() throws {
    try withScene { scene in
      let log = try written(10, scene)
      let atEnd = Reader(log, from: FollowQuery(.oldest))
      let behind = Reader(log, from: FollowQuery(.tail, tail: 0))
      try runLoop(scene.loop) { !atEnd.live.isEmpty && !behind.live.isEmpty }
      behind.isTaking = false
      write(10..<11, to: log)
      try runLoop(scene.loop) { behind.lines.count == 1 && atEnd.lines.count == 11 }
      // More than memory keeps, so that the one behind has to read.
      write(11..<60_000, to: log)
      try runLoop(scene.loop) { atEnd.lines.count == 60_000 }
      try scene.wait { done in log.clear { _ in done() } }
      behind.isTaking = true
      write(60_000..<60_001, to: log)
      try runLoop(scene.loop) { atEnd.lines.count == 60_001 }
      #expect(atEnd.gaps.isEmpty)
      // What memory still has is given; what only the files had is gone.
      behind.take()
      try runLoop(scene.loop) { behind.lines.last?.number == 60_001 }
      #expect(behind.gaps.map(\.reason) == [.cleared] && behind.gaps.first?.from == 12)
      #expect(behind.lines[1].number == (behind.gaps.first?.to ?? 0) + 1)
      for reader in [atEnd, behind] { reader.close() }
      try scene.close(log)
    }
  }

  @Test(arguments: [FollowQuery.Place.after(LogCursor(epoch: 1, number: 5)), .afterUnknown])
  func aCursorOfAnotherNumberingBeginsAgain(place: FollowQuery.Place) throws {
    try withScene { scene in
      let log = try written(10, scene)
      for (tail, first) in [(3, 8), (0, 11), (100, 1), (nil, 1)] {
        let reader = try liveReader(log, from: FollowQuery(place, tail: tail), scene)
        #expect(reader.story.first == "reset ?-\(first - 1)")
        #expect(reader.lines.map(\.number) == Array(first..<11))
        reader.close()
      }
      try scene.close(log)
    }
  }

  @Test func linesMatchByStreamAndText() throws {
    try withScene { scene in
      let log = try scene.log()
      log.input(.stderr, run: nil).write("abc\n\n")
      try scene.flush(log)
      let reader = try liveReader(log, from: FollowQuery(.oldest), scene)
      let block = try #require(reader.blocks.first)
      for (stream, text, lines) in [
        (nil, nil, ["abc", ""]), (.stderr, nil, ["abc", ""]), (.stderr, "bc", ["abc"]),
        (.stderr, "bd", []), (.stdout, "abc", []), (nil, "abc", ["abc"]), (nil, "abcd", []),
        (.stderr, "", ["abc", ""]), (.stdout, nil, []),
      ] as [(LogStream?, String?, [String])] {
        let matching = block.lines(matching: FollowQuery(stream: stream, text: text))
        #expect(matching.map { String(decoding: $0.text, as: UTF8.self) } == lines)
      }
      reader.close()
      try scene.close(log)
    }
  }

  @Test func aReaderHearsOfTheEnd() throws {
    try withScene { scene in
      let log = try written(3, scene)
      let reader = try liveReader(log, from: FollowQuery(.oldest), scene)
      write(3..<5, to: log)
      try scene.close(log)
      try runLoop(scene.loop) { reader.hasEnded }
      #expect(reader.lines.map(\.number) == Array(1...5) && reader.failure == nil)
    }
  }

  /// What is written while the first line is looked for comes all the same.
  @Test func nothingIsPassedOverThatIsWrittenWhileASearchGoesOn() throws {
    try withScene { scene in
      let log = try scene.log()
      let input = log.input(.stdout, run: nil)
      for number in 0..<60_000 { input.write("nothing \(number)\n") }
      try scene.flush(log)
      let reader = Reader(log, from: FollowQuery(.tail, tail: 10, text: "needle"))
      var written = 0
      let timer = try Timer(on: scene.loop)
      timer.start(after: .zero, repeating: .milliseconds(1)) {
        guard written < 200 else { return }
        written += 1
        input.write("needle \(written)\n")
      }
      try runLoop(scene.loop) { reader.lines.last?.text == "needle 200" }
      let needles = reader.lines.filter { $0.text.hasPrefix("needle") }
      #expect(needles.map(\.text) == (1...200).map { "needle \($0)" })
      timer.close()
      reader.close()
      try scene.close(log)
    }
  }

  /// A tail of long lines is far more than a page may have.
  @Test func aTailMayHaveManyMegabytes() throws {
    try withScene { scene in
      let log = try scene.log()
      let input = log.input(.stdout, run: nil)
      let text = String(repeating: "x", count: 60_000)
      for number in 0..<300 { input.write("\(number) \(text)\n") }
      try scene.flush(log)
      for (tail, first) in [(250, 51), (10_000, 1)] {
        let reader = try liveReader(log, from: FollowQuery(.tail, tail: tail), scene)
        #expect(reader.lines.map(\.number) == Array(first...300) && reader.gaps.isEmpty)
        reader.close()
      }
      try scene.close(log)
    }
  }

  /// A later start must not give numbers again that readers have seen.
  @Test func aDaemonThatIsKilledHasWrittenWhatReadersWereGiven() throws {
    try withScene { scene in
      let log = try written(30, scene)
      let reader = try liveReader(log, from: FollowQuery(.oldest), scene)
      try scene.wait { done in log.clear { _ in done() } }
      for number in 30..<70 {
        write(number..<(number + 1), to: log)
        try runLoop(scene.loop) { reader.lines.last?.number == number + 1 }
      }
      // The next one finds no live file, and knows no numbers but those that were written down.
      try Files.remove(scene.directory.file("a.log"))
      let next = Log(
        path: scene.directory.file("a.log"), limits: LogLimits(maxBytes: 0, maxFiles: 5),
        context: scene.makeContext())
      try scene.wait { done in next.whenOpen { _ in done() } }
      next.input(.stdout, run: nil).write("new\n")
      try scene.flush(next)
      let page = try scene.numberedPage(next, LogQuery(page: 1, pageSize: 1))
      let epoch = try cursor(0, of: log, scene).epoch
      let number = try #require(page.numbers?.first)
      #expect(page.numbers?.epoch != epoch || number > 70)
      reader.close()
      try scene.close(next)
      try scene.close(log)
    }
  }

  @Test func aReaderWhoIsBehindHearsWhatItDoesNotGetOfALogThatCloses() throws {
    try withScene { scene in
      let log = try written(3, scene)
      let reader = try liveReader(log, from: FollowQuery(.oldest), scene)
      reader.isTaking = false
      write(3..<4, to: log)
      try runLoop(scene.loop) { reader.lines.count == 4 }
      write(4..<200_000, to: log)
      try scene.close(log)
      reader.isTaking = true
      reader.take()
      try runLoop(scene.loop) { reader.hasEnded }
      let missing = reader.gaps.reduce(0) { $0 + $1.to - ($1.from ?? 0) + 1 }
      #expect(reader.lines.count + missing == 200_000 && reader.failure == nil)
    }
  }

  @Test func whatReadersGetInMemoryIsMadeOnce() throws {
    try withScene { scene in
      let log = try scene.log()
      var made = 0
      var taken = 0
      var live = 0
      let followers = (0..<10).map { _ in log.follow(FollowQuery(.tail, tail: 0)) }
      func take(_ follower: LogFollower) {
        follower.next { item in
          if case .live = item { live += 1 }
          if case .lines(let block) = item {
            _ = block.rendering(0) { _ in
              made += 1
              return [1]
            }
            taken += block.lines.count
          }
          take(follower)
        }
      }
      for follower in followers { take(follower) }
      try runLoop(scene.loop) { live == 10 }
      // The first line gives the log its numbers, which those get who look.
      write(0..<1, to: log)
      try runLoop(scene.loop) { taken == 10 }
      made = 0
      write(1..<2, to: log)
      try runLoop(scene.loop) { taken == 20 }
      #expect(made == 1)
      for follower in followers { follower.close() }
      try scene.close(log)
    }
  }
}
