import API
import Basics
import HTTP
import Testing

/// What a stream of a log is asked for, and what it sends.
@Suite struct LogStreamTests {
  private func ask(_ query: String, _ headers: [(name: String, value: String)] = []) -> Routed {
    var reception = Reception()
    return reception.ask("GET", "/logs/web/stream\(query)", headers: headers)
  }

  private func query(_ query: String, _ headers: [(name: String, value: String)] = []) throws
    -> LogStreamQuery
  {
    guard case .logStream("web", let result) = ask(query, headers) else { throw Unexpected() }
    return result
  }

  private static let cursor = LogCursor(epoch: 0x7f3a_91c2, number: 48_211)

  @Test func withoutAQueryItIsTheNewestHundredLinesAndThoseThatCome() throws {
    let query = try query("")
    #expect(query == LogStreamQuery())
    #expect(
      query.lines.place == .tail && query.lines.tail == 100 && query.follows && query.limit == nil)
    #expect(query.format == .events && query.lines.wantsAll)
  }

  @Test func everyParameterIsRead() throws {
    let query = try query("?tail=7&stream=stderr&q=a%20b&follow=false&limit=9")
    #expect(query.lines.tail == 7 && query.lines.stream == .stderr && query.lines.text == "a b")
    #expect(!query.follows && query.limit == 9 && !query.lines.wantsAll)
    #expect(try self.query("?tail=all").lines.tail == nil)
    #expect(try self.query("?tail=0&q=").lines.tail == 0)
    #expect(try self.query("?after=start").lines.place == .oldest)
    #expect(try self.query("?after=7f3a91c2-48211").lines.place == .after(Self.cursor))
  }

  @Test func theLastEventWinsOverTheAddress() throws {
    for (last, place) in [
      ("7f3a91c2-48211", FollowQuery.Place.after(Self.cursor)), ("", .oldest),
      ("48211", .afterUnknown), ("web:7f3a91c2-1", .afterUnknown), ("x", .afterUnknown),
    ] {
      #expect(
        try query("?after=start", [(name: "Last-Event-ID", value: last)]).lines.place == place)
    }
  }

  @Test(arguments: [
    ("?after=5", "after"), ("?after=x", "after"), ("?after=", "after"), ("?tail=-1", "tail"),
    ("?tail=10001", "tail"), ("?tail=", "tail"), ("?limit=0", "limit"), ("?stream=x", "stream"),
    ("?follow=1", "follow"), ("?page=1", "page"), ("?tail=1&tail=2", "tail"),
  ])
  func whatCannotBeAskedIsNamed(query: String, name: String) throws {
    let answer = try ask(query).answer
    #expect(answer.status == 400)
    let message = try answer.message
    #expect(message.contains("\"\(name)\""), "\(message)")
  }

  @Test(arguments: [
    (nil, StreamFormat.events), ("*/*", .events), ("text/event-stream", .events),
    ("application/x-ndjson", .ndjson), ("application/ndjson;q=0.9, */*;q=0.1", .ndjson),
    ("text/plain", .text), ("TEXT/PLAIN ; Q=1", .text), ("text/*", .events),
    ("text/plain;q=0.2, application/x-ndjson;q=0.3", .ndjson), ("text/html", .events),
    ("text/plain;q=0", .events), (";;,", .events), ("text/plain;q=x", .events),
  ])
  func theClientChoosesTheForm(accept: String?, format: StreamFormat) throws {
    #expect(try query("", accept.map { [(name: "Accept", value: $0)] } ?? []).format == format)
  }

  // MARK: What is sent

  private static let lines = [
    LogLine(
      number: 5, time: Array("2026-01-31 10:31:02".utf8)[...], stream: .stdout, run: 3,
      text: Array("say \"hi\"\u{1}".utf8)[...]),
    LogLine(number: 6, time: nil, stream: nil, run: nil, text: [0x61, 0xFF]),
  ]

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test func eventsAreAsTheStandardHasThem() {
    let writer = LogStreamWriter(.events)
    #expect(writer.head.headers["Content-Type"] == "text/event-stream; charset=utf-8")
    #expect(writer.head.headers["X-Accel-Buffering"] == "no")
    #expect(text(writer.beginning) == "retry: 2000\n: exeio\n\n")
    #expect(text(writer.comment) == ":\n\n")
    #expect(
      text(writer.lines(Self.lines, epoch: 0x7f3a_91c2)) == #"""
        id: 7f3a91c2-5
        data: {"seq":5,"time":"2026-01-31T10:31:02Z","stream":"stdout","run":3,"text":"say \"hi\"\u0001"}

        id: 7f3a91c2-6
        data: {"seq":6,"time":null,"stream":null,"run":null,"text":"a\#u{FFFD}"}


        """#)
    #expect(
      text(writer.live(Self.cursor))
        == "event: live\nid: 7f3a91c2-48211\ndata: {\"seq\":48211}\n\n")
    #expect(
      text(writer.live(LogCursor(epoch: nil, number: 0))) == "event: live\ndata: {\"seq\":0}\n\n")
    #expect(
      text(writer.gap(from: 48_000, to: Self.cursor, reason: "rotated"))
        == "event: gap\nid: 7f3a91c2-48211\ndata: {\"from\":48000,\"to\":48211,\"lines\":212,\"reason\":\"rotated\"}\n\n"
    )
    #expect(
      text(writer.gap(from: nil, to: Self.cursor, reason: "reset")).contains(
        "{\"from\":null,\"to\":48211,\"lines\":null,\"reason\":\"reset\"}"))
    #expect(text(writer.end(.removed)) == "event: end\ndata: {\"reason\":\"removed\"}\n\n")
  }

  @Test func aLineOfJSONIsAnObject() {
    let writer = LogStreamWriter(.ndjson)
    #expect(writer.head.headers["Content-Type"] == "application/x-ndjson")
    #expect(writer.beginning.isEmpty && writer.comment.isEmpty)
    let lines = text(writer.lines(Self.lines, epoch: 1)).split(separator: "\n")
    #expect(lines.count == 2 && lines.allSatisfy { $0.hasPrefix("{\"seq\":") && $0.hasSuffix("}") })
    #expect(text(writer.live(Self.cursor)) == "{\"event\":\"live\",\"seq\":48211}\n")
    #expect(text(writer.end(.shutdown)) == "{\"event\":\"end\",\"reason\":\"shutdown\"}\n")
  }

  @Test func plainTextIsTheLinesAlone() {
    let writer = LogStreamWriter(.text)
    #expect(writer.head.headers["Content-Type"] == "text/plain; charset=utf-8")
    #expect(writer.lines(Self.lines, epoch: 1) == Array("say \"hi\"\u{1}\na".utf8) + [0xFF, 0x0A])
    #expect(writer.live(Self.cursor).isEmpty && writer.end(.limit).isEmpty)
    #expect(writer.gap(from: 1, to: Self.cursor, reason: "rotated").isEmpty)
  }
}
