import API
import Supervision
import Testing

/// Bodies that nobody would write. Whatever they are, they are taken or refused with a sentence.
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

  private static let pieces = [
    "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "false", "0", "-1", "1e400", "5.5",
    "\"id\"", "\"command\"", "\"args\"", "\"environment\"", "\"period_seconds\"", "\"periodic\"",
    "\"max_restarts\"", "\"a\"", "\\u0000", "\\ud800", " ", "\n", "é", "[[", "{\"",
    "99999999999999999999",
  ].map { Array($0.utf8) }

  /// Asks to add a body, and says whether it was taken.
  private func add(_ body: [UInt8]) throws -> Bool {
    var reception = Reception()
    switch reception.ask("POST", "/add", body) {
    case .command(.add(let definition)):
      let saved = ProcessesFile.render([definition])
      #expect(try ProcessesFile.parse(saved, name: "f") == [definition])
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
    for _ in 0..<500 {
      var body = Self.sample
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
    let fields = [
      "args", "working_dir", "auto_restart", "save_for_next_run", "periodic", "period_seconds",
      "restart_policy", "max_restarts", "success_exit_codes", "environment", "stop_signal",
      "stop_timeout_seconds", "log_max_bytes", "log_max_files", "memory_max_bytes",
      "cpu_max_percent", "tasks_max", "id", "command",
    ]
    let values = [
      "null", "true", "false", "0", "-0", "1", "15", "-7", "0.1", "5.5", "1e3", "1e400", "1e-400",
      "\"\"", "\"never\"", "\"TERM\"", "\"a\"", "\"\\u0000\"", "[]", "[0]", "[\"a\"]", "[null]",
      "[[]]", "[1,\"a\"]", "{}", "{\"a\":\"b\"}", "{\"a\":1}", "{\"\":\"b\"}", "{\"a=\":\"b\"}",
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

  @Test(arguments: seeds)
  func aFileWithSomeBytesChangedIsReadOrRefused(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let file = ProcessesFile.render(
      (0..<3).map { ProcessDefinition.random(id: "p\($0)", using: &random) })
    for _ in 0..<100 {
      var bytes = file
      bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
      do {
        let definitions = try ProcessesFile.parse(bytes, name: "f")
        #expect(definitions.count == 3)
      } catch {
        #expect(error.description.hasPrefix("f"))
      }
    }
  }
}
