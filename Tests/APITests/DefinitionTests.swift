import API
import Basics
import Supervision
import Testing

@Suite struct DefinitionTests {
  @Test func idAndCommandAreEnoughAndTheRestIsAsTheContractSays() throws {
    let definition = try Reception.add(#"{"id": "web", "command": "python3"}"#)
    #expect(definition == ProcessDefinition(id: "web", command: "python3"))
    #expect(definition.restartPolicy == .never)
    #expect(definition.successExitCodes == [0])
    #expect(definition.stopSignal == .terminate)
    #expect(definition.stopTimeout == .seconds(10))
    #expect(definition.logMaxBytes == 52_428_800)
    #expect(definition.logMaxFiles == 5)
    #expect(definition.execution.memoryMaxBytes == nil)
    #expect(definition.execution.cpuMaxPercent == nil)
    #expect(definition.execution.tasksMax == nil)
  }

  @Test func everyFieldIsRead() throws {
    let definition = try Reception.add(
      """
      {"id": "a.B_9-", "command": "./run me", "args": ["", "-v", "é😀", "a b"],
       "working_dir": "/tmp/x",
       "auto_restart": true, "save_for_next_run": true, "periodic": true, "period_seconds": 0.25,
       "restart_policy": "on-failure", "max_restarts": 3, "success_exit_codes": [0, 3.0, 255],
       "stop_signal": "SIGINT", "stop_timeout_seconds": 1.5, "environment": {"A": "1=2", "b c": ""},
       "log_max_bytes": 2048, "log_max_files": 0, "memory_max_bytes": 268435456,
       "cpu_max_percent": 150, "tasks_max": 64}
      """)
    var expected = ProcessDefinition(id: "a.B_9-", command: "./run me")
    expected.execution.arguments = ["", "-v", "é😀", "a b"]
    expected.execution.workingDirectory = "/tmp/x"
    expected.isSaved = true
    expected.isPeriodic = true
    expected.period = .milliseconds(250)
    expected.restartPolicy = .onFailure
    expected.maxRestarts = 3
    expected.successExitCodes = [0, 3, 255]
    expected.stopSignal = .interrupt
    expected.stopTimeout = .milliseconds(1_500)
    expected.execution.environment = ["A": "1=2", "b c": ""]
    expected.logMaxBytes = 2048
    expected.logMaxFiles = 0
    expected.execution.memoryMaxBytes = 256 << 20
    expected.execution.cpuMaxPercent = 150
    expected.execution.tasksMax = 64
    #expect(definition == expected)
  }

  @Test func everyFieldOfItsIdentityAndItsTimesIsRead() throws {
    let definition = try Reception.add(
      """
      {"id": "a", "command": "b", "environment_file": "-.env", "user": 33, "group": "www-data",
       "umask": "27", "nice": -5, "schedule": "0 4 * * *", "overlap": "queue",
       "limits": {"open_files": 4096, "core_bytes": 0, "address_space_bytes": 1073741824,
                  "processes": 10, "cpu_seconds": 60},
       "run_timeout_seconds": 90, "restart_delay_seconds": [0.1, 1, 5],
       "restart_reset_seconds": 60}
      """)
    var expected = ProcessDefinition(id: "a", command: "b")
    expected.execution.environmentFile = "-.env"
    expected.execution.user = "33"
    expected.execution.group = "www-data"
    expected.execution.umask = 0o27
    expected.execution.nice = -5
    expected.execution.limits.openFiles = 4096
    expected.execution.limits.coreBytes = 0
    expected.execution.limits.addressSpaceBytes = 1 << 30
    expected.execution.limits.processes = 10
    expected.execution.limits.cpuSeconds = 60
    expected.schedule = try CronSchedule("0 4 * * *")
    expected.overlap = .queue
    expected.runTimeout = .seconds(90)
    expected.restartDelays = [.milliseconds(100), .seconds(1), .seconds(5)]
    expected.restartReset = .seconds(60)
    #expect(definition == expected)
  }

  @Test func everyFieldOfItsReadinessAndItsCopiesIsRead() throws {
    let definition = try Reception.add(
      """
      {"id": "a", "command": "b", "ready": "healthy", "ready_timeout_seconds": 0,
       "watchdog_seconds": 2.5, "restart_above_memory_bytes": 2097152, "instances": 3,
       "depends_on": [{"id": "db", "condition": "completed"}, {"id": "x"}, "y"],
       "health_check": {"http": "HTTP://[::1]:80/a?b=c", "interval_seconds": 1,
                        "timeout_seconds": 0.5, "retries": 1, "start_period_seconds": 30,
                        "on_failure": "report"},
       "listen": ["127.0.0.1:80", "[::1]:80", "/run/a.sock"], "labels": {"team": "é b", "x": ""},
       "before_start": ["./migrate", ""], "after_exit": ["true"], "hook_timeout_seconds": 5,
       "start_timeout_seconds": 0.5, "essential": true}
      """)
    var expected = ProcessDefinition(id: "a", command: "b")
    expected.execution.ready = .healthy
    expected.readyTimeout = .zero
    expected.execution.watchdog = .milliseconds(2_500)
    expected.restartAboveMemoryBytes = 2 << 20
    expected.instances = 3
    expected.dependencies = [
      Dependency(id: "db", condition: .completed), Dependency(id: "x"), Dependency(id: "y"),
    ]
    var check = HealthCheck(.http("HTTP://[::1]:80/a?b=c"))
    check.interval = .seconds(1)
    check.timeout = .milliseconds(500)
    check.retries = 1
    check.startPeriod = .seconds(30)
    check.onFailure = .report
    expected.healthCheck = check
    expected.execution.listen = ["127.0.0.1:80", "[::1]:80", "/run/a.sock"]
    expected.labels = ["team": "é b", "x": ""]
    expected.beforeStart = ["./migrate", ""]
    expected.afterExit = ["true"]
    expected.hookTimeout = .seconds(5)
    expected.startTimeout = .milliseconds(500)
    expected.isEssential = true
    #expect(definition == expected)
  }

  @Test func nullIsTheSameAsNothing() throws {
    let definition = try Reception.add(
      """
      {"id": "a", "command": "b", "args": null, "working_dir": null, "auto_restart": null,
       "save_for_next_run": null, "periodic": null, "period_seconds": null, "restart_policy": null,
       "max_restarts": null, "success_exit_codes": null, "stop_signal": null,
       "stop_timeout_seconds": null, "environment": null, "log_max_bytes": null,
       "log_max_files": null, "memory_max_bytes": null, "cpu_max_percent": null,
       "tasks_max": null, "environment_file": null, "user": null, "group": null, "umask": null,
       "nice": null, "limits": null, "schedule": null, "overlap": null,
       "run_timeout_seconds": null, "restart_delay_seconds": null, "restart_reset_seconds": null,
       "depends_on": null, "health_check": null, "ready": null, "ready_timeout_seconds": null,
       "watchdog_seconds": null, "restart_above_memory_bytes": null, "instances": null, "listen": null,
       "before_start": null, "after_exit": null, "hook_timeout_seconds": null, "essential": null,
       "start_timeout_seconds": null,
       "labels": null}
      """)
    #expect(definition == ProcessDefinition(id: "a", command: "b"))
  }

  /// Adds a field to what is needed, and expects what it says.
  @Test(arguments: [
    (#""args": []"#, #""args": [] "#),
    (#""max_restarts": 0"#, #""max_restarts": 0.0"#),
    (#""max_restarts": 1000000"#, #""max_restarts": 1e6"#),
    (#""success_exit_codes": [0]"#, #""success_exit_codes": [0e5]"#),
    (#""stop_signal": "TERM""#, #""stop_signal": 15"#),
    (#""stop_signal": "TERM""#, #""stop_signal": "15""#),
    (#""stop_signal": "SIGHUP""#, #""stop_signal": "hup""#),
    (#""stop_signal": 64"#, #""stop_signal": "RTMIN+30""#),
    (#""stop_signal": 1"#, #""stop_signal": 1.0"#),
    (#""stop_timeout_seconds": 10"#, #""stop_timeout_seconds": 10.000"#),
    (#""stop_timeout_seconds": 0.5"#, #""stop_timeout_seconds": 5e-1"#),
    (#""stop_timeout_seconds": 86400"#, #""stop_timeout_seconds": 8.64E4"#),
    (#""period_seconds": 31536000"#, #""period_seconds": 31535999.9999999999"#),
    (#""log_max_bytes": 1125899906842624"#, #""log_max_bytes": 1125899906842624.0"#),
    (#""log_max_bytes": 0"#, #""log_max_bytes": -0"#),
    (#""memory_max_bytes": 1048576"#, #""memory_max_bytes": 1.048576e6"#),
    (#""cpu_max_percent": 100000"#, #""cpu_max_percent": 1E5"#),
    (#""tasks_max": 1"#, #""tasks_max": 1.0"#),
    (#""auto_restart": true"#, #""restart_policy": "always""#),
    (#""auto_restart": false"#, #""restart_policy": "never""#),
    (#""auto_restart": true, "restart_policy": "on-failure""#, #""restart_policy": "on-failure""#),
    (#""id": "x", "environment": {}"#, #""id": "x""#),
    (#""user": 0"#, #""user": "0""#),
    (#""umask": "0""#, #""umask": "0000""#),
    (#""limits": {}"#, #""limits": {"open_files": null}"#),
    (
      #""id": "z", "depends_on": ["x"]"#,
      #""id": "z", "depends_on": [{"id": "x", "condition": "started"}]"#
    ),
    (
      #""health_check": {"tcp": "a:1", "http": null}"#,
      #""health_check": {"tcp": "a:1", "retries": 3, "interval_seconds": 10.0}"#
    ),
    (#""overlap": "skip""#, #""ready": "spawned""#),
  ])
  func twoWaysToSayTheSame(one: String, other: String) throws {
    func definition(_ field: String) throws -> ProcessDefinition {
      try Reception.add(
        field.contains("\"id\"")
          ? #"{"command": "b", \#(field)}"# : #"{"id": "a", "command": "b", \#(field)}"#)
    }
    #expect(try definition(one) == definition(other))
  }

  @Test(arguments: [
    ("0.1", 100_000_000), ("1", 1_000_000_000), ("0.123456789", 123_456_789),
    ("31535999.999999999", 31_535_999_999_999_999), ("0.3", 300_000_000),
    ("2.0000000005", 2_000_000_001), ("2.0000000004", 2_000_000_000),
    ("1.9999999999", 2_000_000_000),
    ("60", 60_000_000_000), ("4.35", 4_350_000_000),
  ])
  func secondsAreKeptToTheNanosecond(text: String, nanoseconds: Int) throws {
    let body = #"{"id": "a", "command": "b", "periodic": true, "period_seconds": \#(text)}"#
    #expect(try Reception.add(body).period == .nanoseconds(nanoseconds))
  }

  @Test func aPeriodBesidePeriodicFalseIsKept() throws {
    let definition = try Reception.add(
      #"{"id": "a", "command": "b", "periodic": false, "period_seconds": 60}"#)
    #expect(definition.isPeriodic == false)
    #expect(definition.period == .seconds(60))
  }

  @Test(arguments: [
    "a", "A", "0", "_", "a.b", "a-b", "a..b", String(repeating: "x", count: 128), "exeio2", "Exeio",
  ])
  func acceptsTheIdsOfTheContract(id: String) throws {
    #expect(try Reception.add(#"{"id": "\#(id)", "command": "b"}"#).id == id)
  }

  @Test(arguments: [
    "", ".", "..", ".a", "-a", "a/b", "../a", "a b", "é", "a\u{301}", "a\\u0000", "a\\n",
    String(repeating: "x", count: 129), "a%2Fb", "a:b", "\u{FF41}",
  ])
  func refusesOtherIds(id: String) throws {
    let message = try Reception.refusal(of: #"{"id": "\#(id)", "command": "b"}"#)
    #expect(message.hasPrefix("\"id\" is \""))
    #expect(message.contains("1 to 128 of A-Z a-z 0-9 . _ -"))
  }

  @Test func theNameOfTheSupervisorsLogIsReserved() throws {
    let message = try Reception.refusal(of: #"{"id": "exeio", "command": "b"}"#)
    #expect(message.contains("\"id\" is \"exeio\""))
  }
}
