import Basics
import HTTP
import Supervision
import Testing

@testable import API

@Suite struct MetricsTests {
  private static func entry(
    _ id: String, _ status: ProcessStatus, pid: Int32? = nil,
    lastExit: Basics.ExitStatus? = nil
  ) -> ProcessEntry {
    ProcessEntry(
      definition: ProcessDefinition(id: id, command: "c"), status: status, pid: pid, runCount: 12,
      restartCount: 3, restartTotal: 7, lastRun: .seconds(1_752_639_009) + .milliseconds(250),
      nextRun: nil, uptime: pid.map { _ in .seconds(5) },
      lastExit: lastExit.map { .init(status: $0, at: .seconds(1_752_639_000)) }, error: nil)
  }

  /// Those of a process without copies.
  private static func labels(_ id: String, _ more: [String: String] = [:]) -> [String: String] {
    more.merging(["id": id, "process": id]) { $1 }
  }

  private static var daemon: DaemonMetrics {
    var requests = RequestCounts()
    for _ in 0..<3 { requests.count(method: "GET", .ok) }
    requests.count(method: "HEAD", .ok)
    requests.count(method: "POST", .conflict)
    requests.count(method: "", .badRequest)
    requests.count(method: "MADE-UP", .methodNotAllowed)
    return DaemonMetrics(
      version: "1.2.3", startedAt: .seconds(1_752_000_000) + .milliseconds(5),
      resources: .init(
        residentBytes: 8_000_000, virtualBytes: 90_000_000, cpuTime: .milliseconds(1_500),
        openDescriptors: 21, maxDescriptors: 1024), openConnections: 2, requests: requests,
      wrongKeys: 4, droppedLogLines: 9,
      loopLag: Histogram(bounds: [.milliseconds(5), .seconds(1)]),
      lastReload: DaemonMetrics.Reload(at: .seconds(1_752_000_007)))
  }

  /// Of a process that nothing is known of but its entry.
  private static func metrics(_ entry: ProcessEntry) -> ProcessMetrics {
    ProcessMetrics(entry, usage: nil, logWrittenBytes: 0, logDroppedLines: 0)
  }

  private func scrape(
    _ processes: [ProcessMetrics], _ daemon: DaemonMetrics = daemon
  ) throws -> Exposition {
    let response = Answers.metrics(processes, daemon, .text)
    #expect(response.status == .ok)
    #expect(response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
    #expect(response.headers["Cache-Control"] == "no-store")
    #expect(response.headers["X-Content-Type-Options"] == "nosniff")
    return try Exposition(response.body)
  }

  private func processes() -> [ProcessMetrics] {
    [
      ProcessMetrics(
        Self.entry("web", .running, pid: 4711, lastExit: .code(3)),
        usage: ProcessUsage(
          memoryBytes: 123_456, cpuPercent: 50, cpuTime: .milliseconds(12_345), oomKills: 2,
          tasks: 4, openDescriptors: 33, diskReadBytes: 4_096, diskWrittenBytes: 8_192),
        logWrittenBytes: 1_000, logDroppedLines: 5),
      ProcessMetrics(
        Self.entry("job.1", .backoff, lastExit: .signal(.kill)), usage: nil, logWrittenBytes: 0,
        logDroppedLines: 0),
    ]
  }

  @Test func everyProcessHasItsSamples() throws {
    let scrape = try scrape(processes())
    let web = Self.labels("web")
    #expect(scrape.value("exeio_process_up", web) == 1)
    #expect(scrape.value("exeio_process_runs_total", web) == 12)
    #expect(scrape.value("exeio_process_restarts_total", web) == 7)
    #expect(scrape.value("exeio_process_restarts_in_a_row", web) == 3)
    #expect(scrape.value("exeio_process_start_time_seconds", web) == 1_752_639_009.25)
    #expect(scrape.value("exeio_process_memory_bytes", web) == 123_456)
    #expect(scrape.value("exeio_process_cpu_seconds_total", web) == 12.345)
    #expect(scrape.value("exeio_process_oom_kills_total", web) == 2)
    #expect(scrape.value("exeio_process_tasks", web) == 4)
    #expect(scrape.value("exeio_process_open_fds", web) == 33)
    #expect(scrape.value("exeio_process_io_read_bytes_total", web) == 4_096)
    #expect(scrape.value("exeio_process_io_write_bytes_total", web) == 8_192)
    #expect(scrape.value("exeio_process_last_exit_code", web) == 3)
    #expect(scrape.value("exeio_process_last_exit_signal", web) == nil)
    #expect(scrape.value("exeio_process_log_written_bytes_total", web) == 1_000)
    #expect(scrape.value("exeio_process_log_lines_dropped_total", web) == 5)
  }

  @Test func aCopyIsToldWithItsProcess() throws {
    var entry = Self.entry("web.2", .running, pid: 1)
    entry.definition.instance = 2
    let scrape = try scrape([Self.metrics(entry)])
    #expect(scrape.value("exeio_process_up", ["id": "web.2", "process": "web"]) == 1)
    for name in scrape.names where name.hasPrefix("exeio_process_") {
      for sample in try #require(scrape.families[name]).samples {
        #expect(sample.labels["id"] == "web.2" && sample.labels["process"] == "web", "\(name)")
      }
    }
  }

  @Test func whatAProcessIsIsToldOnce() throws {
    var entry = Self.entry("web", .running, pid: 1)
    entry.definition.execution.command = "/opt/my \"app\"\\bin"
    entry.definition.execution.arguments = ["--password", "secret"]
    entry.definition.labels = ["team": "a\nb", "über-app": "", "a.b": "1", "a_b": "2", "a-b": "3"]
    let response = Answers.metrics([Self.metrics(entry)], Self.daemon, .text)
    #expect(!String(decoding: response.body, as: UTF8.self).contains("secret"))
    let scrape = try Exposition(response.body)
    #expect(
      scrape.value(
        "exeio_process_info", Self.labels("web", ["command": "/opt/my \"app\"\\bin"])) == 1)
    #expect(
      scrape.value(
        "exeio_process_labels",
        Self.labels(
          "web",
          [
            "label_team": "a\nb", "label__ber_app": "", "label_a_b": "3", "label_a_b_2": "1",
            "label_a_b_3": "2",
          ])) == 1)
  }

  @Test func aProcessWithoutLabelsHasNoSampleOfThem() throws {
    let scrape = try scrape(processes())
    #expect(scrape.families["exeio_process_labels"]?.samples == [])
    #expect(scrape.families["exeio_process_info"]?.samples.count == 2)
  }

  @Test func limitsAreToldWhereThereAreSome() throws {
    var entry = Self.entry("web", .running, pid: 1)
    let names = ["memory_limit_bytes", "cpu_limit_cores", "tasks_limit"]
    func values() throws -> [Double?] {
      let scrape = try scrape([Self.metrics(entry)])
      return names.map { scrape.value("exeio_process_\($0)", Self.labels("web")) }
    }
    #expect(try values() == [nil, nil, nil])
    entry.definition.execution.memoryMaxBytes = 1 << 30
    entry.definition.execution.cpuMaxPercent = 150
    entry.definition.execution.tasksMax = 64
    #expect(try values() == [1_073_741_824, 1.5, 64])
  }

  @Test func everyReasonOfAnExitIsCounted() throws {
    var entry = Self.entry("web", .running, pid: 1)
    entry.tally.exits = [.exitCode: 3, .named(.outOfMemory): 2]
    let scrape = try scrape([Self.metrics(entry)])
    func count(_ reason: String) -> Double? {
      scrape.value("exeio_process_exits_total", Self.labels("web", ["reason": reason]))
    }
    #expect(count("exit-code") == 3)
    #expect(count("oom-kill") == 2)
    for reason in ["success", "signal", "stopped", "unhealthy", "stop-timeout"] {
      #expect(count(reason) == 0)
    }
    #expect(scrape.families["exeio_process_exits_total"]?.samples.count == 11)
  }

  private static let timetable = [
    "last_run_timestamp_seconds", "last_success_timestamp_seconds", "next_run_timestamp_seconds",
    "last_run_duration_seconds", "runs_skipped_total",
  ]

  @Test func whatRunsByTimeHasATimetable() throws {
    var entry = Self.entry("job", .waiting)
    entry.definition.schedule = try CronSchedule("@hourly")
    entry.nextRun = .seconds(1_752_640_000)
    entry.tally.lastSuccess = .seconds(1_752_639_001)
    entry.tally.lastDuration = .milliseconds(1_500)
    entry.tally.skippedRuns = 4
    func values(_ entry: ProcessEntry) throws -> [Double?] {
      let scrape = try scrape([Self.metrics(entry)])
      return Self.timetable.map { scrape.value("exeio_process_\($0)", Self.labels("job")) }
    }
    #expect(
      try values(entry) == [1_752_639_009.25, 1_752_639_001, 1_752_640_000, 1.5, 4])
    entry.definition.schedule = nil
    entry.definition.isPeriodic = true
    #expect(try values(entry)[2] == 1_752_640_000)
    // The next run of any other is a restart.
    entry.definition.isPeriodic = false
    #expect(try values(entry) == [nil, nil, nil, nil, nil])
  }

  @Test func aTimetableIsToldAsFarAsItIsKnown() throws {
    var entry = Self.entry("job", .waiting)
    entry.definition.isPeriodic = true
    entry.lastRun = nil
    let scrape = try scrape([Self.metrics(entry)])
    #expect(
      Self.timetable.map { scrape.value("exeio_process_\($0)", Self.labels("job")) }
        == [nil, nil, nil, nil, 0])
  }

  @Test func whatIsNotKnownOfAProcessHasNoSample() throws {
    let scrape = try scrape(processes())
    let job = Self.labels("job.1")
    #expect(scrape.value("exeio_process_up", job) == 0)
    #expect(scrape.value("exeio_process_cpu_seconds_total", job) == 0)
    #expect(scrape.value("exeio_process_last_exit_signal", job) == 9)
    for name in [
      "start_time_seconds", "memory_bytes", "oom_kills_total", "last_exit_code", "tasks",
      "open_fds", "io_read_bytes_total", "io_write_bytes_total",
    ] {
      #expect(scrape.value("exeio_process_\(name)", job) == nil, "\(name)")
    }
  }

  @Test(
    arguments: [
      (Health.Status.none, nil), (.starting, 0), (.healthy, 1), (.unhealthy, 0),
    ] as [(Health.Status, Double?)])
  func readinessAndHealthAreShown(status: Health.Status, value: Double?) throws {
    var entry = Self.entry("web", .running, pid: 1)
    entry.health.status = status
    entry.isReady = status == .healthy
    let scrape = try scrape([
      ProcessMetrics(entry, usage: nil, logWrittenBytes: 0, logDroppedLines: 0)
    ])
    #expect(scrape.value("exeio_process_healthy", Self.labels("web")) == value)
    #expect(scrape.value("exeio_process_ready", Self.labels("web")) == (status == .healthy ? 1 : 0))
  }

  @Test func oneStatusOfEachProcessHolds() throws {
    let scrape = try scrape(
      ProcessStatus.allCases.map { status in
        ProcessMetrics(
          Self.entry("p-\(status.rawValue)", status), usage: nil, logWrittenBytes: 0,
          logDroppedLines: 0)
      })
    for of in ProcessStatus.allCases {
      for status in ProcessStatus.allCases {
        let labels = Self.labels("p-\(of.rawValue)", ["status": status.rawValue])
        #expect(scrape.value("exeio_process_status", labels) == (of == status ? 1 : 0))
      }
    }
    #expect(scrape.families["exeio_process_status"]?.samples.count == 64)
  }

  @Test func theDaemonSaysWhatItTakes() throws {
    let scrape = try scrape([])
    #expect(scrape.value("exeio_build_info", ["version": "1.2.3"]) == 1)
    #expect(scrape.value("exeio_http_connections") == 2)
    #expect(scrape.value("exeio_http_wrong_keys_total") == 4)
    #expect(scrape.value("exeio_log_lines_dropped_total") == 9)
    #expect(scrape.value("process_start_time_seconds") == 1_752_000_000.005)
    #expect(scrape.value("process_cpu_seconds_total") == 1.5)
    #expect(scrape.value("process_resident_memory_bytes") == 8_000_000)
    #expect(scrape.value("process_virtual_memory_bytes") == 90_000_000)
    #expect(scrape.value("process_open_fds") == 21)
    #expect(scrape.value("process_max_fds") == 1024)
  }

  @Test func problemsAreCountedByCodeAndNoCodeIsMissing() throws {
    var daemon = Self.daemon
    for subject in ["a", "b"] {
      _ = daemon.problems.raise(Problem(.linesLost, of: subject, "full", since: .zero))
    }
    let scrape = try scrape([], daemon)
    #expect(scrape.value("exeio_problems", ["code": "lines_lost"]) == 2)
    #expect(scrape.value("exeio_problems", ["code": "keys_file"]) == 0)
    #expect(scrape.families["exeio_problems"]?.samples.count == Problem.Code.allCases.count)
  }

  @Test func requestsAreCountedByMethodAndClass() throws {
    let scrape = try scrape([])
    func count(_ method: String, _ code: String) -> Double? {
      scrape.value("exeio_http_requests_total", ["method": method, "code": code])
    }
    #expect(count("GET", "2xx") == 3)
    #expect(count("HEAD", "2xx") == 1)
    #expect(count("POST", "4xx") == 1)
    #expect(count("other", "4xx") == 2)
    #expect(count("GET", "5xx") == 0)
    #expect(scrape.families["exeio_http_requests_total"]?.samples.count == 16)
  }

  @Test func whatTookHowLongIsInBuckets() throws {
    var daemon = Self.daemon
    for duration in [Duration.zero, .milliseconds(5), .microseconds(5_001), .seconds(2)] {
      daemon.loopLag.observe(duration)
    }
    let scrape = try scrape([], daemon)
    func bucket(_ bound: String) -> Double? {
      scrape.value("exeio_loop_lag_seconds_bucket", ["le": bound])
    }
    #expect(bucket("0.005") == 2 && bucket("1.0") == 3 && bucket("+Inf") == 4)
    #expect(scrape.value("exeio_loop_lag_seconds_count") == 4)
    #expect(scrape.value("exeio_loop_lag_seconds_sum") == 2.010_001)
    #expect(scrape.families["exeio_loop_lag_seconds"]?.samples.count == 5)
  }

  @Test func theLatestReloadIsTold() throws {
    var daemon = Self.daemon
    func values() throws -> [Double?] {
      let scrape = try scrape([], daemon)
      return [
        scrape.value("exeio_config_last_reload_successful"),
        scrape.value("exeio_config_last_reload_success_timestamp_seconds"),
      ]
    }
    #expect(try values() == [1, 1_752_000_007])
    daemon.lastReload.isSuccessful = false
    #expect(try values() == [0, 1_752_000_007])
  }

  @Test func aDaemonThatCannotSeeItselfLeavesThatOut() throws {
    var daemon = Self.daemon
    daemon.resources = nil
    let scrape = try scrape(processes(), daemon)
    #expect(scrape.families["process_resident_memory_bytes"] == nil)
    #expect(scrape.value("exeio_process_up", Self.labels("web")) == 1)
  }

  @Test func namesAreAsPrometheusHasThem() throws {
    let scrape = try scrape(processes())
    for name in scrape.names {
      let family = try #require(scrape.families[name])
      #expect(name.hasPrefix("exeio_") || name.hasPrefix("process_"))
      #expect(name.contains(#/^[a-z_]+$/#))
      #expect(name.hasSuffix("_total") == (family.type == "counter"), "\(name)")
      #expect(family.help.hasSuffix("."), "\(name)")
      #expect(family.samples.allSatisfy { $0.value >= 0 })
    }
    #expect(Set(scrape.names).count == scrape.names.count)
  }

  @Test(arguments: ["\"", "\\", "\n", "a\\n\"b\"\n\\", "é😀", "{},=", "\r\t", ""])
  func labelsHoldAnything(text: String) throws {
    var daemon = Self.daemon
    daemon.version = text
    #expect(try scrape([], daemon).value("exeio_build_info", ["version": text]) == 1)
  }

  @Test func openMetricsHasTheSameSamples() throws {
    var daemon = Self.daemon
    daemon.loopLag.observe(.milliseconds(2))
    daemon.requestTimes.observe(.milliseconds(2), of: .list)
    var entry = Self.entry("web", .running, pid: 1)
    entry.definition.labels = ["team": "a\"b"]
    let response = Answers.metrics([Self.metrics(entry)], daemon, .openMetrics)
    #expect(
      response.headers["Content-Type"]
        == "application/openmetrics-text; version=1.0.0; charset=utf-8")
    let text = try scrape([Self.metrics(entry)], daemon)
    let open = try Exposition(response.body, isOpenMetrics: true)
    #expect(
      open.names.flatMap { open.families[$0]?.samples ?? [] }
        == text.names.flatMap { text.families[$0]?.samples ?? [] })
    #expect(open.families["exeio_process_runs"]?.type == "counter")
    #expect(open.families["exeio_build"]?.type == "info")
    #expect(open.families["exeio_process"]?.type == "info")
    #expect(open.families["exeio_loop_lag_seconds"]?.type == "histogram")
    #expect(text.families["exeio_build_info"]?.type == "gauge")
    #expect(open.names.count == text.names.count)
    #expect(throws: (any Error).self) {
      try Exposition(response.body.dropLast("# EOF\n".utf8.count), isOpenMetrics: true)
    }
  }

  @Test(
    arguments: [
      ([], .text), ([""], .text), (["*/*"], .text), (["text/plain"], .text),
      (["application/json"], .text), (["application/openmetrics-text"], .openMetrics),
      (["Application/OpenMetrics-Text ; VERSION=\"1.0.0\""], .openMetrics),
      (["application/openmetrics-text;version=0.0.1"], .text),
      (["application/openmetrics-text;version=2.0.0,*/*;q=0.1"], .text),
      (["application/openmetrics-text;q=0, */*"], .text),
      (["application/openmetrics-text;q=x"], .text),
      (["application/openmetrics-text;q=0.4,text/plain;version=0.0.4;q=0.5"], .text),
      (["application/openmetrics-text;q=0.5,text/plain;version=0.0.4;q=0.5"], .openMetrics),
      (["text/plain;q=0.2, */*;q=0.9", "application/openmetrics-text;q=0.3"], .openMetrics),
      // As Prometheus 2.42 and 3.5 have it.
      (
        [
          "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
        ], .openMetrics
      ),
      (
        [
          "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
        ], .openMetrics
      ),
    ] as [([String], MetricsFormat)])
  func theClientSaysInWhichFormatItWouldRatherHaveThem(accept: [String], format: MetricsFormat) {
    #expect(MetricsFormat(accept: accept) == format)
  }

  @Test(arguments: [
    "a 1", "# TYPE a gauge\na 1\n", "# HELP a b\na 1\n", "# HELP a b\n# TYPE a gauge\nb 1\n",
    "# HELP a b\n# TYPE a gauge\na 1\na 1\n", "# HELP a b\n# TYPE a gauge\na{} 1\n",
    "# HELP a b\n# TYPE a gauge\na{x=\"1\",} 1\n", "# HELP a b\n# TYPE a gauge\na{x=\"\"\"} 1\n",
    "# HELP a b\n# TYPE a gauge\na{x=\"\\t\"} 1\n", "# HELP a b\n# TYPE a gauge\na  1\n",
    "# HELP a b\n# TYPE a gauge\na \n", "# HELP a b\n# TYPE a gauge\n\na 1\n",
    "# HELP a b\n# TYPE a gauge\n# HELP b b\n# TYPE b gauge\nb 1\na 1\n",
    "# HELP a b\n# TYPE a gauge\na{x=\"1\",x=\"2\"} 1\n", "# HELP a b\n# TYPE a gauge\na 1.\n",
  ])
  func theReaderOfTheseTestsIsStrict(text: String) {
    #expect(throws: (any Error).self) { try Exposition(Array(text.utf8)) }
  }
}
