import API
import Basics
import Foundation
import HTTP
import Supervision
import TestSupport
import Testing

@Suite struct AnswersTests {
  /// What the contract says an entry of `/list` has.
  static let fields: Set<String> = [
    "id", "command", "args", "working_dir", "status", "is_running", "pid", "log_file",
    "auto_restart", "periodic", "period_seconds", "run_count", "restart_count", "last_run",
    "next_run", "uptime_seconds", "last_exit", "error", "health", "memory_bytes", "cpu_percent",
    "save_for_next_run", "restart_policy", "schedule", "instances", "depends_on", "labels",
    "is_ready", "status_text",
  ]

  private static var busy: ProcessEntry {
    var definition = ProcessDefinition(id: "web", command: "./run \"it\"\n")
    definition.execution.arguments = ["-m", "é😀\u{1B}[0m"]
    definition.execution.workingDirectory = "/var/www"
    definition.restartPolicy = .onFailure
    definition.isSaved = true
    definition.isPeriodic = true
    definition.period = .milliseconds(1_500)
    definition.execution.environment = ["A": "b"]
    return ProcessEntry(
      definition: definition, status: .running, pid: 4711, runCount: 12, restartCount: 3,
      lastRun: .seconds(1_752_639_009) + .milliseconds(999), nextRun: .seconds(1_752_639_069),
      uptime: .seconds(3_661) + .microseconds(120_999),
      lastExit: .init(status: .signal(.kill), at: .seconds(1_752_639_007)), error: "it \\ broke")
  }

  private func list(_ entries: [ProcessEntry]) throws -> [[String: Any]] {
    let answer = try Answer(Answers.list(entries, context: Reception.context))
    #expect(answer.status == 200)
    return try #require(answer.value as? [[String: Any]])
  }

  @Test func aListOfNothingIsAnEmptyArray() throws {
    #expect(Answers.list([], context: Reception.context).body == Array("[]\n".utf8))
  }

  @Test func anEntryHasEveryFieldOfTheContract() throws {
    let entry = try #require(try list([Self.busy]).first)
    #expect(Set(entry.keys) == Self.fields)
    #expect(entry["id"] as? String == "web")
    #expect(entry["command"] as? String == "./run \"it\"\n")
    #expect(entry["args"] as? [String] == ["-m", "é😀\u{1B}[0m"])
    #expect(entry["working_dir"] as? String == "/var/www")
    #expect(entry["status"] as? String == "running")
    #expect(entry["is_running"] as? Bool == true)
    #expect(entry["pid"] as? Int == 4711)
    #expect(entry["log_file"] as? String == "/var/log/exeio/web.log")
    #expect(entry["auto_restart"] as? Bool == true)
    #expect(entry["periodic"] as? Bool == true)
    #expect(entry["period_seconds"] as? Double == 1.5)
    #expect(entry["run_count"] as? Int == 12)
    #expect(entry["restart_count"] as? Int == 3)
    #expect(entry["last_run"] as? String == "2025-07-16T04:10:09Z")
    #expect(entry["next_run"] as? String == "2025-07-16T04:11:09Z")
    #expect(entry["uptime_seconds"] as? Double == 3661.120)
    let exit = try #require(entry["last_exit"] as? [String: String])
    #expect(exit == ["signal": "SIGKILL", "at": "2025-07-16T04:10:07Z"])
    #expect(entry["error"] as? String == "it \\ broke")
    let health = try #require(entry["health"] as? [String: Any])
    #expect(Set(health.keys) == ["status", "since", "error"])
    #expect(health["status"] as? String == "none")
    #expect(entry["save_for_next_run"] as? Bool == true)
    #expect(entry["restart_policy"] as? String == "on-failure")
    #expect(entry["instances"] as? Int == 1)
    #expect((entry["depends_on"] as? [Any])?.count == 0)
    #expect((entry["labels"] as? [String: Any])?.count == 0)
  }

  @Test func whatIsNotKnownIsNullAndNeverMissing() throws {
    let idle = ProcessEntry(ProcessDefinition(id: "a", command: "b"), status: .failed)
    let entry = try #require(try list([idle]).first)
    #expect(Set(entry.keys) == Self.fields)
    for field in [
      "pid", "period_seconds", "last_run", "next_run", "uptime_seconds", "last_exit", "error",
      "memory_bytes", "cpu_percent", "schedule", "status_text",
    ] {
      #expect(entry[field] is NSNull, "\(field)")
    }
    #expect(entry["working_dir"] as? String == "/srv")
    #expect(entry["is_running"] as? Bool == false)
    #expect(entry["auto_restart"] as? Bool == false)
    #expect(entry["args"] as? [String] == [])
  }

  @Test(arguments: [
    (0, "0"), (0.04, "0"), (0.05, "0.1"), (3.14, "3.1"), (99.96, "100"), (100, "100"),
    (1599.94, "1599.9"),
  ])
  func whatAProcessUsesIsShown(percent: Double, text: String) {
    var context = Reception.context
    context.usage = ["web": ProcessUsage(memoryBytes: 12_345_678, cpuPercent: percent)]
    let body = String(
      decoding: Answers.list([Self.busy], context: context).body, as: UTF8.self)
    #expect(body.contains(#","memory_bytes":12345678,"cpu_percent":\#(text),"#))
  }

  @Test func theUsageOfAnotherIsNotShown() throws {
    var context = Reception.context
    context.usage = ["web2": ProcessUsage(memoryBytes: 1, cpuPercent: 2)]
    let answer = try Answer(Answers.status(Self.busy, hidesEnvironment: false, context: context))
      .object
    #expect(answer["memory_bytes"] is NSNull)
    #expect(answer["cpu_percent"] is NSNull)
  }

  @Test func whatEndedARunBesideItselfIsItsReason() throws {
    var entry = Self.busy
    entry.lastExit = .init(status: .signal(.kill), at: .zero, reason: .outOfMemory)
    let exit = try #require(try list([entry]).first?["last_exit"] as? [String: String])
    #expect(
      exit == ["signal": "SIGKILL", "reason": "oom-kill", "at": "1970-01-01T00:00:00Z"])
  }

  @Test func anExitCodeIsANumber() throws {
    var entry = Self.busy
    entry.lastExit = .init(status: .code(3), at: .zero)
    let exit = try #require(try list([entry]).first?["last_exit"] as? [String: Any])
    #expect(Set(exit.keys) == ["code", "at"])
    #expect(exit["code"] as? Int == 3)
    #expect(exit["at"] as? String == "1970-01-01T00:00:00Z")
  }

  @Test(arguments: [
    (Duration.zero, "0"), (.milliseconds(1), "0.001"), (.microseconds(999), "0"),
    (.milliseconds(1_200), "1.2"), (.seconds(86_400), "86400"), (.milliseconds(10_050), "10.05"),
    (.seconds(1) + .nanoseconds(999_999_999), "1.999"),
  ])
  func uptimeHasAtMostMilliseconds(uptime: Duration, text: String) {
    var entry = Self.busy
    entry.uptime = uptime
    let body = Answers.list([entry], context: Reception.context).body
    #expect(String(decoding: body, as: UTF8.self).contains("\"uptime_seconds\":\(text),"))
  }

  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"), (951_782_399, "2000-02-28T23:59:59Z"),
    (951_782_400, "2000-02-29T00:00:00Z"), (951_868_800, "2000-03-01T00:00:00Z"),
    (1_709_164_800, "2024-02-29T00:00:00Z"), (1_735_689_599, "2024-12-31T23:59:59Z"),
    (4_107_542_400, "2100-03-01T00:00:00Z"), (4_107_542_399, "2100-02-28T23:59:59Z"),
    (253_402_300_799, "9999-12-31T23:59:59Z"), (-1, "1969-12-31T23:59:59Z"),
    (-86_400, "1969-12-31T00:00:00Z"), (-62_135_596_800, "0001-01-01T00:00:00Z"),
  ])
  func timesAreUTC(seconds: Int, text: String) throws {
    var entry = Self.busy
    entry.lastRun = .seconds(seconds)
    #expect(try list([entry]).first?["last_run"] as? String == text)
  }

  @Test func datesAgreeWithFoundationThroughEightHundredYears() throws {
    let format = Date.ISO8601FormatStyle()
    var entry = Self.busy
    for day in stride(from: -141_000, to: 165_000, by: 97) {
      let seconds = day * 86_400 + (day & 0xFFFF) % 86_400
      entry.lastRun = .seconds(seconds)
      let body = Answers.list([entry], context: Reception.context).body
      let expected = Date(timeIntervalSince1970: Double(seconds)).formatted(format)
      let isThere = String(decoding: body, as: UTF8.self).contains("\"last_run\":\"\(expected)\"")
      #expect(isThere, "\(expected)")
    }
  }

  @Test func whatItAsksForAndHowItIsAreShown() throws {
    var entry = Self.busy
    entry.definition.schedule = try CronSchedule("0 4 * * mon")
    entry.definition.instances = 3
    entry.definition.dependencies = [
      Dependency(id: "db", condition: .healthy), Dependency(id: "cache"),
    ]
    entry.definition.labels = ["team": "w\"eb", "a\\": ""]
    entry.health.status = .unhealthy
    entry.health.since = .seconds(1_752_639_009)
    entry.health.error = "connect to \"127.0.0.1:1\": refused"
    entry.isReady = true
    entry.statusText = "12 \u{1B} clients"
    let shown = try #require(try list([entry, Self.busy]).first)
    #expect(Set(shown.keys) == Self.fields)
    #expect(shown["schedule"] as? String == "0 4 * * mon")
    #expect(shown["instances"] as? Int == 3)
    #expect(
      shown["depends_on"] as? [[String: String]] == [
        ["id": "db", "condition": "healthy"], ["id": "cache", "condition": "started"],
      ])
    #expect(shown["labels"] as? [String: String] == ["team": "w\"eb", "a\\": ""])
    #expect(
      shown["health"] as? [String: String] == [
        "status": "unhealthy", "since": "2025-07-16T04:10:09Z",
        "error": "connect to \"127.0.0.1:1\": refused",
      ])
    #expect(shown["is_ready"] as? Bool == true)
    #expect(shown["status_text"] as? String == "12 \u{1B} clients")
  }

  @Test func theStatusOfACopyHasTheDefinitionOfAll() throws {
    var definition = ProcessDefinition(id: "web", command: "c")
    definition.instances = 2
    let answer = try Answer(
      Answers.status(
        ProcessEntry(definition.copy(1)), hidesEnvironment: false, context: Reception.context)
    ).object
    #expect(answer["id"] as? String == "web.1")
    #expect(answer["log_file"] as? String == "/var/log/exeio/web.1.log")
    #expect((answer["definition"] as? [String: Any])?["id"] as? String == "web")
  }

  @Test(arguments: [(ProcessStatus.running, "running"), (.backoff, "mixed")])
  func theStatusOfAProcessWithCopiesIsThatOfAllOfThem(
    second: ProcessStatus, expected: String
  ) throws {
    var definition = ProcessDefinition(id: "web", command: "c")
    definition.instances = 2
    definition.execution.environment = ["TOKEN": "s3cret"]
    let entries = [
      ProcessEntry(definition.copy(0), status: .running),
      ProcessEntry(definition.copy(1), status: second),
    ]
    let response = Answers.status(
      service: "web", definition: definition, entries: entries, hidesEnvironment: true,
      context: Reception.context)
    #expect(!String(decoding: response.body, as: UTF8.self).contains("s3cret"))
    let answer = try Answer(response).object
    #expect(
      Set(answer.keys) == ["success", "id", "instances", "status", "processes", "definition"])
    #expect(answer["id"] as? String == "web")
    #expect(answer["instances"] as? Int == 2)
    #expect(answer["status"] as? String == expected)
    let processes = try #require(answer["processes"] as? [[String: Any]])
    #expect(processes.map { $0["id"] as? String } == ["web.0", "web.1"])
    for process in processes { #expect(Set(process.keys) == Self.fields) }
    #expect((answer["definition"] as? [String: Any])?["instances"] as? Int == 2)
  }

  @Test func theStatusOfOneIsItsEntryAndItsWholeDefinition() throws {
    let answer = try Answer(
      Answers.status(Self.busy, hidesEnvironment: false, context: Reception.context)
    ).object
    #expect(Set(answer.keys) == Self.fields.union(["success", "definition"]))
    let entry = try #require(try list([Self.busy]).first)
    for field in Self.fields {
      let shown = try #require(answer[field] as? NSObject)
      #expect(shown == entry[field] as? NSObject, "\(field)")
    }
    let definition = try #require(answer["definition"] as? [String: Any])
    #expect(definition.count == 44)
    #expect(definition["environment"] as? [String: String] == ["A": "b"])
    #expect(definition["stop_signal"] as? String == "TERM")
    #expect(definition["stop_timeout_seconds"] as? Int == 10)
    #expect(definition["success_exit_codes"] as? [Int] == [0])
    #expect(definition["max_restarts"] is NSNull)
    for limit in ["memory_max_bytes", "cpu_max_percent", "tasks_max"] {
      #expect(definition[limit] is NSNull, "\(limit)")
    }
    #expect(definition["log_max_bytes"] as? Int == 52_428_800)
  }

  @Test func aDefinitionThatIsShownCanBeSentBack() throws {
    var random = SeededRandom(seed: 7)
    for _ in 0..<50 {
      let definition = ProcessDefinition.random(id: "a", using: &random)
      let response = Answers.status(
        ProcessEntry(definition), hidesEnvironment: false, context: Reception.context)
      let text = String(decoding: response.body, as: UTF8.self)
      let start = try #require(text.firstRange(of: "\"definition\":")).upperBound
      #expect(text.hasSuffix("}}\n"))
      #expect(try Reception.add(String(text[start...].dropLast(2))) == definition)
    }
  }

  @Test func repliesBecomeAnswers() throws {
    let context = Reception.context
    let done = try Answer(Answers.reply(.done("it \"is\" done"), context: context))
    #expect(done.status == 200)
    #expect(try done.object["success"] as? Bool == true)
    #expect(try done.message == "it \"is\" done")

    let created = try Answer(
      Answers.reply(.created(Self.busy, message: "started"), context: context))
    #expect(created.status == 201)
    #expect(Set(try created.object.keys) == ["success", "message", "process"])
    #expect(try created.object["success"] as? Bool == true)
    let process = try #require(try created.object["process"] as? [String: Any])
    #expect(Set(process.keys) == Self.fields)

    for (refusal, status) in [
      (Reply.Refusal.noSuchProcess, 404), (.conflict, 409), (.shuttingDown, 503), (.failure, 500),
    ] {
      let refused = try Answer(Answers.reply(.refused(refusal, message: "no"), context: context))
      #expect(refused.status == status)
      #expect(try refused.object["success"] as? Bool == false)
      #expect(try refused.message == "no")
    }
  }

  @Test func resultsSayWhatBecameOfEach() throws {
    var outcomes = [
      Reply.Outcome(id: "a", success: true, message: "stopped"),
      Reply.Outcome(id: "b", success: true, message: "was not running"),
    ]
    for allWell in [true, false] {
      outcomes[1].success = allWell
      let reply = Reply.results(outcomes, message: "2 processes")
      let answer = try Answer(Answers.reply(reply, context: Reception.context))
      #expect(answer.status == 200)
      #expect(try answer.object["success"] as? Bool == allWell)
      let results = try #require(try answer.object["results"] as? [[String: Any]])
      #expect(results.map { $0["id"] as? String } == ["a", "b"])
      #expect(results.map { $0["success"] as? Bool } == [true, allWell])
      #expect(results.map { $0["message"] as? String } == ["stopped", "was not running"])
      #expect(results.allSatisfy { $0.count == 3 })
    }
  }

  @Test func anUnknownProcessIsNamed() throws {
    let answer = try Answer(Answers.noSuchProcess("a\"\u{1B}b"))
    #expect(answer.status == 404)
    #expect(try answer.message == "no process 'a\"U+001Bb'")
    // All of it, as a command says it too.
    let longest = String(repeating: "x", count: 128)
    #expect(try Answer(Answers.noSuchProcess(longest)).message == "no process '\(longest)'")
  }
}
