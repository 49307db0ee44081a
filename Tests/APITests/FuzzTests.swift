import API
import Supervision
import TestSupport
import Testing

/// Bodies that no client would write. Whatever they are, they are taken or refused with a sentence.
@Suite struct FuzzTests {
  private static let seeds = 1...4 as ClosedRange<UInt64>

  private static let sample = Array(
    """
    {"id": "a.B_9-", "command": "./run", "args": ["", "-v", "é😀\\u00e9\\ud83d\\ude00"],
     "working_dir": "/x",
     "auto_restart": true, "save_for_next_run": true, "periodic": true, "period_seconds": 0.25,
     "restart_policy": "on-failure", "max_restarts": 3, "success_exit_codes": [0, 3.0, 255],
     "stop_signal": "SIGINT", "stop_timeout_seconds": 1.5e0, "environment": {"A": "1=2", "b": ""},
     "log_max_bytes": 2048, "log_max_files": 0,
     "memory_max_bytes": 1048576, "cpu_max_percent": 100, "tasks_max": 5}
    """.utf8)

  private static let largerSample = Array(
    """
    {"id": "web", "command": "./run", "environment_file": "-.env", "user": 33, "group": "www-data",
     "umask": "0027", "nice": -5, "limits": {"open_files": 4096, "cpu_seconds": 60},
     "schedule": "*/5 1-3 * jan mon", "overlap": "queue", "run_timeout_seconds": 90,
     "restart_delay_seconds": [0.1, 1, 5], "restart_reset_seconds": 60,
     "depends_on": [{"id": "db", "condition": "healthy"}, "x"], "ready": "healthy",
     "ready_timeout_seconds": 0, "watchdog_seconds": 2.5, "restart_above_memory_bytes": 2097152,
     "health_check": {"http": "http://[::1]:80/a", "interval_seconds": 1, "retries": 1,
                      "on_failure": "report"},
     "instances": 3, "listen": ["127.0.0.1:80", "[::1]:80", "/run/a.sock"],
     "labels": {"team": "é b"}, "before_start": ["./migrate", ""], "after_exit": ["true"],
     "hook_timeout_seconds": 5, "essential": true}
    """.utf8)

  private static let pieces = [
    "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "false", "0", "-1", "1e400", "5.5",
    "\"id\"", "\"command\"", "\"args\"", "\"environment\"", "\"period_seconds\"", "\"periodic\"",
    "\"max_restarts\"", "\"a\"", "\\u0000", "\\ud800", " ", "\n", "é", "[[", "{\"",
    "99999999999999999999", "\"health_check\"", "\"limits\"", "\"depends_on\"", "\"labels\"",
    "\"listen\"", "\"schedule\"", "\"umask\"", "\"http\"", "-", "/",
  ].map { Array($0.utf8) }

  /// Asks to add a body, and says whether it was taken.
  private func add(_ body: [UInt8]) throws -> Bool {
    var reception = Reception()
    switch reception.ask("POST", "/add", body) {
    case .command(.add(let definition)):
      let saved = ProcessesFile.render([definition])
      var expected = definition
      expected.isSaved = true
      #expect(try ProcessesFile.parse(saved, name: "f").definitions == [expected])
      return true
    case let routed:
      let answer = try routed.answer
      #expect(answer.status == 400)
      #expect(try !answer.message.isEmpty && answer.message.utf8.count < 1_000)
      #expect(
        try !answer.message.contains("can't be read"), "\(String(decoding: body, as: UTF8.self))")
      return false
    }
  }

  @Test(arguments: seeds)
  func aBodyWithSomeBytesChangedIsTakenOrRefused(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var taken = 0
    for round in 0..<500 {
      var body = round % 2 == 0 ? Self.sample : Self.largerSample
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<body.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: body[place] = UInt8.random(in: 0...255, using: &random)
        case 1: body.remove(at: place)
        case 2: body.insert(contentsOf: Self.pieces.randomElement(using: &random) ?? [], at: place)
        default: body.removeSubrange(place..<min(body.count, place + 8))
        }
      }
      if try add(body) { taken += 1 }
    }
    #expect(taken > 0)
    #expect(taken < 500)
  }

  @Test(arguments: seeds)
  func piecesThrownTogetherAreTakenOrRefused(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    for _ in 0..<500 {
      let body = (0..<Int.random(in: 1...30, using: &random)).flatMap { _ in
        Self.pieces.randomElement(using: &random) ?? []
      }
      _ = try add(body)
    }
  }

  @Test(arguments: seeds)
  func validJSONOfAnyShapeIsTakenOrRefused(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var reception = Reception()
    let message = try reception.ask("POST", "/add", #"{"?": 0}"#).answer.message
    let fields = try #require(message.split(separator: ": the fields are ").last)
      .split(separator: ", ").map(String.init)
    #expect(fields.contains("health_check"))
    let values = [
      "null", "true", "false", "0", "-0", "1", "15", "-7", "0.1", "5.5", "1e3", "1e400", "1e-400",
      "\"\"", "\"never\"", "\"TERM\"", "\"a\"", "\"\\u0000\"", "[]", "[0]", "[\"a\"]", "[null]",
      "[[]]", "[1,\"a\"]", "{}", "{\"a\":\"b\"}", "{\"a\":1}", "{\"\":\"b\"}", "{\"a=\":\"b\"}",
      "[{}]", "[{\"id\":\"x\"}]", "{\"tcp\":\"a:1\"}", "{\"http\":1}", "{\"command\":[]}",
      "{\"open_files\":1e3}", "[\"/a\"]", "\"* * * * *\"", "\"0022\"", "\"healthy\"", "\"queue\"",
      "123456789012345678901234567890.5", "0.00000000000000000000000000000000000000000000001",
    ]
    var taken = 0
    for _ in 0..<500 {
      let some = fields.shuffled(using: &random).prefix(Int.random(in: 0...4, using: &random))
      var members = some.map { "\"\($0)\":\(values.randomElement(using: &random) ?? "0")" }
      if !some.contains("id") { members.append("\"id\":\"x\"") }
      if !some.contains("command") { members.append("\"command\":\"x\"") }
      if try add(Array("{\(members.joined(separator: ","))}".utf8)) { taken += 1 }
    }
    #expect(taken > 0)
  }

  /// Whatever is asked for is answered, or handed on with an id that can be a file name.
  @Test(arguments: seeds)
  func requestsThrownTogetherAreHandedOnOrRefused(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let names = RouterTests.routes.map {
      String($0.target.dropFirst().prefix { $0 != "/" && $0 != "?" })
    }
    let ids = [
      "", "/web", "/web.0", "/..", "/%00", "/é", "/exeio", "/\("x".repeated(128))", "/a/b",
    ]
    let queries = [
      "", "?", "?rolling=true", "?dry_run=true", "?label=a:b", "?id=web", "?rolling", "?label=:",
      "?status=x&status=y",
    ]
    let bodies = [
      "", "{}", #"{"command": "b"}"#, #"{"instances": 7}"#, #"{"instances": 1e400}"#,
      #"{"signal": "HUP", "group": true}"#, #"{"signal": [1]}"#, #"{"input": "x"}"#, "[", "null",
      #"{"id": "web", "command": "b"}"#,
    ]
    var handedOn: Set<String> = []
    for _ in 0..<500 {
      var reception = Reception()
      let target = [names, ids, queries].compactMap { $0.randomElement(using: &random) }.joined()
      let routed = reception.ask(
        random.once(in: 2) ? "POST" : "GET", "/\(target)",
        bodies.randomElement(using: &random) ?? "")
      if case .response = routed {
        let answer = try routed.answer
        #expect(answer.status == 200 || (400..<500).contains(answer.status), "\(target)")
        continue
      }
      let outcome = try RouterTests.outcome(routed)
      #expect(!outcome.contains("..") && outcome.unicodeScalars.allSatisfy(\.isASCII), "\(target)")
      handedOn.insert(String(outcome.prefix { $0 != " " }))
    }
    #expect(handedOn.count > 4)
  }

  @Test(arguments: seeds)
  func aFileWithSomeBytesChangedIsReadOrRefused(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let file = ProcessesFile.render(
      (0..<3).map { ProcessDefinition.random(id: "p\($0)", using: &random) })
    for _ in 0..<100 {
      var bytes = file
      bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
      do {
        let definitions = try ProcessesFile.parse(bytes, name: "f").definitions
        #expect(definitions.count == 3)
      } catch {
        #expect(error.description.hasPrefix("f"))
      }
    }
  }
}
