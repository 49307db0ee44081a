import API
import Basics
import Supervision
import Testing

@Suite struct DefinitionRefusalTests {
  private static let long = String(repeating: "x", count: 4097)
  private static let huge = String(repeating: "x", count: 131_072)

  /// A field added to what is needed, and the message it is refused with.
  @Test(arguments: [
    (#""command": """#, #""command" is "", but must be 1 to 4096 bytes without NUL"#),
    (
      #""command": "a\u0000b""#,
      #""command" is "aU+0000b", but must be 1 to 4096 bytes without NUL"#
    ),
    (#""command": 1"#, #""command" must be a string, not a number"#),
    (
      #""command": null"#,
      #""command" is missing: a process needs an "id" and a "command""#
    ),
    (#""args": "-v""#, #""args" must be an array of strings, not a string"#),
    (#""args": 5"#, #""args" must be an array of strings, not a number"#),
    (#""args": {}"#, #""args" must be an array of strings, not an object"#),
    (#""args": true"#, #""args" must be an array of strings, not a boolean"#),
    (#""args": ["a", "b", 3]"#, #""args[2]" must be a string, not a number"#),
    (#""args": [null]"#, #""args[0]" must be a string, not null"#),
    (#""args": ["a", ["b"]]"#, #""args[1]" must be a string, not an array"#),
    (
      #""args": ["a", "\u0000"]"#,
      #""args[1]" is "U+0000" (1 bytes), but must be a string of at most 131071 bytes without NUL"#
    ),
    (#""working_dir": """#, #""working_dir" is "", but must be 1 to 4096 bytes without NUL"#),
    (
      #""working_dir": "/\u0000""#,
      #""working_dir" is "/U+0000", but must be 1 to 4096 bytes without NUL"#
    ),
    (#""working_dir": []"#, #""working_dir" must be a string, not an array"#),
    (#""auto_restart": "yes""#, #""auto_restart" must be true or false, not a string"#),
    (#""auto_restart": 1"#, #""auto_restart" must be true or false, not a number"#),
    (#""save_for_next_run": 0"#, #""save_for_next_run" must be true or false, not a number"#),
    (#""periodic": {}"#, #""periodic" must be true or false, not an object"#),
    (
      #""periodic": true"#,
      #"""
      "period_seconds" is missing: "periodic": true needs a number of seconds from 0.1 to \#
      31536000
      """#
    ),
    (
      #""period_seconds": 0.0999"#,
      #""period_seconds" is 0.0999, but must be a number of seconds from 0.1 to 31536000 (a year)"#
    ),
    (
      #""period_seconds": -1"#,
      #""period_seconds" is -1, but must be a number of seconds from 0.1 to 31536000 (a year)"#
    ),
    (
      #""period_seconds": -0.5"#,
      #""period_seconds" is -0.5, but must be a number of seconds from 0.1 to 31536000 (a year)"#
    ),
    (
      #""period_seconds": 31536000.1"#,
      #"""
      "period_seconds" is 31536000.1, but must be a number of seconds from 0.1 to 31536000 (a \#
      year)
      """#
    ),
    (
      #""period_seconds": "60""#,
      #""period_seconds" is "60", but must be a number of seconds from 0.1 to 31536000 (a year), or a duration"#
    ),
    (
      #""restart_policy": "Always""#,
      #""restart_policy" is "Always", but must be one of "always", "on-failure", "never""#
    ),
    (#""restart_policy": true"#, #""restart_policy" must be a string, not a boolean"#),
    (
      #""auto_restart": true, "restart_policy": "never""#,
      #""auto_restart" is true, which contradicts "restart_policy" "never""#
    ),
    (
      #""auto_restart": false, "restart_policy": "always""#,
      #""auto_restart" is false, which contradicts "restart_policy" "always""#
    ),
    (
      #""auto_restart": false, "restart_policy": "on-failure""#,
      #""auto_restart" is false, which contradicts "restart_policy" "on-failure""#
    ),
    (
      #""max_restarts": -1"#,
      #""max_restarts" is -1, but must be a whole number from 0 to 1000000"#
    ),
    (
      #""max_restarts": 1000001"#,
      #""max_restarts" is 1000001, but must be a whole number from 0 to 1000000"#
    ),
    (
      #""max_restarts": 5.5"#,
      #""max_restarts" is 5.5, but must be a whole number from 0 to 1000000"#
    ),
    (
      #""max_restarts": "5""#,
      #""max_restarts" must be a whole number from 0 to 1000000, not a string"#
    ),
    (
      #""success_exit_codes": []"#,
      #"""
      "success_exit_codes" has 0 elements, but must be an array of 1 to 256 whole numbers from 0\#
       to 255
      """#
    ),
    (
      #""success_exit_codes": 0"#,
      #"""
      "success_exit_codes" must be an array of 1 to 256 whole numbers from 0 to 255, not a \#
      number
      """#
    ),
    (
      #""success_exit_codes": [0, 256]"#,
      #""success_exit_codes[1]" is 256, but must be a whole number from 0 to 255"#
    ),
    (
      #""success_exit_codes": [0.5]"#,
      #""success_exit_codes[0]" is 0.5, but must be a whole number from 0 to 255"#
    ),
    (
      #""success_exit_codes": ["0"]"#,
      #""success_exit_codes[0]" must be a whole number from 0 to 255, not a string"#
    ),
    (
      #""stop_signal": "NOPE""#,
      #"""
      "stop_signal" is "NOPE", but must be the name of a signal ("TERM", "SIGINT") or a number \#
      from 1 to 64
      """#
    ),
    (#""stop_signal": """#, #""stop_signal" is "", but must be the name of a signal"#),
    (#""stop_signal": "0""#, #""stop_signal" is "0", but must be the name of a signal"#),
    (#""stop_signal": "+9""#, #""stop_signal" is "+9", but must be the name of a signal"#),
    (#""stop_signal": 0"#, #""stop_signal" is 0, but must be the name of a signal"#),
    (#""stop_signal": 65"#, #""stop_signal" is 65, but must be the name of a signal"#),
    (#""stop_signal": 1.5"#, #""stop_signal" is 1.5, but must be the name of a signal"#),
    (
      #""stop_signal": ["TERM"]"#,
      #"""
      "stop_signal" must be the name of a signal ("TERM", "SIGINT") or a number from 1 to 64, \#
      not an array
      """#
    ),
    (
      #""stop_timeout_seconds": 86400.001"#,
      #"""
      "stop_timeout_seconds" is 86400.001, but must be a number of seconds from 0 to 86400 (a \#
      day)
      """#
    ),
    (
      #""stop_timeout_seconds": -0.001"#,
      #""stop_timeout_seconds" is -0.001, but must be a number of seconds from 0 to 86400 (a day)"#
    ),
    (#""environment": []"#, #""environment" must be an object of strings, not an array"#),
    (#""environment": "A=b""#, #""environment" must be an object of strings, not a string"#),
    (#""environment": {"PATH": 5}"#, #""environment.PATH" must be a string, not a number"#),
    (#""environment": {"A": null}"#, #""environment.A" must be a string, not null"#),
    (
      #""environment": {"": "x"}"#,
      #""environment" has the name "", but a name must not be empty or hold '=' or NUL"#
    ),
    (#""environment": {"A=B": "x"}"#, #""environment" has the name "A=B""#),
    (#""environment": {"A\u0000": "x"}"#, #""environment" has the name "AU+0000""#),
    (#""environment": {"A": "\u0000"}"#, #""environment.A" has 1 bytes, but must be a string"#),
    (
      #""log_max_bytes": 1023"#,
      #""log_max_bytes" is 1023, but must be 0 (no rotation) or from 1024 to 1125899906842624"#
    ),
    (
      #""log_max_bytes": 1125899906842625"#,
      #""log_max_bytes" is 1125899906842625, but must be a whole number from 0 to 1125899906842624"#
    ),
    (
      #""log_max_bytes": 1e30"#,
      #""log_max_bytes" is 1000000000000000000000000000000, but must be a whole number"#
    ),
    (
      #""log_max_files": 1001"#,
      #""log_max_files" is 1001, but must be a whole number from 0 to 1000"#
    ),
    (#""log_max_files": -1"#, #""log_max_files" is -1, but must be a whole number from 0 to 1000"#),
    (
      #""memory_max_bytes": 1048575"#,
      #"""
      "memory_max_bytes" is 1048575, but must be a whole number from 1048576 to 1125899906842624
      """#
    ),
    (
      #""memory_max_bytes": 1125899906842625"#,
      #"""
      "memory_max_bytes" is 1125899906842625, but must be a whole number from 1048576 to \#
      1125899906842624
      """#
    ),
    (
      #""memory_max_bytes": "1GB""#,
      #"""
      "memory_max_bytes" is "1GB", but must be a whole number from 1048576 to 1125899906842624, or a \#
      size from "1M" to "1024T"
      """#
    ),
    (
      #""cpu_max_percent": 0"#,
      #""cpu_max_percent" is 0, but must be a whole number from 1 to 100000"#
    ),
    (
      #""cpu_max_percent": 100001"#,
      #""cpu_max_percent" is 100001, but must be a whole number from 1 to 100000"#
    ),
    (
      #""cpu_max_percent": 12.5"#,
      #""cpu_max_percent" is 12.5, but must be a whole number from 1 to 100000"#
    ),
    (
      #""cpu_max_percent": "50%""#,
      #""cpu_max_percent" must be a whole number from 1 to 100000, not a string"#
    ),
    (#""tasks_max": 0"#, #""tasks_max" is 0, but must be a whole number from 1 to 4194304"#),
    (
      #""tasks_max": 4194305"#,
      #""tasks_max" is 4194305, but must be a whole number from 1 to 4194304"#
    ),
    (#""tasks_max": []"#, #""tasks_max" must be a whole number from 1 to 4194304, not an array"#),
  ])
  func namesTheFieldItsValueAndWhatIsAllowed(field: String, expected: String) throws {
    let needed = field.contains("\"command\"") ? #""id": "a""# : #""id": "a", "command": "b""#
    let message = try Reception.refusal(of: "{\(needed), \(field)}")
    #expect(message.hasPrefix(expected), "\(message)")
  }

  @Test(arguments: ["1e400", "-1e400", "1e99999999999999999999", "1e-400", "9".repeated(5_000)])
  func numbersBeyondAllBoundsAreRefusedOrNothing(number: String) throws {
    for field in [
      "max_restarts", "log_max_bytes", "period_seconds", "stop_signal", "memory_max_bytes",
      "cpu_max_percent", "tasks_max",
    ] {
      let message = try Reception.refusal(
        of: #"{"id": "a", "command": "b", "\#(field)": \#(number)}"#)
      #expect(message.contains("\"\(field)\""))
      #expect(message.utf8.count < 300)
    }
  }

  @Test func lengthsHaveLimits() throws {
    #expect(try Reception.refusal(of: #"{"id": "a", "command": "\#(Self.long)"}"#).contains("4096"))
    #expect(
      try Reception.refusal(of: #"{"id": "a", "command": "b", "args": ["\#(Self.huge)"]}"#)
        .hasPrefix(#""args[0]" is "xxx"#))
    #expect(
      try Reception.refusal(
        of: #"{"id": "a", "command": "b", "environment": {"A": "\#(Self.huge.dropLast(2))"}}"#
      ).hasPrefix(#""environment.A" has 131070 bytes, but must be"#))
    let fits = #"{"id": "a", "command": "b", "environment": {"A": "\#(Self.huge.dropLast(3))"}}"#
    #expect(try Reception.add(fits).execution.environment["A"]?.utf8.count == 131_069)
    let empty = Array(repeating: "\"\"", count: 120_000).joined(separator: ",")
    #expect(
      try Reception.refusal(of: #"{"id": "a", "command": "b", "args": [\#(empty)]}"#)
        == "\"args\" and \"environment\" take 1080000 bytes together, but may take at most 1048576")
    let codes = Array(repeating: "0", count: 257).joined(separator: ",")
    #expect(
      try Reception.refusal(of: #"{"id": "a", "command": "b", "success_exit_codes": [\#(codes)]}"#)
        .hasPrefix(#""success_exit_codes" has 257 elements, but must be an array of 1 to 256"#))
    let many = Array(repeating: "\"\(Self.huge.dropLast())\"", count: 9).joined(separator: ",")
    #expect(
      try Reception.refusal(of: #"{"id": "a", "command": "b", "args": [\#(many)]}"#)
        .hasPrefix(#""args" and "environment" take"#))
  }

  @Test(arguments: [
    ("workingdir", "working_dir"), ("workingDir", "working_dir"), ("arg", "args"),
    ("ID", "id"), ("comand", "command"), ("cmmand", "command"), ("commnad", "command"),
    ("autorestart", "auto_restart"), ("auto-restart", "auto_restart"), ("env", "environment"),
    ("period_second", "period_seconds"), ("max_restart", "max_restarts"), ("Args", "args"),
    ("stop_timeout", "stop_timeout_seconds"), ("success_exit_code", "success_exit_codes"),
    ("save_for_next", "save_for_next_run"), ("log_max_size", "log_max_files"),
    ("memory_max", "memory_max_bytes"), ("memorymaxbyte", "memory_max_bytes"),
    ("cpu_percent", "cpu_max_percent"), ("cpu", "cpu_max_percent"), ("task_max", "tasks_max"),
    ("tasks", "tasks_max"), ("depends", "depends_on"), ("environment_files", "environment_file"),
    ("healthcheck", "health_check"), ("label", "labels"), ("cron_schedule", "schedule"),
    ("beforestart", "before_start"), ("uid", "id"), ("instance", "instances"),
  ])
  func anUnknownFieldIsRefusedWithTheNearestName(name: String, near: String) throws {
    let message = try Reception.refusal(of: #"{"id": "a", "command": "b", "\#(name)": null}"#)
    #expect(message == "unknown field \"\(name)\": did you mean \"\(near)\"?")
  }

  @Test(arguments: [
    "cwd", "name", "log_file", "",
    "x".repeated(70),
  ])
  func anUnknownFieldThatIsNearNoneIsRefusedWithAllNames(name: String) throws {
    let message = try Reception.refusal(of: #"{"id": "a", "command": "b", "\#(name)": 1}"#)
    #expect(message.hasPrefix("unknown field \""))
    let all = """
      id, command, args, working_dir, auto_restart, save_for_next_run, periodic, period_seconds, \
      schedule, overlap, run_timeout_seconds, restart_policy, max_restarts, \
      restart_delay_seconds, restart_reset_seconds, success_exit_codes, environment, \
      environment_file, user, group, umask, nice, limits, start_timeout_seconds, stop_signal, \
      stop_timeout_seconds, depends_on, health_check, ready, ready_timeout_seconds, watchdog_seconds, \
      restart_above_memory_bytes, instances, listen, before_start, after_exit, hook_timeout_seconds, \
      essential, labels, log_max_bytes, log_max_files, memory_max_bytes, cpu_max_percent, \
      tasks_max
      """
    #expect(message.hasSuffix(": the fields are \(all)"))
  }

  @Test(arguments: [
    ("memory_max_bytes", "1048576", CgroupController.memory), ("cpu_max_percent", "50", .cpu),
    ("tasks_max", "10", .tasks),
  ])
  func aLimitThatNobodyCanKeepIsRefused(
    field: String, value: String, controller: CgroupController
  ) throws {
    let body = #"{"id": "a", "command": "b", "\#(field)": \#(value)}"#
    var able = Reception(limitControllers: [controller])
    guard case .command(.add) = able.ask("POST", "/add", body) else { throw Unexpected() }
    for others in [[], Set(CgroupController.allCases).subtracting([controller])] {
      var unable = Reception(limitControllers: others)
      let answer = try unable.ask("POST", "/add", body).answer
      #expect(answer.status == 400)
      #expect(
        try answer.message == """
          "\(field)" cannot be kept here: the supervisor has no cgroup v2 with the controller \
          "\(controller.rawValue)" delegated to it (systemd: Delegate=yes)
          """)
    }
  }

  @Test func ofSeveralLimitsThatNobodyCanKeepTheFirstIsNamed() throws {
    var reception = Reception(limitControllers: [.memory])
    let body =
      #"{"id": "a", "command": "b", "tasks_max": 9, "cpu_max_percent": 5, "memory_max_bytes": 1e7}"#
    let message = try reception.ask("POST", "/add", body).answer.message
    #expect(message.hasPrefix(#""cpu_max_percent" cannot be kept here"#))
  }

  @Test func withoutLimitsNoControllerIsNeeded() throws {
    var reception = Reception(limitControllers: [])
    let body = #"{"id": "a", "command": "b", "memory_max_bytes": null}"#
    guard case .command(.add) = reception.ask("POST", "/add", body) else { throw Unexpected() }
  }

  @Test(arguments: [
    ("", "the body is empty, but POST /add needs a JSON object"),
    ("[]", "a process must be a JSON object, not an array"),
    ("null", "a process must be a JSON object, not null"),
    ("\"x\"", "a process must be a JSON object, not a string"),
    ("7", "a process must be a JSON object, not a number"),
    ("{}", #""id" is missing: a process needs an "id" and a "command""#),
    (#"{"id": "a"}"#, #""command" is missing: a process needs an "id" and a "command""#),
    (#"{"command": "a"}"#, #""id" is missing: a process needs an "id" and a "command""#),
    (
      #"{"id": null, "command": "a"}"#, #""id" is missing: a process needs an "id" and a "command""#
    ),
    (#"{"id": 5, "command": "a"}"#, #""id" must be a string, not a number"#),
    (
      "{\n  \"id\": \"a\",\n}",
      """
      the body is not valid JSON: line 3, column 1: expected a member name in double quotes \
      after ',', found '}'
      """
    ),
    (
      #"{"id": "a", "command": "b"} // why"#,
      """
      the body is not valid JSON: line 1, column 29: expected nothing after the value, found a \
      comment, which JSON does not have
      """
    ),
    (
      "\u{FEFF}\u{FEFF}{}",
      "the body is not valid JSON: line 1, column 1: expected a JSON value, found 'U+FEFF'"
    ),
    (
      #"{"id": "a", "command": "b", "id": "c"}"#,
      """
      the body is not valid JSON: line 1, column 29: expected each name once in an object, found\
       "id" again
      """
    ),
  ])
  func aBodyThatIsNoDefinitionSaysWhy(body: String, expected: String) throws {
    #expect(try Reception.refusal(of: body) == expected)
  }

  @Test func bytesThatAreNotUTF8AreRefused() throws {
    var reception = Reception()
    let body = Array(#"{"id": "a", "command": ""#.utf8) + [0xFF] + Array("\"}".utf8)
    let answer = try reception.ask("POST", "/add", body).answer
    #expect(answer.status == 400)
    #expect(try answer.message.contains("line 1, column 25: expected UTF-8, found the byte 0xFF"))
  }
}

extension String {
  func repeated(_ count: Int) -> String { String(repeating: self, count: count) }
}
