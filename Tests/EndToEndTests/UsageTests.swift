import Foundation
import Testing

/// What processes use, as the daemon tells it.
struct UsageTests {
  @Test func aBusyProcessShowsItsMemoryAndItsShareOfTheCPU() throws {
    let daemon = try DaemonUnderTest()
    let script = "$x = \"x\" x (64 << 20); $| = 1; print \"ready\\n\"; 1 while 1"
    try daemon.add(["id": "busy", "command": "perl", "args": ["-e", script]])
    try daemon.addShell("idle", "exec sleep 1000")
    try daemon.waitFor("busy", line: "STDOUT: ready")
    // Another look is made when the last one is a second old; the machine may have little time for
    // us.
    let entry = try eventually("the list shows what it uses") {
      let list = try daemon.get("/list").list()
      let entry = try #require(list.first { $0["id"] as? String == "busy" })
      let memory = entry["memory_bytes"] as? Int ?? 0
      let percent = entry["cpu_percent"] as? Double ?? 0
      return memory >= 64 << 20 && percent >= 5 ? entry : nil
    }
    #expect(try #require(entry["memory_bytes"] as? Int) < 192 << 20)
    // One thread, and a clock with ticks of 10 ms.
    #expect(try #require(entry["cpu_percent"] as? Double) <= 110)
    let idle = try daemon.status("idle")
    #expect(try #require(idle["memory_bytes"] as? Int) > 0)
    #expect(try #require(idle["memory_bytes"] as? Int) < 32 << 20)
    #expect(idle["cpu_percent"] is NSNumber)
    try daemon.post("/stop/busy")
    let stopped = try daemon.status("busy")
    #expect(stopped["memory_bytes"] is NSNull)
    #expect(stopped["cpu_percent"] is NSNull)
  }

  @Test func metricsCountOverRunsAndGoWithTheProcess() throws {
    let daemon = try DaemonUnderTest()
    func value(_ sample: String) throws -> Double? {
      let answer = try daemon.get("/metrics")
      #expect(answer.status == 200)
      #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
      let line = answer.text.split(separator: "\n").first { $0.hasPrefix("\(sample) ") }
      return line.flatMap { Double($0.dropFirst(sample.utf8.count + 1)) }
    }
    // Each run uses a fifth of a second, and the daemon does not look while it runs.
    try daemon.addShell("worker", "perl -e '1 while times < 0.2'; exit 3")
    try daemon.waitFor("worker", status: "stopped")
    let first = try #require(
      try value(#"exeio_process_cpu_seconds_total{id="worker",process="worker"}"#))
    #expect(first >= 0.2)
    #expect(try value(#"exeio_process_memory_bytes{id="worker",process="worker"}"#) == nil)
    #expect(try value(#"exeio_process_last_exit_code{id="worker",process="worker"}"#) == 3)
    #expect(try value(#"exeio_process_status{id="worker",process="worker",status="stopped"}"#) == 1)
    try daemon.post("/start/worker")
    try daemon.waitFor("worker", status: "stopped")
    let second = try #require(
      try value(#"exeio_process_cpu_seconds_total{id="worker",process="worker"}"#))
    #expect(second >= first + 0.2)
    #expect(try value(#"exeio_process_runs_total{id="worker",process="worker"}"#) == 2)
    #expect(
      try #require(
        try value(#"exeio_process_log_written_bytes_total{id="worker",process="worker"}"#)) > 0)
    #expect(try value("exeio_process_up{id=\"worker\",process=\"worker\"}") == 0)
    #expect(try #require(try value("process_resident_memory_bytes")) > 1_000_000)
    #expect(try value("exeio_http_connections") == 1)
    _ = try daemon.request("GET", "/list", key: "wrong")
    #expect(try value("exeio_http_wrong_keys_total") == 1)
    #expect(try value(#"exeio_http_requests_total{method="GET",code="4xx"}"#) == 1)
    #expect(try #require(try value(#"exeio_http_requests_total{method="POST",code="2xx"}"#)) >= 1)
    try daemon.post("/remove/worker")
    #expect(try value(#"exeio_process_cpu_seconds_total{id="worker",process="worker"}"#) == nil)
    #expect(try daemon.request("GET", "/metrics", key: nil).status == 401)
  }

  @Test func aLimitThatCannotBeKeptIsRefused() throws {
    let daemon = try DaemonUnderTest(["--cgroup", "none"])
    let answer = try daemon.add([
      "id": "small", "command": "sleep", "args": ["1000"], "tasks_max": 50,
    ])
    #expect(answer.status == 400)
    #expect(try answer.message.hasPrefix(#""tasks_max" cannot be kept here"#))
  }
}
