import API
import Basics
import Supervision
import TestSupport
import Testing

@Suite struct ProcessesFileTests {
  private func parse(_ text: String) throws -> [ProcessDefinition] {
    try ProcessesFile.parse(Array(text.utf8), name: "/c/processes.json").definitions
  }

  private func refusal(of text: String) throws -> String {
    let error = try #require(throws: JSONFileError.self) { try parse(text) }
    return "\(error)"
  }

  @Test func readsWhatTheOriginalWroteAndIgnoresItsLogFile() throws {
    let definitions = try parse(
      """
      [
        {
          "id": "web-server",
          "command": "python3",
          "args": [
            "-m",
            "http.server"
          ],
          "working_dir": null,
          "log_file": "/home/user/.local/share/exeio/logs/web-server.log",
          "auto_restart": true,
          "save_for_next_run": true,
          "periodic": false,
          "period_seconds": null
        },
        {"id": "b", "command": "c", "log_file": {"any": "thing"}}
      ]
      """)
    var web = ProcessDefinition(id: "web-server", command: "python3")
    web.execution.arguments = ["-m", "http.server"]
    web.restartPolicy = .always
    web.isSaved = true
    var other = ProcessDefinition(id: "b", command: "c")
    other.isSaved = true
    #expect(definitions == [web, other])
  }

  /// The error goes to the journal, which more people read than the file.
  @Test func anErrorNeverShowsAValueOfAnEnvironment() throws {
    let long = "s3cret" + String(repeating: "x", count: 1 << 17)
    for value in [#"s3cret\u0000"#, long] {
      let message = try refusal(
        of: #"[{"id": "a", "command": "b", "environment": {"TOKEN": "\#(value)"}}]"#)
      #expect(message.contains(#""environment.TOKEN" has "#), "\(message)")
      #expect(message.contains("bytes, but must be a string of at most"), "\(message)")
      #expect(!message.contains("s3cret"), "\(message)")
    }
  }

  @Test func anEmptyArrayIsNoProcesses() throws {
    #expect(try parse("[]") == [])
    #expect(try parse(" [\n] ") == [])
  }

  @Test func aByteOrderMarkIsSteppedOver() throws {
    #expect(try parse("\u{FEFF}[]") == [])
    #expect(
      try refusal(of: "\u{FEFF}x")
        == "/c/processes.json, line 1, column 1: expected a JSON value, found 'x'")
  }

  @Test(arguments: [
    (
      "",
      """
      /c/processes.json, line 1, column 1: expected a JSON value, found the end of the text; a \
      file without processes holds []
      """
    ),
    (
      " \n",
      """
      /c/processes.json, line 2, column 1: expected a JSON value, found the end of the text; a \
      file without processes holds []
      """
    ),
    (
      "[\n  {\"id\": \"a\", \"command\": \"b\"},\n]",
      "/c/processes.json, line 3, column 1: expected a value after ',', found ']'"
    ),
    (
      "[{\"id\": \"a\"",
      "/c/processes.json, line 1, column 12: expected ',' or '}', found the end of the text"
    ),
    ("{}", "/c/processes.json, line 1, column 1: must be an array of processes, not an object"),
    ("null", "/c/processes.json, line 1, column 1: must be an array of processes, not null"),
    (
      "1e400",
      "/c/processes.json, line 1, column 1: must be an array of processes, not a number beyond all bounds"
    ),
    (
      #"[{"id": "a", "command": "b"}, 5]"#,
      "/c/processes.json, line 1, column 31: [1]: a process must be a JSON object, not a number"
    ),
    (
      #"[{"id": "web", "command": "b", "args": 5}]"#,
      #"/c/processes.json, line 1, column 40: [0] (id "web"): "args" must be an array of strings, not a number"#
    ),
    (
      #"[{"id": "a", "command": "b"}, {"id": "w", "command": "b", "max_restarts": -1}]"#,
      #"""
      /c/processes.json, line 1, column 75: [1] (id "w"): "max_restarts" is -1, but must be a whole number from 0 \#
      to 1000000
      """#
    ),
    (
      #"[{"id": 7, "command": "b"}]"#,
      #"/c/processes.json, line 1, column 9: [0]: "id" must be a string, not a number"#
    ),
    (
      #"[{"command": "b"}]"#,
      #"/c/processes.json, line 1, column 2: [0]: "id" is missing: a process needs an "id" and a "command""#
    ),
    (
      #"[{"id": "a", "command": "b", "logfile": "x"}]"#,
      #"/c/processes.json, line 1, column 30: [0] (id "a"): unknown field "logfile": the fields are id, command"#
    ),
    (
      #"[{"id": "a", "command": "b"}, {"id": "c", "command": "b"}, {"id": "a", "command": "d"}]"#,
      #"/c/processes.json, line 1, column 67: [2] (id "a"): "id" is the same as that of [0], but must be unique"#
    ),
  ])
  func anErrorNamesTheFileThePlaceAndWhatIsWrong(text: String, expected: String) throws {
    let message = try refusal(of: text)
    #expect(message.hasPrefix(expected), "\(message)")
  }

  @Test func isWrittenForPeopleInTheOrderOfTheOriginal() throws {
    var web = ProcessDefinition(id: "web", command: "python3")
    web.execution.arguments = ["-m", "http.server"]
    web.restartPolicy = .always
    web.isSaved = true
    var job = ProcessDefinition(id: "job", command: "./job")
    job.execution.workingDirectory = "/srv"
    job.restartPolicy = .onFailure
    job.isPeriodic = true
    job.period = .milliseconds(1_500)
    job.execution.environment = ["B": "2", "A": "\"1\""]
    job.stopSignal = Signal(number: 33)
    job.execution.memoryMaxBytes = 64 << 20
    job.execution.cpuMaxPercent = 50
    job.execution.tasksMax = 8
    let text = String(decoding: ProcessesFile.render([web, job]), as: UTF8.self)
    #expect(
      text == """
        [
          {
            "id": "web",
            "command": "python3",
            "args": [
              "-m",
              "http.server"
            ],
            "working_dir": null,
            "auto_restart": true,
            "save_for_next_run": true,
            "periodic": false,
            "period_seconds": null
          },
          {
            "id": "job",
            "command": "./job",
            "args": [],
            "working_dir": "/srv",
            "auto_restart": true,
            "save_for_next_run": false,
            "periodic": true,
            "period_seconds": 1.5,
            "restart_policy": "on-failure",
            "environment": {
              "A": "\\"1\\"",
              "B": "2"
            },
            "stop_signal": "33",
            "memory_max_bytes": 67108864,
            "cpu_max_percent": 50,
            "tasks_max": 8
          }
        ]

        """)
    // What stands in the file is saved.
    job.isSaved = true
    #expect(try parse(text) == [web, job])
  }

  /// The original never wrote `save_for_next_run`, and people leave it out.
  @Test(arguments: ["", #", "save_for_next_run": false"#, #", "save_for_next_run": true"#])
  func whatStandsInAFileIsSaved(more: String) throws {
    let text = #"{"id": "a", "command": "b"\#(more)}"#
    #expect(try parse("[\(text)]").map(\.isSaved) == [true])
    #expect(
      try FragmentFile.parse(Array(text.utf8), name: "f").definitions.map(\.isSaved) == [true])
  }

  @Test func noProcessesAreAnEmptyArray() {
    #expect(ProcessesFile.render([]) == Array("[]\n".utf8))
  }

  /// Fails where a field is forgotten by the reader, the writer or the generator.
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func whatIsWrittenIsReadAgainTheSame(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var seen: [String: Set<String>] = [:]
    for _ in 0..<100 {
      let definitions = (0..<Int.random(in: 0...5, using: &random)).map { index in
        var definition = ProcessDefinition.random(id: "p\(index)", using: &random)
        definition.isSaved = true
        return definition
      }
      let bytes = ProcessesFile.render(definitions)
      let read = try ProcessesFile.parse(bytes, name: "f").definitions
      #expect(read == definitions)
      #expect(ProcessesFile.render(read) == bytes)
      for definition in definitions { note(definition, "definition", in: &seen) }
    }
    // Which copy it is follows from the definition of the whole.
    seen["definition.instance"] = nil
    // What stands in the file is saved by standing there.
    seen["definition.isSaved"] = nil
    for (field, values) in seen { #expect(values.count > 1, "\(field) never differed") }
  }

  /// Notes the values of all fields, also of those that lie deeper.
  private func note(_ value: Any, _ path: String, in seen: inout [String: Set<String>]) {
    for field in Mirror(reflecting: value).children {
      let path = "\(path).\(field.label ?? "")"
      seen[path, default: []].insert(String(describing: field.value))
      switch field.value {
      case let inner as Execution: note(inner, path, in: &seen)
      case let inner as ResourceLimits: note(inner, path, in: &seen)
      case let inner as HealthCheck: note(inner, path, in: &seen)
      default: break
      }
    }
  }

  @Test func aThousandProcessesAreReadAndWritten() throws {
    let definitions = (0..<1_000).map {
      var definition = ProcessDefinition(id: "p\($0)", command: "c")
      definition.isSaved = true
      return definition
    }
    let bytes = ProcessesFile.render(definitions)
    #expect(try ProcessesFile.parse(bytes, name: "f").definitions == definitions)
  }
}
