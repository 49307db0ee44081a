import Foundation
import Glibc
import Testing

/// Streams of logs: what is there and what comes, each line once, over all that a daemon does to a
/// log and what becomes of it.
struct StreamTests {
  /// What one reader has got of a log, over all its connections.
  private struct Story {
    private(set) var lines: [(number: Int, text: String)] = []
    private(set) var gaps: [(from: Int, to: Int, reason: String)] = []
    private(set) var end: String?
    /// The number that is to come next; nil before the first.
    private var next: Int?

    mutating func note(
      _ event: EventStream.Event, sourceLocation: SourceLocation = #_sourceLocation
    )
      throws
    {
      switch event.name {
      case nil:
        let number = try #require(event.number)
        if let next { #expect(number == next, sourceLocation: sourceLocation) }
        next = number + 1
        lines.append((number, try #require(event.text)))
      case "gap":
        let to = try #require(event.data["to"] as? Int)
        let reason = try #require(event.data["reason"] as? String)
        if let from = event.data["from"] as? Int {
          if let next { #expect(from == next, sourceLocation: sourceLocation) }
          #expect(event.data["lines"] as? Int == to - from + 1)
          gaps.append((from, to, reason))
        }
        next = to + 1
      case "end": end = event.data["reason"] as? String
      default: break
      }
    }
  }

  private func line(_ daemon: DaemonUnderTest, _ text: String) throws {
    try daemon.post("/input/web", "{\"input\": \"\(text)\"}")
  }

  @Test func linesThatAreThereComeFirstAndThenThoseThatAreNew() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("web", "while read line; do echo $line; done")
    for text in ["one", "two"] { try line(daemon, text) }
    try daemon.waitFor("web", line: "STDOUT: two")
    let stream = try EventStream(daemon, "/logs/web/stream?tail=2")
    #expect(stream.head.status == 200)
    #expect(stream.head.headers["content-type"] == "text/event-stream; charset=utf-8")
    #expect(stream.head.headers["cache-control"] == "no-store")
    let kept = try stream.events { $0.name == "live" }
    #expect(kept.map(\.text) == ["one", "two", nil] && kept.map(\.number) == [2, 3, 3])
    #expect(kept[0].data["stream"] as? String == "stdout" && kept[0].data["run"] is NSNull)
    let time = try #require(kept[0].data["time"] as? String)
    #expect(time.wholeMatch(of: #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/#) != nil)
    try line(daemon, "three")
    #expect(try stream.next()?.text == "three")
    // Another connection goes on where this one ended.
    try line(daemon, "four")
    try daemon.waitFor("web", line: "STDOUT: four")
    let again = try EventStream(daemon, "/logs/web/stream", lastID: stream.lastID)
    #expect(try again.next()?.text == "four")
    #expect(try again.next()?.name == "live")
    // An address from before is overruled by it.
    let old = try EventStream(
      daemon, "/logs/web/stream?after=start&follow=false", lastID: again.lastID)
    #expect(try old.events { _ in false }.map(\.name) == ["live"])
  }

  @Test func filtersAndLimitsHold() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("web", "seq 1 30; echo to you 7 >&2; read x; seq 78 82; read x")
    try eventually("all is there") {
      try daemon.get("/logs/web").object()["total_lines"] as? Int == 32
    }
    func texts(_ query: String) throws -> [String?] {
      let stream = try EventStream(daemon, "/logs/web/stream?\(query)")
      return try stream.events { _ in false }.map { $0.text ?? $0.name }
    }
    #expect(
      try texts("q=7&stream=stdout&follow=false&after=start") == ["7", "17", "27", "live"])
    #expect(try texts("q=7&tail=2&follow=false") == ["27", "to you 7", "live"])
    #expect(try texts("stream=stderr&follow=false") == ["to you 7", "live"])
    #expect(try texts("after=start&stream=stdout&limit=2") == ["1", "2", "end"])
    let stream = try EventStream(daemon, "/logs/web/stream?q=8&tail=0&limit=2")
    #expect(try stream.next()?.name == "live")
    try line(daemon, "go")
    #expect(try stream.events { _ in false }.map { $0.text ?? $0.name } == ["78", "80", "end"])
  }

  @Test func whatCannotBeStreamedIsRefused() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("web", "sleep 1000", ["instances": 2])
    #expect(try daemon.get("/logs/none/stream").status == 404)
    #expect(try daemon.get("/logs/web/stream").status == 409)
    #expect(try daemon.get("/logs/web.0/stream?after=7").status == 400)
    #expect(try daemon.get("/logs/web.0/stream?tail=10001").status == 400)
    #expect(try daemon.post("/logs/web.0/stream").status == 405)
    for id in ["web.0", "exeio"] {
      #expect(try EventStream(daemon, "/logs/\(id)/stream?follow=false").head.status == 200)
    }
  }

  @Test func aRemovalAndTheEndOfTheDaemonAreTold() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("web", "sleep 1000")
    try daemon.addShell(
      "bye", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done")
    try daemon.waitFor("bye", line: "STDOUT: up")
    let removed = try EventStream(daemon, "/logs/web/stream?tail=0")
    let stopped = try EventStream(daemon, "/logs/bye/stream?tail=0")
    try daemon.post("/remove/web")
    let last = try removed.events { _ in false }
    #expect(last.last?.name == "end" && last.last?.data["reason"] as? String == "removed")
    daemon.signal(SIGTERM)
    let end = try stopped.events { _ in false }
    #expect(end.contains { $0.text == "bye" })
    #expect(end.last?.name == "end" && end.last?.data["reason"] as? String == "shutdown")
    #expect(daemon.waitForExit() == 0)
  }

  /// Every reader has each line once, and the daemon is killed in the middle.
  @Test func readersGoOnOverAKillWithNothingLostAndNothingTwice() throws {
    let daemon = try DaemonUnderTest()
    let script = "i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo $$ $i; done; sleep 1000"
    try daemon.addShell("web", script, ["save_for_next_run": true])
    var stories = [Story](repeating: Story(), count: 4)
    var cursors: [String?] = Array(repeating: nil, count: 4)
    for index in stories.indices {
      let stream = try EventStream(daemon, "/logs/web/stream?after=start")
      // Each has come to another place when the daemon is killed.
      for _ in 0..<(index * 110 + 1) {
        if let event = try stream.next() { try stories[index].note(event) }
      }
      cursors[index] = stream.lastID
    }
    daemon.signal(SIGKILL)
    _ = daemon.waitForExit()
    try daemon.launch()
    try daemon.waitFor("web", status: "running")
    let isLast = { (event: EventStream.Event) in event.text?.hasSuffix(" 400") == true }
    var last = 0
    for index in stories.indices {
      let stream = try EventStream(daemon, "/logs/web/stream?tail=0", lastID: cursors[index])
      // The first run may have come to its end before.
      while last == 0 || stories[index].lines.last?.number != last {
        let events = try stream.events(upTo: isLast)
        for event in events { try stories[index].note(event) }
        if stories[index].lines.filter({ $0.text.hasSuffix(" 400") }).count == 2
          || events.isEmpty
        {
          break
        }
      }
      last = stories[index].lines.last?.number ?? 0
    }
    let page = try daemon.get("/logs/web?page_size=10000&order=asc").object()
    let kept = try #require(page["logs"] as? [String]).compactMap { line in
      line.contains("STDOUT: ") ? line.split(separator: "STDOUT: ").last.map(String.init) : nil
    }
    for story in stories {
      let got = story.lines.map(\.text).filter { $0.wholeMatch(of: #/\d+ \d+/#) != nil }
      #expect(got == Array(kept.prefix(got.count)) && got.last?.hasSuffix(" 400") == true)
      #expect(story.gaps.allSatisfy { $0.reason == "dropped" }, "\(story.gaps)")
    }
    #expect(Set(stories.map(\.lines.count)).count == 1)
  }

  /// What rotation takes from under a reader is told, and the numbers add up.
  @Test func linesAndGapsAddUpUnderRotation() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell(
      "web", "read go; seq 1 60000; echo done; sleep 1000",
      ["log_max_bytes": 65_536, "log_max_files": 2])
    let atEnd = try EventStream(daemon, "/logs/web/stream?after=start")
    let sleeper = try EventStream(daemon, "/logs/web/stream?after=start")
    try line(daemon, "go")
    var quick = Story()
    let isLast = { (event: EventStream.Event) in event.text == "done" }
    for event in try atEnd.events(upTo: isLast) { try quick.note(event) }
    let late = try EventStream(daemon, "/logs/web/stream?after=start")
    var slow = Story()
    for event in try sleeper.events(upTo: isLast) { try slow.note(event) }
    var third = Story()
    for event in try late.events(upTo: isLast) { try third.note(event) }
    for story in [quick, slow, third] {
      let missing = story.gaps.reduce(0) { $0 + $1.to - $1.from + 1 }
      let first = min(
        try #require(story.lines.first?.number), story.gaps.first?.from ?? .max)
      // With the line about the start.
      #expect(first - 1 + story.lines.count + missing == 60_002, "\(story.gaps)")
      #expect(story.gaps.allSatisfy { $0.reason == "rotated" })
      for line in story.lines.dropFirst().dropLast() {
        if line.text != "\(line.number - 1)" {
          #expect(line.text == "\(line.number - 1)")
          break
        }
      }
    }
    // Who comes late begins with what is there; the sleeper lost what it left unread.
    #expect(third.gaps.isEmpty && third.lines.count < 60_000 && !slow.gaps.isEmpty)
  }

  @Test func aStreamThatIsAbandonedIsFreedAndTooManyAreRefused() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("web", "sleep 1000")
    var streams: [EventStream] = []
    for _ in 0..<256 { streams.append(try EventStream(daemon, "/logs/web/stream?tail=0")) }
    let refused = try daemon.get("/logs/web/stream?tail=0")
    #expect(refused.status == 503 && refused.headers["retry-after"] == "1")
    #expect(try daemon.get("/list").status == 200)
    streams.removeLast()
    try eventually("there is room for one") {
      try EventStream(daemon, "/logs/web/stream?follow=false").head.status == 200
    }
    streams = []
  }
}
