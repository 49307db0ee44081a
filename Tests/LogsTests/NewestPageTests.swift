import Basics
import Logs
import TestSupport
import Testing
import UV

/// The newest pages of a log from before, whose index is not made yet.
struct NewestPageTests {
  /// Lines like those of a log, some of them empty or long, of so many bytes together.
  private func lines(_ bytes: Int, _ random: inout SeededRandom) -> [String] {
    var lines: [String] = []
    var size = 0
    while size < bytes {
      let length = [0, 1, 20, 100, 100, 300, 60_000].randomElement(using: &random) ?? 0
      lines.append("\(lines.count)" + String(repeating: "x", count: length))
      size += lines[lines.count - 1].utf8.count + 1
      if length == 0 { lines.append("") }
    }
    return lines
  }

  private func bytes(_ lines: [String], endsInNewline: Bool = true) -> [UInt8] {
    Array((lines.joined(separator: "\n") + (endsInNewline ? "\n" : "")).utf8)
  }

  /// What is to be on a page of these lines, which are the log's from its oldest on.
  private func page(_ query: LogQuery, of lines: [String]) -> [String] {
    Array(lines.reversed().dropFirst((query.page - 1) * query.pageSize).prefix(query.pageSize))
  }

  private func text(_ page: LogPage) -> [String] {
    page.lines.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test(arguments: [true, false])
  func theyAreThoseThatTheIndexGives(endsInNewline: Bool) throws {
    try withScene { scene in
      var random = SeededRandom(seed: endsInNewline ? 1 : 2)
      let files = [2_000_000, 700, 1_500_000].map { lines($0, &random) }
      try scene.write(bytes(files[0]), to: "a.log.2")
      try scene.write(bytes(files[1]), to: "a.log.1")
      try scene.write(bytes(files[2], endsInNewline: endsInNewline), to: "a.log")
      let all = files.flatMap { $0 }
      let sizes = [1, 2, 50, 999, 10_000]
      var queries = sizes.flatMap { size in (1...3).map { LogQuery(page: $0, pageSize: size) } }
      // About where the files meet, at the last lines of all, and beyond.
      let (newest, both) = (files[2].count, files[1].count + files[2].count)
      for count in [newest - 1, newest, newest + 1, both - 1, both, both + 1] {
        queries.append(LogQuery(page: 1, pageSize: count))
        queries.append(LogQuery(page: count, pageSize: 1))
      }
      queries.append(LogQuery(page: all.count, pageSize: 1))
      queries.append(LogQuery(page: all.count + 1, pageSize: 1))
      var unknown = 0
      for query in queries where query.page * query.pageSize <= 10_000 {
        // Each time by a daemon that knows nothing of the files.
        let log = try scene.log()
        let found = try scene.pageOfBytes(log, query)
        #expect(text(found) == page(query, of: all), "\(query)")
        if found.totalLines == nil { unknown += 1 } else { #expect(found.totalLines == all.count) }
        // The number of lines follows, and the page is the same.
        let later = try scene.page(log, query)
        #expect(later.total == all.count && later.lines == text(found))
        try scene.close(log)
        try Files.remove(scene.directory.file("a.log.numbers"))
      }
      #expect(unknown > 5)
    }
  }

  @Test func theIndexIsMadeWithoutAnotherRequestAndAllOtherPagesWaitForIt() throws {
    try withScene { scene in
      var random = SeededRandom(seed: 3)
      let all = lines(5_000_000, &random)
      try scene.write(bytes(all), to: "a.log")
      let log = try scene.log()
      #expect(try scene.pageOfBytes(log, LogQuery(page: 1, pageSize: 5)).totalLines == nil)
      // Nothing is left on the loop when it is made.
      scene.loop.run()
      #expect(try scene.pageOfBytes(log, LogQuery(page: 1, pageSize: 5)).totalLines == all.count)
      try scene.close(log)
      for query in [
        LogQuery(page: 1, pageSize: 5, newestFirst: false), LogQuery(page: 10_001, pageSize: 1),
        LogQuery(page: 1, pageSize: 5, text: "x"),
      ] {
        let other = try scene.log()
        #expect(try scene.pageOfBytes(other, query).totalLines != nil, "\(query)")
        try scene.close(other)
      }
    }
  }

  @Test func whatIsWrittenMeanwhileCounts() throws {
    try withScene { scene in
      var random = SeededRandom(seed: 4)
      let all = lines(2_000_000, &random)
      try scene.write(bytes(all), to: "a.log")
      let log = try scene.log()
      log.system("new")
      let newest = try scene.pageOfBytes(log, LogQuery(page: 1, pageSize: 2))
      let lines = text(newest)
      #expect(newest.totalLines == nil && lines.count == 2)
      #expect(lines[0].hasSuffix("SYSTEM 127.0.0.1:8080: new") && lines[1] == all.last)
      #expect(try scene.page(log, LogQuery(page: 1, pageSize: 2)).total == all.count + 1)
      try scene.close(log)
    }
  }

  @Test func aPageThatIsTooLargeIsRefusedAndTheLogIsClosedWhileItsIndexIsMade() throws {
    try withScene { scene in
      let all = Array(repeating: String(repeating: "y", count: 60_000), count: 400)
      try scene.write(bytes(all), to: "a.log")
      let log = try scene.log()
      #expect {
        try scene.pageOfBytes(log, LogQuery(page: 1, pageSize: 200))
      } throws: {
        ($0 as? LogFailure)?.isClientError == true
      }
      try scene.close(log)
      let other = try scene.log()
      #expect(try scene.pageOfBytes(other, LogQuery(page: 1, pageSize: 1)).totalLines == nil)
      try scene.close(other)
    }
  }
}
