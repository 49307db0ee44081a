import Foundation
import Glibc
import Testing

/// The numbers of the lines of a log, and the cursors that lead from page to page, over all that a
/// daemon does to a log and what becomes of it.
struct LogCursorTests {
  /// What has been shown of a log: for each number of an epoch, its line.
  private struct Shown {
    private(set) var lines: [String: [Int: String]] = [:]

    /// Notes a page, whose lines must be those that were shown with these numbers before.
    ///
    /// - Returns: the cursor behind its newest line.
    @discardableResult
    mutating func note(_ page: [String: Any], sourceLocation: SourceLocation = #_sourceLocation)
      throws -> String?
    {
      let logs = try #require(page["logs"] as? [String], "\(page)")
      guard let previous = page["previous"] as? String else {
        #expect(page["first"] is NSNull && page["last"] is NSNull && page["next"] is NSNull)
        return nil
      }
      let first = try #require(page["first"] as? Int)
      let last = try #require(page["last"] as? Int)
      let epoch = String(previous.prefix(8))
      #expect(previous == "\(epoch)-\(last)", sourceLocation: sourceLocation)
      // What was never shown may be missing, so only a whole page tells the number of each line.
      guard last - first == logs.count - 1 else { return previous }
      for (number, line) in zip(first...last, logs) {
        if let other = lines[epoch]?[number] {
          #expect(other == line, "\(number) twice", sourceLocation: sourceLocation)
        }
        lines[epoch, default: [:]][number] = line
      }
      return previous
    }
  }

  private func page(_ daemon: DaemonUnderTest, _ id: String, _ query: String) throws
    -> [String: Any]
  {
    let answer = try daemon.get("/logs/\(id)?order=asc&\(query)")
    #expect(answer.status == 200, "\(answer)")
    return try answer.object()
  }

  /// All lines from a cursor on, page by page.
  private func newer(
    _ daemon: DaemonUnderTest, _ id: String, than start: String, _ query: String = "page_size=700"
  ) throws -> [String] {
    var lines: [String] = []
    var cursor = start
    while true {
      let page = try page(daemon, id, "\(query)&after=\(cursor)")
      guard let next = page["previous"] as? String else { return lines }
      lines += page["logs"] as? [String] ?? []
      cursor = next
    }
  }

  /// All lines before a cursor, page by page, the oldest first.
  private func older(
    _ daemon: DaemonUnderTest, _ id: String, than start: String, _ query: String = "page_size=700"
  ) throws -> [String] {
    var lines: [String] = []
    var cursor: String? = start
    while let before = cursor {
      let page = try page(daemon, id, "\(query)&before=\(before)")
      lines = (page["logs"] as? [String] ?? []) + lines
      cursor = page["next"] as? String
    }
    return lines
  }

  @Test func pagesGiveEachLineOnceInBothDirectionsAlsoWhileTheLogIsWrittenTo() throws {
    let daemon = try DaemonUnderTest()
    let count = 10_000
    try daemon.addShell(
      "web", "seq 1 \(count); read go; i=0; while :; do i=$((i+1)); echo more $i; sleep 0.01; done")
    try eventually("the last line is there") {
      try daemon.get("/logs/web?stream=stdout").object()["total_lines"] as? Int == count
    }
    let whole = try daemon.get("/logs/web?page_size=10000&order=asc&stream=stdout").object()
    #expect(whole["total_lines"] as? Int == count)
    // With the line about the start, which has number 1.
    #expect(whole["first"] as? Int == 2 && whole["last"] as? Int == count + 1)
    let expected = try #require(whole["logs"] as? [String])
    let newest = try #require(whole["previous"] as? String)
    for isWritten in [false, true] {
      if isWritten {
        try daemon.post("/input/web", #"{"input": "go"}"#)
        try eventually("the process writes on") {
          try daemon.get("/logs/web?q=more").object()["total_lines"] as? Int ?? 0 > 0
        }
      }
      let all = try newer(daemon, "web", than: "0").filter { !$0.contains("more") }
      #expect(all.count == count + 1 && all.dropFirst() == expected[...], "\(isWritten)")
      #expect(
        try older(daemon, "web", than: newest).dropFirst() == expected.dropLast(), "\(isWritten)")
      #expect(
        try newer(daemon, "web", than: "0", "page_size=97&q=7").filter { !$0.contains("more") }
          == expected.filter { $0.split(separator: ":").last?.contains("7") == true })
      let sevens = try older(daemon, "web", than: newest, "page_size=97&q=7&stream=stdout")
      #expect(
        sevens
          == expected.dropLast().filter { $0.split(separator: ":").last?.contains("7") == true })
    }
    let between = try page(daemon, "web", "after=5&before=9")
    #expect(between["total_lines"] as? Int == 3)
    #expect(between["first"] as? Int == 6 && between["last"] as? Int == 8)
    #expect(between["next"] is NSNull)
    let own = try daemon.get("/logs/exeio?page_size=1").object()
    #expect(own["first"] is Int && own["next"] is String)
  }

  @Test func theyGoOnOverClearRestartAndADirectoryThatIsRemoved() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell(
      "web", "while read line; do echo $line; done", ["save_for_next_run": true])
    var shown = Shown()
    func say(_ text: String) throws -> [String: Any] {
      try daemon.post("/input/web", "{\"input\": \"\(text)\"}")
      try daemon.waitFor("web", line: "STDOUT: \(text)")
      return try page(daemon, "web", "page_size=1000")
    }
    let first = try say("one")
    try shown.note(first)
    let cursor = try #require(first["previous"] as? String)
    let epoch = cursor.prefix(8)
    try daemon.post("/clear-log/web")
    let cleared = try say("two")
    try shown.note(cleared)
    #expect(
      try #require(cleared["first"] as? Int) == (try #require(first["last"] as? Int)) + 1)
    try FileManager.default.removeItem(at: daemon.logDirectory)
    let remade = try say("three")
    try shown.note(remade)
    #expect(
      try #require(remade["first"] as? Int) == (try #require(cleared["last"] as? Int)) + 1)

    daemon.signal(SIGTERM)
    #expect(daemon.waitForExit() == 0)
    try daemon.launch()
    try daemon.waitFor("web", status: "running")
    try shown.note(try say("four"))
    #expect(shown.lines.keys.map { $0[...] } == [epoch])
    // What a client that was away gets is what it has missed.
    let missed = try newer(daemon, "web", than: "\(epoch)-\(remade["first"] as? Int ?? 0)")
    #expect(
      missed.first?.hasSuffix("STDOUT: three") != true && missed.last?.hasSuffix("four") == true)

    daemon.signal(SIGTERM)
    #expect(daemon.waitForExit() == 0)
    try FileManager.default.removeItem(at: daemon.logDirectory)
    try daemon.launch()
    try daemon.waitFor("web", status: "running")
    let gone = try daemon.get("/logs/web?after=\(cursor)")
    #expect(gone.status == 410)
    #expect(
      try gone.message
        == "The numbering of this log has begun afresh: the cursor '\(cursor)' is of an earlier one."
    )
    #expect(try page(daemon, "web", "after=0")["first"] as? Int == 1)
    #expect(try daemon.get("/logs/web?after=x").status == 400)
    try daemon.post("/remove/web?delete_log=true")
    let names = try FileManager.default.contentsOfDirectory(atPath: daemon.logDirectory.path)
    #expect(!names.contains { $0.hasPrefix("web.log") })
  }

  @Test func aDaemonThatIsKilledWhileItRotatesUsesNoNumberTwice() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell(
      "web", "exec seq -f \"$$ line %.0f\" 1 100000000",
      ["save_for_next_run": true, "log_max_bytes": 65_536, "log_max_files": 3])
    var shown = Shown()
    var cursor: String?
    for _ in 0..<6 {
      for _ in 0..<20 {
        let page = try page(daemon, "web", "page_size=3000")
        cursor = try shown.note(page) ?? cursor
      }
      daemon.signal(SIGKILL)
      #expect(daemon.waitForExit() == -SIGKILL)
      try daemon.launch()
      // What the client has come to is known, and what follows has larger numbers.
      let known = try #require(cursor)
      let newer = try eventually("there are newer lines") {
        let page = try page(daemon, "web", "page_size=3000&after=\(known)")
        return page["first"] is Int ? page : nil
      }
      let number = try #require(Int(known.dropFirst(9)))
      #expect(try #require(newer["first"] as? Int) > number)
      cursor = try shown.note(newer)
    }
    #expect(shown.lines.count == 1, "\(shown.lines.keys)")
  }
}
