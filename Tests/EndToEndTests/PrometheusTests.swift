import Foundation
import Testing

/// What Prometheus itself makes of the metrics, of the alerts and of the dashboard.
@Suite(.needsPrometheus) struct PrometheusTests {
  /// A daemon with something of everything that metrics tell.
  private func makeDaemon() throws -> DaemonUnderTest {
    let daemon = try DaemonUnderTest()
    func add(_ id: String, _ script: String, _ more: [String: Any]) throws {
      try #require(try daemon.addShell(id, script, more).status == 201)
    }
    try add(
      "web", "exec sleep 1000",
      [
        "instances": 3, "labels": ["team": "a \"b\"", "über": "x"],
        "health_check": ["command": ["true"], "interval_seconds": 0.2],
      ])
    try add(
      "looping", "exit 3",
      ["restart_policy": "always", "max_restarts": 2, "restart_delay_seconds": [0.1]])
    try add("job", "exit 0", ["periodic": true, "period_seconds": 3600])
    try daemon.waitFor("looping", status: "failed")
    try daemon.waitFor("job", status: "waiting")
    try eventually("the copies are healthy") {
      let list = try daemon.get("/list?id=web").list()
      return list.count == 3
        && list.allSatisfy { ($0["health"] as? [String: Any])?["status"] as? String == "healthy" }
    }
    return daemon
  }

  @Test func promtoolFindsNothingToSayAgainstTheMetrics() throws {
    let daemon = try makeDaemon()
    let file = daemon.directory.appendingPathComponent("metrics")
    // The second answer has the histogram of the first request.
    _ = try daemon.get("/metrics")
    try Data(try daemon.get("/metrics").text.utf8).write(to: file)
    let run = try Promtool(["check", "metrics"], input: file)
    #expect(run.code == 0 && run.output.isEmpty && run.error.isEmpty, "\(run)")
    // It would have something to say.
    try Data("a_total 1\n".utf8).write(to: file)
    #expect(try Promtool(["check", "metrics"], input: file).code != 0)
  }

  @Test func whatIsAskedOfAPrometheusHasTheRightNumber() throws {
    let daemon = try makeDaemon()
    let prometheus = try PrometheusUnderTest(scraping: daemon)
    try prometheus.wait(forScrapes: 2)
    func value(_ expression: String) throws -> [Double] {
      try prometheus.query(expression).map(\.value)
    }
    #expect(try value("sum by (process) (exeio_process_up{process=\"web\"})") == [3])
    #expect(try value("exeio_process_exits_total{id=\"looping\",reason=\"exit-code\"}") == [3])
    #expect(try value("exeio_process_restarts_total{id=\"looping\"}") == [2])
    #expect(try value("sum(exeio_process_status{status=\"failed\"})") == [1])
    #expect(try value("exeio_build_info") == [1])
    #expect(
      try value(
        "exeio_process_last_success_timestamp_seconds > exeio_process_last_run_timestamp_seconds"
      ).count == 1)
    let labels = try prometheus.query("exeio_process_labels{id=\"web.1\"}")
    #expect(labels.map { $0.metric["label_team"] } == ["a \"b\""])
    // A stop takes one copy away from the sum, and counts as no failure.
    try daemon.post("/stop/web.0")
    try prometheus.wait(until: "sum(exeio_process_up{process=\"web\"})", is: 2)
    try prometheus.wait(
      until: "sum(exeio_process_exits_total{process=\"web\",reason=\"stopped\"})", is: 1)
    #expect(
      try value("sum(exeio_process_exits_total{process=\"web\",reason!=\"stopped\"})") == [0])
    try prometheus.wait(
      until: "sum(exeio_http_request_duration_seconds_count{route=\"/stop/{id}\"})", is: 1)
    #expect(try value("exeio_http_wrong_keys_total") == [0])
  }

  @Test func aReloadThatIsRefusedIsToldUntilOneSucceeds() throws {
    let daemon = try DaemonUnderTest()
    let prometheus = try PrometheusUnderTest(scraping: daemon)
    try prometheus.wait(forScrapes: 1)
    let success = "exeio_config_last_reload_successful"
    try prometheus.wait(until: success, is: 1)
    try Data("{".utf8).write(to: daemon.processesFile)
    #expect(try daemon.post("/reload").status != 200)
    try prometheus.wait(until: success, is: 0)
    // The alert has no delay.
    try prometheus.wait(until: "count(ALERTS{alertname=\"ExeioReloadFailed\"})", is: 1)
    try FileManager.default.removeItem(at: daemon.processesFile)
    try eventually("a reload succeeds") { try daemon.post("/reload?dry_run=true").status == 200 }
    #expect(try prometheus.query(success).map(\.value) == [0])
    #expect(try daemon.post("/reload").status == 200)
    try prometheus.wait(until: success, is: 1)
  }

  @Test func theAlertsAreWhatTheirTestsSay() throws {
    let directory = PrometheusUnderTest.alerts.deletingLastPathComponent()
    let check = try Promtool(["check", "rules", "alerts.yml"], in: directory)
    #expect(check.code == 0, "\(check)")
    let run = try Promtool(["test", "rules", "alerts-test.yml"], in: directory)
    #expect(run.code == 0, "\(run)")
    let alerts = try String(contentsOf: PrometheusUnderTest.alerts, encoding: .utf8)
    let tests = try String(
      contentsOf: directory.appendingPathComponent("alerts-test.yml"), encoding: .utf8)
    let names = alerts.matches(of: #/- alert: (\w+)/#).map { String($0.1) }
    #expect(names.count == Set(names).count && names.count > 10)
    // Each fires in a test.
    #expect(
      Set(names) == Set(tests.matches(of: #/(?m)^        alertname: (\w+)$/#).map { String($0.1) }))
  }

  @Test func everyQueryOfTheDashboardHasAnAnswer() throws {
    let file = PrometheusUnderTest.shipped.appendingPathComponent("grafana/exeio.json")
    let dashboard = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    let panels = try #require(dashboard["panels"] as? [[String: Any]])
    let queries = panels.flatMap { $0["targets"] as? [[String: Any]] ?? [] }
      .compactMap { $0["expr"] as? String }
    #expect(queries.count > 30)
    let daemon = try makeDaemon()
    let prometheus = try PrometheusUnderTest(scraping: daemon)
    try prometheus.wait(forScrapes: 4)
    for query in queries {
      let filled = query.replacing("$__rate_interval", with: "1m").replacing("$job", with: "exeio")
        .replacing("$instance", with: ".*").replacing("$process", with: ".*")
      #expect(!filled.contains("$"), "\(query) has an unknown variable")
      let answer = try prometheus.query(filled)
      // Only a process in a cgroup has a limit.
      if query.contains("_limit_bytes") { continue }
      #expect(!answer.isEmpty, "\(query)")
    }
    let variables = try #require(
      (dashboard["templating"] as? [String: Any])?["list"] as? [[String: Any]])
    #expect(
      variables.compactMap { $0["name"] as? String } == [
        "datasource", "job", "instance", "process",
      ])
  }
}
