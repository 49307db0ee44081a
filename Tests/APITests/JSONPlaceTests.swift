import HTTP
import Supervision
import Testing

@testable import API

@Suite struct JSONPlaceTests {
  /// Where the first mistake of a definition stands.
  private func refusal(of text: String) throws -> BadRequest {
    try #require(throws: BadRequest.self) {
      _ = try RequestBody.read(Array(text.utf8), of: .add) {
        (body) throws(FieldError) in try DefinitionRecord(body)
      }
    }
  }

  private func place(_ line: Int, _ column: Int) -> String { "line \(line), column \(column)" }

  private static let start = #"{"id": "a", "command": "b","#

  @Test(arguments: [
    // A value, in its line.
    (start + "\n \"max_restarts\": -1}", "max_restarts", 2, 18),
    (start + "\n\n\t\"max_restarts\"\n:\n  \"x\"}", "max_restarts", 5, 3),
    // Lines end in LF; a CR in front of it is the last character of its line.
    (start + "\r\n \"nice\": 1,\r\n \"umask\": 22}", "umask", 3, 11),
    // A column is a character, whatever bytes it has.
    (#"{"id": "a", "command": "žluťoučký 🦊", "nice": 90}"#, "nice", 1, 47),
    // Members and elements of values.
    (start + "\n\"health_check\": {\n \"retries\": 0}}", "health_check", 2, 17),
    (
      start + "\n\"health_check\": {\"tcp\": \"a:1\",\n \"retries\": 0}}", "health_check.retries",
      3,
      13
    ),
    (start + "\n\"args\": [\"-v\",\n  \"[\", 5]}", "args[2]", 3, 8),
    (
      start + "\n\"depends_on\": [\"x\", {\"condition\": \"y\", \"id\": \"z\"}]}",
      "depends_on[1].condition", 2, 35
    ),
    (start + "\n\"environment\": {\"A\": \"1\", \"B\": 2}}", "environment.B", 2, 32),
    // The name is wrong, not the value.
    (start + "\n \"comand\": 1}", "comand", 2, 2),
    (start + "\n \"limits\": {\"x\": 1}}", "limits.x", 2, 13),
    (start + "\n\"environment\": {\"A\": \"1\", \"B=\": \"2\"}}", "environment.B=", 2, 27),
    // A name that is written with escapes is the same name.
    (start + "\n\"n\\u0069ce\": 90}", "nice", 2, 14),
    // What is missing stands nowhere, but the object that lacks it does.
    ("\n {\"id\": \"a\"}", "command", 2, 2),
    (start + "\n\"depends_on\": [{}]}", "depends_on[0].id", 2, 16),
    (start + "\n\"periodic\": true}", "period_seconds", 1, 1),
    // A byte-order mark is no character.
    ("\u{FEFF}{\"id\": 5}", "id", 1, 8),
  ])
  func aMistakeInABodyHasTheFieldAndItsPlace(
    text: String, field: String, line: Int, column: Int
  ) throws {
    let refusal = try refusal(of: text)
    #expect(refusal.field == field)
    #expect(refusal.place?.description == place(line, column))
  }

  @Test func aBodyThatIsNoObjectBeginsSomewhere() throws {
    let refusal = try refusal(of: "\n [1]")
    #expect(refusal.field == nil)
    #expect(refusal.place?.description == place(2, 2))
  }

  @Test func aBodyThatIsNoJSONHasThePlaceOfItsSyntaxError() throws {
    let twice = try refusal(of: "{\"id\": \"a\",\n \"id\": \"b\"}")
    #expect(twice.field == nil)
    #expect(twice.place?.description == place(2, 2))
    #expect(twice.message.contains(place(2, 2)), "\(twice.message)")
  }

  /// Each mistake is found in the one walk, in whatever order they are.
  @Test func severalMistakesHaveAPlaceEach() throws {
    let text = """
      [
        {"id": "a", "nice": 90, "comand": "b"},
        {"id": "b", "command": "c"},
        {"id": "a", "command": "d", "limits": {"x": 1, "y": 2}},
        7
      ]
      """
    let mistakes = ProcessesFile.mistakes(in: Array(text.utf8), name: "f")
    let places = mistakes.compactMap { mistake in
      mistake.split(separator: ":").first.map(String.init)
    }
    #expect(
      places == [
        "f, \(place(2, 27))", "f, \(place(2, 3))", "f, \(place(2, 23))", "f, \(place(4, 42))",
        "f, \(place(4, 50))", "f, \(place(4, 10))", "f, \(place(5, 3))",
      ], "\(mistakes)")
  }

  private func merge(_ patch: String) throws -> BadRequest {
    let body = Array(patch.utf8)
    var saved = ProcessDefinition(id: "a", command: "b")
    saved.healthCheck = HealthCheck(.tcp("localhost:1"))
    saved.execution.ready = .healthy
    let merge = try RequestBody.read(body, of: .update) {
      (value) throws(FieldError) in try MergePatch(value, text: body)
    }
    return try #require(throws: BadRequest.self) { _ = try merge.applied(to: saved) }
  }

  @Test(arguments: [
    ("{\n \"nice\": 90}", "nice", 2, 10),
    ("\u{FEFF}{\n \"nice\": 90}", "nice", 2, 10),
    ("{\"health_check\": {\n  \"retries\": 0}}", "health_check.retries", 2, 14),
    ("{\n\"comand\": null}", "comand", 2, 1),
    ("{\n\"max_memory_bytes\": 1}", "restart_above_memory_bytes", 2, 21),
    ("{\"command\":\n null}", "command", 2, 2),
  ])
  func aPatchKnowsThePlaceOfWhatItBrings(
    patch: String, field: String, line: Int, column: Int
  ) throws {
    let refusal = try merge(patch)
    #expect(refusal.field == field)
    #expect(refusal.place?.description == place(line, column))
  }

  @Test func whatTheSavedDefinitionBringsHasNoPlaceInAPatch() throws {
    let refusal = try merge("{\"health_check\": null}")
    #expect(refusal.field == "ready")
    #expect(refusal.place == nil)
  }

  /// The places of many mistakes must not take a walk through the text each.
  @Test func aFileFullOfMistakesIsReadInReasonableTime() {
    let count = 20_000
    let text =
      "[" + (0..<count).map { "{\"id\": \"p\($0)\"}" }.joined(separator: ",\n") + "]"
    let clock = ContinuousClock()
    var mistakes: [String] = []
    let time = clock.measure {
      mistakes = ProcessesFile.mistakes(in: Array(text.utf8), name: "f")
    }
    #expect(mistakes.count == count)
    #expect(mistakes.last?.hasPrefix("f, \(place(count, 1)): ") == true)
    #expect(time < .seconds(60))
  }
}
