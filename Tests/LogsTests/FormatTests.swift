import Basics
import Glibc
import Logs
import Testing
import UV

@Suite struct FormatTests {
  static let stamp = "[2025-07-15 10:30:45] "

  struct Cut: CustomTestStringConvertible {
    let given: [UInt8]
    let lines: [[UInt8]]
    let testDescription: String
    init(_ name: String, _ given: [UInt8], _ lines: [[UInt8]]) {
      testDescription = name
      self.given = given
      self.lines = lines
    }
    init(_ name: String, _ given: String, _ lines: [String]) {
      self.init(name, Array(given.utf8), lines.map { Array($0.utf8) })
    }
  }

  static func x(_ count: Int) -> [UInt8] { [UInt8](repeating: UInt8(ascii: "x"), count: count) }

  static let longest = 64 * 1024
  static let cuts: [Cut] = [
    Cut("one line", "hello\n", ["hello"]),
    Cut("two lines", "a\nb\n", ["a", "b"]),
    Cut("empty lines stay", "\n\na\n\n", ["", "", "a", ""]),
    Cut("a return before the newline goes", "a\r\n\r\nb\n", ["a", "", "b"]),
    Cut("only one return goes", "a\r\r\n", ["a\r"]),
    Cut("a return elsewhere stays", "a\rb\n", ["a\rb"]),
    Cut("no newline at the end", "a\nb", ["a", "b"]),
    Cut("a return at the end of the stream stays", "a\r", ["a\r"]),
    Cut("nothing", "", []),
    Cut(
      "NUL and bytes that are no text", [0, 0xFF, 0xC3, 10, 0xFE, 0, 13, 10],
      [[0, 0xFF, 0xC3], [0xFE, 0]]),
    Cut("64 KiB less one", x(longest - 1) + [10], [x(longest - 1)]),
    Cut("64 KiB", x(longest) + [10], [x(longest)]),
    Cut("64 KiB and a return", x(longest) + [13, 10], [x(longest)]),
    Cut("64 KiB and one", x(longest + 1) + [10], [x(longest), x(1)]),
    Cut("64 KiB and one and a return", x(longest + 1) + [13, 10], [x(longest), x(1)]),
    Cut("64 KiB and two returns", x(longest) + [13, 13, 10], [x(longest), [13]]),
    Cut("twice 64 KiB", x(2 * longest) + [10], [x(longest), x(longest)]),
    Cut("twice 64 KiB and a return", x(2 * longest) + [13, 10], [x(longest), x(longest)]),
    Cut("64 KiB unended", x(longest), [x(longest)]),
    Cut("64 KiB and a return unended", x(longest) + [13], [x(longest), [13]]),
    Cut(
      "three times 64 KiB and some", x(3 * longest + 7), [x(longest), x(longest), x(longest), x(7)]),
  ]

  /// What the file must hold.
  static func file(_ lines: [[UInt8]], _ label: String) -> [UInt8] {
    Array(lines.map { Array((stamp + label).utf8) + $0 + [10] }.joined())
  }

  @Test(arguments: cuts) func bytesAreCutIntoLines(_ cut: Cut) throws {
    try withScene { scene in
      let log = try scene.log()
      let input = log.input(.stdout, run: nil)
      input.write(cut.given)
      input.end()
      try scene.close(log)
      #expect(try scene.bytes() == Self.file(cut.lines, "STDOUT: "))
    }
  }

  @Test func everySplitOfTheBytesGivesTheSameFile() throws {
    let given = Array("one\r\n\n\r\n\rtwo\r\r\nthree\r".utf8) + [0, 0xFF, 10] + Array("last".utf8)
    try withScene { scene in
      var expected: [UInt8]?
      for first in 0...given.count {
        for second in first...given.count {
          let log = try scene.log("\(first)-\(second)")
          let input = log.input(.stderr, run: nil)
          input.write(Array(given[..<first]))
          input.write(Array(given[first..<second]))
          input.write(Array(given[second...]))
          input.end()
          try scene.close(log)
          let file = try scene.bytes("\(first)-\(second)")
          if let expected { #expect(file == expected) } else { expected = file }
        }
      }
      let lines = ["one", "", "", "\rtwo\r", "three\r\0\u{FFFD}", "last"]
      #expect(try scene.lines("0-0") == lines.map { Self.stamp + "STDERR: " + $0 })
    }
  }

  @Test(arguments: cuts.filter { $0.given.count > 65_530 })
  func everySplitNearThePieceLimitGivesTheSameFile(_ cut: Cut) throws {
    let expected = Self.file(cut.lines, "STDOUT: ")
    try withScene { scene in
      let ends = [Self.longest, 2 * Self.longest, cut.given.count]
      let places = Set(ends.flatMap { ($0 - 3)...($0 + 3) }).filter { $0 <= cut.given.count }
      for place in places {
        let log = try scene.log("\(place)")
        let input = log.input(.stdout, run: nil)
        input.write(Array(cut.given[..<place]))
        input.write(Array(cut.given[place...]))
        input.end()
        try scene.close(log)
        #expect(try scene.bytes("\(place)") == expected, "cut at \(place)")
      }
    }
  }

  @Test func streamsAndRunsAreNamedBeforeTheLine() throws {
    try withScene { scene in
      let log = try scene.log()
      log.input(.stdout, run: 3).write("third\n")
      log.input(.stderr, run: 1_234_567).write("many\n")
      log.input(.stdout, run: Int.max).write("most\n")
      log.system("Starting process 'web' (Run #1)")
      try scene.close(log)
      #expect(
        try scene.lines() == [
          Self.stamp + "RUN#3 STDOUT: third",
          Self.stamp + "RUN#1234567 STDERR: many",
          Self.stamp + "RUN#9223372036854775807 STDOUT: most",
          Self.stamp + "SYSTEM 127.0.0.1:8080: Starting process 'web' (Run #1)",
        ])
    }
  }

  @Test func aSystemMessageCannotForgeALine() throws {
    try withScene { scene in
      let log = try scene.log()
      log.system("a\n[2025-07-15 10:30:45] STDOUT: b\r\nc\u{1B}[31m\u{7F}\u{85}\u{2028}\td ü")
      try scene.close(log)
      #expect(
        try scene.lines() == [
          Self.stamp + "SYSTEM 127.0.0.1:8080: a\\n[2025-07-15 10:30:45] STDOUT: b\\r\\n"
            + "c\\u{1b}[31m\\u{7f}\\u{85}\\u{2028}\td ü"
        ])
    }
  }

  @Test func aSystemMessageMayBeEmptyOrLong() throws {
    try withScene { scene in
      let log = try scene.log()
      log.system("")
      log.system(String(repeating: "y", count: Self.longest + 5))
      try scene.close(log)
      let label = Self.stamp + "SYSTEM 127.0.0.1:8080: "
      #expect(
        try scene.lines() == [
          label, label + String(repeating: "y", count: Self.longest), label + "yyyyy",
        ])
    }
  }

  @Test func unendedLinesOfTwoStreamsDoNotMix() throws {
    try withScene { scene in
      let log = try scene.log()
      let output = log.input(.stdout, run: nil)
      let errors = log.input(.stderr, run: nil)
      output.write("out")
      errors.write("err")
      log.system("between")
      output.write("put\n")
      errors.write("ors\n")
      try scene.close(log)
      #expect(
        try scene.lines() == [
          Self.stamp + "SYSTEM 127.0.0.1:8080: between", Self.stamp + "STDOUT: output",
          Self.stamp + "STDERR: errors",
        ])
    }
  }

  /// In a process of its own: what other tests take at the same time is not this one's.
  @Test(
    .disabled(
      if: getenv("EXEIO_SANITIZED") != nil, "the sanitizer's own memory hides it"))
  func aLineOfAHundredMegabytesIsKeptInBoundedMemory() async {
    await #expect(processExitsWith: .success) {
      try withScene { scene in
        let log = try scene.log()
        let input = log.input(.stdout, run: nil)
        let chunk = FormatTests.x(100_000)
        let before = FormatTests.residentBytes()
        var most = before
        for _ in 0..<1000 {
          input.write(chunk)
          scene.loop.run(.noWait)
          most = max(most, FormatTests.residentBytes())
          if most > before + 80_000_000 { break }
          try scene.flush(log)
        }
        input.end()
        try scene.close(log)
        #expect(most < before + 60_000_000)
        let lines = try scene.bytes().split(separator: 10)
        #expect(lines.count == 100_000_000 / FormatTests.longest + 1)
        #expect(lines.reduce(0) { $0 + $1.count - 30 } == 100_000_000)
      }
    }
  }

  private static func residentBytes() -> Int {
    let text = (try? Files.read("/proc/self/statm", limit: 4096)) ?? []
    let fields = String(decoding: text, as: UTF8.self).split(separator: " ")
    return (Int(fields[1]) ?? 0) * 4096
  }
}
