import Foundation
import Testing

/// What processes write is in their logs: all of it, in order, whatever it is.
struct LogTests {
  @Test func theLinesOfBothStreamsAreStampedAndNamed() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("web", "echo out; echo err >&2; printf 'no newline'")
    try daemon.waitFor("web", line: "has exited with status: exit status: 0")
    let file = daemon.logDirectory.appendingPathComponent("web.log")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    let stamp =
      #/\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] (STDOUT: |STDERR: |SYSTEM 127\.0\.0\.1:\d+: ).*/#
    for line in lines { #expect(line.wholeMatch(of: stamp) != nil, "\(line)") }
    let log = try daemon.log("web")
    #expect(log.contains("STDOUT: out"))
    #expect(log.contains("STDERR: err"))
    #expect(log.contains("STDOUT: no newline"))
    // The end of a process comes after its last words.
    let last = try #require(log.last)
    #expect(last.contains("exit status: 0"), "\(log)")
  }

  @Test func theLastWordsOfACrashAreKept() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("crash", "seq 1 5000; echo 'last words' >&2; kill -9 $$")
    try daemon.waitFor("crash", status: "stopped")
    let log = try daemon.log("crash")
    #expect(log.filter { $0.hasPrefix("STDOUT: ") } == (1...5000).map { "STDOUT: \($0)" })
    #expect(log.contains("STDERR: last words"))
  }

  @Test func bytesThatAreNotUTF8AreKeptAndShownReplaced() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("raw", #"printf 'a\377b\000c\n'; echo after"#)
    // A page shows what has reached the file.
    try daemon.waitFor("raw", line: "STDOUT: after")
    #expect(try daemon.log("raw").contains("STDOUT: a\u{FFFD}b\u{0}c"))
    let bytes = try [UInt8](Data(contentsOf: daemon.logDirectory.appendingPathComponent("raw.log")))
    #expect(bytes.firstRange(of: [0x61, 0xFF, 0x62, 0x00, 0x63, 0x0A]) != nil)
  }

  @Test func aLineOfAHundredMegabytesIsKeptInBoundedMemory() throws {
    let daemon = try DaemonUnderTest()
    let size = 100_000_000
    try daemon.addShell(
      "long", "head -c \(size) /dev/zero | tr '\\0' z; echo; echo after", ["log_max_bytes": 0])
    try daemon.waitFor("long", status: "stopped")
    try eventually("the last line is in the file") {
      try daemon.get("/logs/long?page_size=1&q=after").object()["total_lines"] as? Int == 1
    }
    let data = try Data(contentsOf: daemon.logDirectory.appendingPathComponent("long.log"))
    #expect(data.count { $0 == UInt8(ascii: "z") } == size)
    #expect(try daemon.get("/logs/long?q=after&page_size=1").object()["total_lines"] as? Int == 1)
    let peak = try #require(SystemView.statusValue("VmHWM", of: daemon.pid))
    #expect(DaemonUnderTest.isSanitized || peak < 48 << 10, "\(peak) KiB at the most")
  }

  @Test func pagesAreExactInALargeLog() throws {
    let daemon = try DaemonUnderTest()
    let count = 200_000
    try daemon.addShell("many", "seq 1 \(count)", ["log_max_bytes": 1 << 20, "log_max_files": 9])
    try daemon.waitFor("many", status: "stopped")
    let total = try #require(try daemon.get("/logs/many").object()["total_lines"] as? Int)
    var seen: [String] = []
    var page = 1
    while true {
      let answer = try daemon.get("/logs/many?page=\(page)&page_size=10000").object()
      #expect(answer["total_lines"] as? Int == total)
      let lines = try #require(answer["logs"] as? [String])
      if lines.isEmpty { break }
      seen += lines
      page += 1
    }
    #expect(seen.count == total)
    let numbers = seen.reversed().compactMap { line in
      line.contains("] STDOUT: ") ? Int(line.split(separator: " ").last ?? "") : nil
    }
    #expect(numbers == Array(1...count))
  }

  @Test func aGigabyteIsLoggedWholeAndInOrderWhileTheAPIAnswers() throws {
    let daemon = try DaemonUnderTest()
    // 10,737,419 lines of 100 bytes: 1 GiB, each with its number in front.
    let count = 10_737_419
    let script =
      #"exec awk 'BEGIN { for (i = 1; i <= \#(count); i++) printf "%010d \#(String(repeating: "x", count: 88))\n", i }'"#
    try daemon.addShell("flood", script, ["log_max_bytes": 0])
    // How fast the answers are is the benchmark's to say; a loop that the flood starved would give
    // none.
    var answers = 0
    while try daemon.status("flood")["status"] as? String == "running" {
      #expect(try daemon.request("GET", "/info").status == 200)
      answers += 1
      usleep(2000)
    }
    #expect(answers > 20)
    try daemon.waitFor("flood", status: "stopped")
    let file = daemon.logDirectory.appendingPathComponent("flood.log").path
    // Every line is one of the child's, whole, and they count up from 1 without a gap.
    let check = #"""
      grep -a '] STDOUT: ' "$0" | awk '
        length($0) != 129 || substr($0, 31, 10) + 0 != NR { print "line " NR ": " $0; exit 1 }
        END { print NR }'
      """#
    let counted = try ShortRun.output(of: "/bin/sh", ["-c", check, file])
    #expect(counted == "\(count)\n")
  }

  @Test func aHangUpReopensTheLogs() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("web", "while read line; do echo \"got $line\"; done")
    try daemon.post("/input/web", #"{"input": "one"}"#)
    try daemon.waitFor("web", line: "STDOUT: got one")
    let file = daemon.logDirectory.appendingPathComponent("web.log")
    let moved = daemon.logDirectory.appendingPathComponent("web.log.moved")
    try FileManager.default.moveItem(at: file, to: moved)
    daemon.signal(SIGHUP)
    try eventually("the log is made anew") { FileManager.default.fileExists(atPath: file.path) }
    try daemon.post("/input/web", #"{"input": "two"}"#)
    try daemon.waitFor("web", line: "STDOUT: got two")
    #expect(try String(contentsOf: moved, encoding: .utf8).contains("got one"))
    #expect(try !String(contentsOf: file, encoding: .utf8).contains("got one"))
  }

  @Test func aClearedLogIsEmptyAndGoesOn() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("web", "while read line; do echo \"got $line\"; done")
    try daemon.post("/input/web", #"{"input": "one"}"#)
    try daemon.waitFor("web", line: "STDOUT: got one")
    #expect(try daemon.post("/clear-log/web").status == 200)
    #expect(try daemon.log("web").isEmpty)
    try daemon.post("/input/web", #"{"input": "two"}"#)
    try daemon.waitFor("web", line: "STDOUT: got two")
    #expect(try daemon.log("web") == ["STDOUT: got two"])
  }

  @Test func whatWasRemovedIsMadeAgainByALineARestartASignalAndAnAdd() throws {
    let daemon = try DaemonUnderTest()
    let directory = daemon.logDirectory
    let file = directory.appendingPathComponent("web.log")
    func exists(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }
    try daemon.addShell("web", "echo begun; while read line; do echo \"got $line\"; done")
    try daemon.waitFor("web", line: "STDOUT: begun")
    try FileManager.default.removeItem(at: file)
    try daemon.post("/input/web", #"{"input": "one"}"#)
    try daemon.waitFor("web", line: "STDOUT: got one")
    #expect(try String(contentsOf: file, encoding: .utf8).hasSuffix("STDOUT: got one\n"))
    try FileManager.default.removeItem(at: directory)
    #expect(try daemon.post("/restart/web").status == 200)
    try daemon.waitFor("web", line: "STDOUT: begun")
    #expect(exists(file))
    try FileManager.default.removeItem(at: directory)
    daemon.signal(SIGUSR1)
    try eventually("the signal has made them") {
      exists(file) && exists(directory.appendingPathComponent("exeio.log"))
    }
    try FileManager.default.removeItem(at: directory)
    #expect(try daemon.addShell("other", "echo hello").status == 201)
    try daemon.waitFor("other", line: "STDOUT: hello")
    #expect(exists(directory.appendingPathComponent("other.log")))
  }

  @Test func aPromptIsShownBeforeItsLineEnds() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("ask", "printf 'Your name? '; read name; echo \"hello $name\"")
    var answer: [String: Any] = [:]
    try eventually("the prompt is shown") {
      answer = try daemon.get("/logs/ask").object()
      return (answer["partial"] as? [Any])?.isEmpty == false
    }
    #expect(
      answer["partial"] as? [[String: String]] == [["stream": "stdout", "text": "Your name? "]])
    let logs = try #require(answer["logs"] as? [String])
    #expect(logs.first?.hasSuffix("] STDOUT: Your name? ") == true)
    #expect(logs.count == (answer["total_lines"] as? Int ?? 0) + 1)
    try daemon.post("/input/ask", #"{"input": "Ann"}"#)
    try daemon.waitFor("ask", line: "STDOUT: Your name? hello Ann")
    let after = try daemon.get("/logs/ask").object()
    #expect((after["partial"] as? [Any])?.isEmpty == true)
  }

  @Test func theErrorOfACrashLoopHasTheLastLineOfStandardError() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell(
      "crash", "echo 'Traceback:' >&2; printf 'ValueError: \\033[1mno\\n\\n' >&2; echo out; exit 3",
      ["auto_restart": true])
    let status = try daemon.waitFor("crash", status: "backoff")
    #expect(
      status["error"] as? String
        == "the last run ended with exit status: 3; last line on stderr: ValueError: \\u{1b}[1mno")
  }

  @Test func aLogThatCannotBeWrittenIsAProblemUntilItCan() throws {
    let daemon = try DaemonUnderTest()
    let file = daemon.logDirectory.appendingPathComponent("web.log")
    func codes() throws -> [String] {
      let problems = try daemon.get("/health").object()["problems"] as? [[String: Any]]
      return try #require(problems).compactMap { $0["code"] as? String }
    }
    try daemon.addShell("web", "echo begun; while read line; do echo \"got $line\"; done")
    try daemon.waitFor("web", line: "STDOUT: begun")
    #expect(try codes() == [])
    try FileManager.default.removeItem(at: file)
    try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
    try daemon.post("/input/web", #"{"input": "one"}"#)
    try eventually("the loss is a problem") { try codes() == ["lines_lost"] }
    try FileManager.default.removeItem(at: file)
    try eventually("it is over") { try codes() == [] }
    try daemon.waitFor("web", lineContaining: "1 line was lost: Is a directory")
  }

  @Test func aRemovedProcessLeavesItsLogUnlessAsked() throws {
    let daemon = try DaemonUnderTest()
    for id in ["kept", "gone"] {
      try daemon.addShell(id, "echo hello")
      try daemon.waitFor(id, status: "stopped")
    }
    #expect(try daemon.post("/remove/kept").status == 200)
    #expect(try daemon.post("/remove/gone?delete_log=true").status == 200)
    let files = try FileManager.default.contentsOfDirectory(atPath: daemon.logDirectory.path)
    #expect(files.sorted() == ["exeio.log", "kept.log"])
  }

  @Test func anIdCannotLeaveTheLogDirectory() throws {
    let daemon = try DaemonUnderTest()
    for id in ["../evil", "..", ".hidden", "a/b", "exeio", "", "-x"] {
      let answer = try daemon.add(["id": id, "command": "true"])
      #expect(answer.status == 400, "\(id)")
      #expect(try answer.message.contains("id"))
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: daemon.directory.path)
    #expect(files.sorted() == ["config", "data", "work"])
  }

  @Test func theSupervisorsOwnLogIsServed() throws {
    let daemon = try DaemonUnderTest()
    let log = try daemon.log("exeio")
    #expect(log.first == "SYSTEM 127.0.0.1:\(daemon.port): exeio process supervisor started")
  }

  @Test func theLogsOfFormerCopiesGoWithThoseThatAreThere() throws {
    let daemon = try DaemonUnderTest()
    func logs() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: daemon.logDirectory.path)
        .filter { $0.hasPrefix("w") }.sorted()
    }
    try daemon.addShell("w", "echo here; exec sleep 1000", ["instances": 3])
    #expect(try daemon.add(["id": "w.9x", "command": "true"]).status == 201)
    try eventually("the last copy has spoken") {
      (try daemon.get("/logs/w.2").object()["total_lines"] as? Int ?? 0) > 0
    }
    #expect(try daemon.post("/scale/w", #"{"instances": 1}"#).status == 200)
    #expect(
      try logs() == ["w.0.log", "w.1.log", "w.2.log", "w.2.log.numbers", "w.9x.log"])
    #expect(try daemon.post("/clear-log/w").status == 200)
    try eventually("they are gone") { try logs() == ["w.0.log", "w.9x.log"] }
    #expect(try daemon.post("/scale/w", #"{"instances": 2}"#).status == 200)
    #expect(try daemon.post("/scale/w", #"{"instances": 1}"#).status == 200)
    #expect(try daemon.post("/remove/w?delete_log=true").status == 200)
    try eventually("all are gone") { try logs() == ["w.9x.log"] }
  }

  /// The daemon has not counted the lines of a log from before its start, and does not do so before
  /// it answers.
  @Test func theNewestPageOfALargeLogFromBeforeIsThereAtOnce() throws {
    let count = 600_000
    let daemon = try DaemonUnderTest { directory in
      let logs = directory.appendingPathComponent("data/logs")
      try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
      var text = ""
      for number in 1...count {
        text +=
          "[2025-07-15 10:30:45] STDOUT: line \(number) \(String(repeating: "x", count: 60))\n"
      }
      try Data(text.utf8).write(to: logs.appendingPathComponent("big.log"))
    }
    // It writes nothing of its own until it is started.
    try daemon.add([
      "id": "big", "command": "true", "schedule": "0 0 1 1 *", "log_max_bytes": 0,
    ])
    let first = try daemon.get("/logs/big?page_size=10").object()
    #expect(first["total_lines"] is NSNull, "\(first)")
    let lines = try #require(first["logs"] as? [String])
    let newest = lines.filter { $0.contains("] STDOUT: ") }.prefix(2).map { $0.prefix(50) }
    #expect(
      newest
        == [count, count - 1].map { "[2025-07-15 10:30:45] STDOUT: line \($0) xxxxxxxx".prefix(50) }
    )
    let total = try eventually("the lines are counted") {
      try daemon.get("/logs/big?page_size=10").object()["total_lines"] as? Int
    }
    #expect(total >= count)
    #expect(try daemon.get("/logs/big?page_size=10").object()["logs"] as? [String] == lines)
  }
}
