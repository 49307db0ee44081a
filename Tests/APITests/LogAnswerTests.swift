import API
import Basics
import HTTP
import TestSupport
import Testing

@Suite struct LogAnswerTests {
  private func logs(_ lines: [[UInt8]]) throws -> [String] {
    var query = LogsQuery()
    query.page = 3
    query.pageSize = 20
    // Slices of one buffer, as a log gives them: their indices do not begin at 0.
    let buffer = Array("..".utf8) + lines.flatMap { $0 }
    var start = 2
    let slices = lines.map { line in
      defer { start += line.count }
      return buffer[start..<start + line.count]
    }
    let answer = try Answer(Answers.logs(query, totalLines: 1_234, lines: slices))
    #expect(answer.status == 200)
    let object = try answer.object
    #expect(
      Set(object.keys) == [
        "success", "page", "page_size", "total_lines", "logs", "partial", "first", "last", "next",
        "previous",
      ])
    #expect((object["partial"] as? [Any])?.isEmpty == true)
    #expect(object["success"] as? Bool == true)
    #expect(object["page"] as? Int == 3)
    #expect(object["page_size"] as? Int == 20)
    #expect(object["total_lines"] as? Int == 1_234)
    return try #require(object["logs"] as? [String])
  }

  @Test func howManyLinesThereAreMayNotBeKnownYet() throws {
    let body = Answers.logs(LogsQuery(), totalLines: nil, lines: [[65]]).body
    let text = String(decoding: body, as: UTF8.self)
    #expect(text.contains(#""total_lines":null,"logs":["A"]"#), "\(text)")
  }

  @Test func theNumbersAndWhatLeadsOnStandBesideThePage() throws {
    let numbers = PageNumbers(epoch: 0xff, all: [9, 8, 7], areOlderOnes: true)
    let answer = try Answer(
      Answers.logs(LogsQuery(), totalLines: 9, lines: [[65], [66], [67]], numbers: numbers)
    ).object
    #expect(answer["first"] as? Int == 7 && answer["last"] as? Int == 9)
    #expect(answer["next"] as? String == "000000ff-7")
    #expect(answer["previous"] as? String == "000000ff-9")
    let body = Answers.logs(LogsQuery(), totalLines: nil, lines: []).body
    let text = String(decoding: body, as: UTF8.self)
    #expect(
      text.contains(#""partial":[],"first":null,"last":null,"next":null,"previous":null}"#),
      "\(text)")
  }

  @Test func aPageMayBeEmpty() throws {
    #expect(try logs([]) == [])
  }

  @Test func linesComeInTheOrderGiven() throws {
    let lines = ["[2025-07-15 10:31:02] STDOUT: b", "", "é€😀", "\"\\/\u{8}\t\u{C}\r\n\u{0}\u{7F}"]
    #expect(try logs(lines.map { Array($0.utf8) }) == lines)
  }

  @Test(arguments: [true, false])
  func aLineWithoutItsEndIsTheNewestAndStandsInAListOfItsOwn(ascending: Bool) throws {
    var query = LogsQuery()
    query.ascending = ascending
    let part = PartialLine(
      stream: .stderr, line: Array("[t] STDERR: Name? \u{1B}".utf8)[...],
      text: ([0xFF] + Array("?".utf8))[...])
    let whole = Array("whole".utf8)[...]
    let answer = try Answer(
      Answers.logs(query, totalLines: 1, lines: [whole], partial: [part])
    ).object
    let lines = ["[t] STDERR: Name? \u{1B}", "whole"]
    #expect(answer["logs"] as? [String] == (ascending ? lines.reversed() : lines))
    #expect(
      answer["partial"] as? [[String: String]] == [["stream": "stderr", "text": "\u{FFFD}?"]])
    #expect(answer["total_lines"] as? Int == 1)
  }

  /// The examples of Unicode 16, tables 3-8 to 3-11, and a few more; R stands for U+FFFD.
  @Test(
    arguments: [
      ([0xC0, 0xAF, 0xE0, 0x80, 0xBF, 0xF0, 0x81, 0x82, 0x41], "RRRRRRRRA"),
      ([0xED, 0xA0, 0x80, 0xED, 0xBF, 0xBF, 0xED, 0xAF, 0x41], "RRRRRRRRA"),
      ([0xF4, 0x91, 0x92, 0x93, 0xFF, 0x41, 0x80, 0xBF, 0x42], "RRRRRARRB"),
      ([0xE1, 0x80, 0xE2, 0xF0, 0x91, 0x92, 0xF1, 0xBF, 0x41], "RRRRA"),
      ([0x80], "R"), ([0xFF], "R"), ([0xC3], "R"), ([0xE2, 0x82], "R"), ([0xF0, 0x9F, 0x98], "R"),
      ([0x61, 0xC3, 0x62], "aRb"), ([0xE2, 0x82, 0x22], "R\""), ([0xF0, 0x9F, 0x98, 0x5C], "R\\"),
      ([0xC2], "R"), ([0xC2, 0x41], "RA"), ([0xC2, 0xC2, 0xA9], "R©"), ([0xF5, 0x80], "RR"),
      ([0xEF, 0xBF, 0xBD], "R"), ([0xF4, 0x8F, 0xBF, 0xBF], "\u{10FFFF}"),
    ] as [([UInt8], String)])
  func whatIsNotUTF8BecomesReplacementCharacters(bytes: [UInt8], expected: String) throws {
    let text = String(expected.map { $0 == "R" ? "\u{FFFD}" : $0 })
    #expect(try logs([bytes]) == [text])
    #expect(try logs([Array("x".utf8) + bytes + Array("y".utf8), bytes]) == ["x\(text)y", text])
    #expect(String(decoding: bytes, as: UTF8.self) == text)
  }

  @Test func anyBytesReadAsTheStandardLibraryReadsThem() throws {
    var random = SeededRandom(seed: 11)
    let interesting: [UInt8] = [
      0x00, 0x1B, 0x22, 0x41, 0x5C, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xDF,
      0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF1, 0xF4, 0xF5, 0xFF,
    ]
    let lines = (0..<2_000).map { _ in
      (0..<Int.random(in: 0...12, using: &random)).map { _ in
        interesting.randomElement(using: &random) ?? 0
      }
    }
    let shown = try logs(lines)
    for (line, text) in zip(lines, shown) {
      #expect(Array(text.utf8) == Array(String(decoding: line, as: UTF8.self).utf8))
    }
  }

  @Test func noControlCharacterStandsInTheBody() throws {
    let line = (UInt8(0)...0x7F).map { $0 } + (UInt8(0x80)...0x9F).flatMap { [0xC2, $0] }
    let body = Answers.logs(LogsQuery(), totalLines: 1, lines: [line[...]]).body.dropLast()
    #expect(body.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
    let text = String(decoding: body, as: UTF8.self)
    #expect(!text.unicodeScalars.contains { (0x80...0x9F).contains($0.value) })
    #expect(text.contains(#"\u001b"#) && text.contains(#"\u009b"#) && text.contains(#"\u007f"#))
  }
}
