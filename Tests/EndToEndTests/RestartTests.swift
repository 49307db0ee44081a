import Foundation
import Testing

/// Processes that die come back, each by its own clock.
struct RestartTests {
  @Test func fiveProcessesKilledTogetherComeBackTogether() throws {
    let daemon = try DaemonUnderTest()
    var old: [Int] = []
    for index in 0..<5 {
      try daemon.addShell(
        "p\(index)", "exec sleep 1000", ["auto_restart": true, "restart_delay_seconds": [5]])
      old.append(try #require(try daemon.status("p\(index)")["pid"] as? Int))
    }
    for pid in old { kill(Int32(pid), SIGKILL) }
    let starts = try (0..<5).map { index in
      let entry = try eventually("p\(index) is back") {
        let entry = try daemon.status("p\(index)")
        return entry["status"] as? String == "running" && entry["run_count"] as? Int == 2
          ? entry : nil
      }
      let time = try #require(entry["last_run"] as? String)
      return try #require(ISO8601DateFormatter().date(from: time))
    }.sorted()
    // Had they waited for each other, the starts would lie 5 s apart, 20 s in all.
    #expect(starts[4].timeIntervalSince(starts[0]) < 10, "started at \(starts)")
  }

  @Test func theMessagesOfAnAutomaticRestartAreTheSeeds() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("web-server", "exit 1", ["auto_restart": true])
    let first = try #require(
      try daemon.waitFor("web-server", line: "in 2s").firstMatch(of: #/PID: (\d+)/#)?.1)
    try daemon.waitFor("web-server", line: "after crash with exit code 1 (PID: \(first))")
    let origin = "SYSTEM 127.0.0.1:\(daemon.port): "
    let log = try daemon.log("web-server")
    let wanted = [
      "Starting process 'web-server' (Run #1)",
      "Auto-restart monitor started for process 'web-server' (PID: \(first))",
      "Auto-restart monitor detected process 'web-server' (PID: \(first)) has exited with status: exit status: 1",
      "Auto-restart decision for 'web-server': should_restart=true, was_manual_stop=false, delay=2s",
      "Initiating auto-restart for process 'web-server' (PID: \(first)) in 2s",
      "Auto-restarting process 'web-server' after crash with exit code 1 (PID: \(first))",
    ].map { origin + $0 }
    #expect(Array(log.prefix(6)) == wanted)
  }

  @Test func aKilledProcessIsRestartedAndTheSignalIsNamed() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("web", "exec sleep 1000", ["auto_restart": true])
    let pid = try #require(try daemon.status("web")["pid"] as? Int)
    kill(Int32(pid), SIGKILL)
    try daemon.waitFor("web", line: "after external kill signal 9 (PID: \(pid))")
    let entry = try daemon.waitFor("web", status: "running")
    let exit = try #require(entry["last_exit"] as? [String: Any])
    #expect(exit["signal"] as? String == "SIGKILL")
    #expect(entry["restart_count"] as? Int == 1)
  }

  @Test func aProcessGivesUpAfterMaxRestarts() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("once", "exit 7", ["auto_restart": true, "max_restarts": 0])
    let entry = try daemon.waitFor("once", status: "failed")
    #expect((entry["error"] as? String)?.contains("gave up") == true)
  }

  @Test func onFailureLeavesASuccessAlone() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("ok", "exit 0", ["restart_policy": "on-failure"])
    try daemon.addShell(
      "also-ok", "exit 5", ["restart_policy": "on-failure", "success_exit_codes": [0, 5]])
    try daemon.addShell("bad", "exit 5", ["restart_policy": "on-failure"])
    try daemon.waitFor("ok", status: "stopped")
    try daemon.waitFor("also-ok", status: "stopped")
    try daemon.waitFor("bad", status: "backoff")
  }

  @Test func periodicRunsFollowEachOtherAndAreNumbered() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("job", "echo tick", ["periodic": true, "period_seconds": 0.2])
    try daemon.waitFor("job", line: "RUN#3 STDOUT: tick")
    let log = try daemon.log("job").filter { $0.hasPrefix("RUN#") }
    #expect(Array(log.prefix(3)) == (1...3).map { "RUN#\($0) STDOUT: tick" })
    try daemon.post("/stop/job")
    #expect(try daemon.status("job")["status"] as? String == "manually_stopped")
  }

  @Test func aCommandThatIsNotThereIsSaidSoAndRetried() throws {
    let daemon = try DaemonUnderTest()
    let answer = try daemon.add([
      "id": "ghost", "command": "/no/such/program", "auto_restart": true,
    ])
    #expect(answer.status == 201)
    #expect(try answer.message.contains("No such file or directory"))
    let entry = try daemon.status("ghost")
    #expect(entry["status"] as? String == "backoff")
    #expect((entry["error"] as? String)?.contains("'/no/such/program'") == true)
    let lonely = try daemon.add(["id": "ghost-2", "command": "no-such-program"])
    #expect(lonely.status == 201)
    #expect(try daemon.status("ghost-2")["status"] as? String == "failed")
  }

  @Test func aWorkingDirectoryThatIsNotThereIsNamed() throws {
    let daemon = try DaemonUnderTest()
    try daemon.add(["id": "lost", "command": "true", "working_dir": "/no/such/dir"])
    let error = try #require(try daemon.status("lost")["error"] as? String)
    #expect(error.contains("working_dir '/no/such/dir': No such file or directory"))
  }

  @Test func aThousandRestartsLeaveNothingBehind() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("web", "exec sleep 1000")
    for _ in 0..<20 { #expect(try daemon.post("/restart/web").status == 200) }
    let descriptors = SystemView.descriptorCount(of: daemon.pid)
    let memory = try #require(SystemView.statusValue("RssAnon", of: daemon.pid))
    for _ in 0..<1000 { #expect(try daemon.post("/restart/web").status == 200) }
    #expect(SystemView.descriptorCount(of: daemon.pid) == descriptors)
    // One, and those of the pool.
    #expect(SystemView.threadCount(of: daemon.pid) <= 17)
    #expect(SystemView.children(of: daemon.pid).count == 1)
    let after = try #require(SystemView.statusValue("RssAnon", of: daemon.pid))
    #expect(
      DaemonUnderTest.isSanitized || after < memory + 1024,
      "RssAnon went from \(memory) to \(after) KiB")
  }
}
