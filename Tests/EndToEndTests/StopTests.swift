import Foundation
import Testing

/// Stopping means stopped: no second copy, no orphan, no zombie, and TERM before KILL.
struct StopTests {
  /// A process that was stopped takes its stop signal only when it goes on; so does what a killed
  /// daemon left.
  @Test(arguments: ["stop", "restart", "shutdown", "crash"])
  func whatWasStoppedEndsInOrder(verb: String) throws {
    let daemon = try DaemonUnderTest()
    let file = daemon.directory.appendingPathComponent("said")
    try daemon.addShell(
      "web",
      "exec > /dev/null 2>&1; trap 'echo TERM >> \(file.path); exit 0' TERM; : >> \(file.path); sleep 1000 & wait",
      ["save_for_next_run": true])
    try eventually("it can be ended") { FileManager.default.fileExists(atPath: file.path) }
    let pid = try #require(try daemon.status("web")["pid"] as? Int)
    #expect(kill(-Int32(pid), SIGSTOP) == 0)
    try eventually("it stands still") { SystemView.isStopped(Int32(pid)) }
    switch verb {
    case "shutdown":
      #expect(try daemon.post("/shutdown").status == 200)
      #expect(daemon.waitForExit() == 0)
    case "crash":
      daemon.signal(SIGKILL)
      #expect(daemon.waitForExit() == -SIGKILL)
      try daemon.launch()
      try eventually("the old one has gone") { !SystemView.isAlive(Int32(pid)) }
    default:
      #expect(try daemon.post("/\(verb)/web").status == 200)
    }
    #expect(try String(contentsOf: file, encoding: .utf8).hasPrefix("TERM"))
  }

  @Test(arguments: ["stop", "remove"])
  func stoppingAnAutoRestartProcessEndsIt(verb: String) throws {
    let daemon = try DaemonUnderTest()
    let marker = SystemView.uniqueSleep()
    try daemon.addShell("web", "exec sleep \(marker)", ["auto_restart": true])
    #expect(try daemon.post("/\(verb)/web").status == 200)
    #expect(SystemView.processes(matching: marker).isEmpty)
    #expect(SystemView.children(of: daemon.pid).isEmpty)
    if verb == "stop" {
      #expect(try daemon.status("web")["status"] as? String == "manually_stopped")
    } else {
      #expect(try daemon.get("/status/web").status == 404)
    }
  }

  @Test func restartingLeavesOneCopy() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("web", "exec sleep 1000", ["auto_restart": true])
    let first = try #require(try daemon.status("web")["pid"] as? Int)
    #expect(try daemon.post("/restart/web").status == 200)
    let second = try #require(try daemon.status("web")["pid"] as? Int)
    #expect(first != second)
    #expect(!SystemView.isAlive(Int32(first)))
    #expect(SystemView.children(of: daemon.pid) == [Int32(second)])
  }

  @Test func stopDuringTheRestartDelayCancelsTheRestart() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("crash", "exit 1", ["auto_restart": true])
    try daemon.waitFor("crash", status: "backoff")
    #expect(try daemon.post("/stop/crash").status == 200)
    let entry = try daemon.status("crash")
    #expect(entry["status"] as? String == "manually_stopped")
    #expect(entry["next_run"] is NSNull)
    #expect(entry["run_count"] as? Int == 1)
  }

  @Test func stopEndsTheWholeGroup() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("group", "sleep 1000 & echo child=$!; wait")
    let line = try eventually("the child's pid is logged") {
      try daemon.log("group").first { $0.hasPrefix("STDOUT: child=") }
    }
    let child = try #require(Int32(line.split(separator: "=")[1]))
    #expect(SystemView.isAlive(child))
    #expect(try daemon.post("/stop/group").status == 200)
    #expect(!SystemView.isAlive(child))
    #expect(SystemView.children(of: daemon.pid).isEmpty)
  }

  @Test func whatALeaderLeavesBehindIsEndedBeforeTheNextRun() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell(
      "leaky", "sleep 1000 & echo child=$!; exit 0", ["stop_timeout_seconds": 5])
    try daemon.waitFor("leaky", status: "stopped")
    let line = try #require(try daemon.log("leaky").first { $0.hasPrefix("STDOUT: child=") })
    let child = try #require(Int32(line.split(separator: "=")[1]))
    #expect(!SystemView.isAlive(child))
  }

  @Test func aStopSendsTermAndLetsTheProcessTidyUp() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell(
      "tidy", "trap 'echo tidying; exit 0' TERM; echo ready; while :; do sleep 0.05; done")
    try daemon.waitFor("tidy", line: "STDOUT: ready")
    #expect(try daemon.post("/stop/tidy").status == 200)
    #expect(try daemon.log("tidy").contains("STDOUT: tidying"))
    let exit = try #require(try daemon.status("tidy")["last_exit"] as? [String: Any])
    #expect(exit["code"] as? Int == 0)
  }

  @Test func aProcessThatIgnoresTermIsKilledAfterItsTimeout() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell(
      "deaf", "trap '' TERM; echo ready; while :; do sleep 0.05; done",
      ["stop_timeout_seconds": 0.3])
    try daemon.waitFor("deaf", line: "STDOUT: ready")
    #expect(try daemon.post("/stop/deaf").status == 200)
    let exit = try #require(try daemon.status("deaf")["last_exit"] as? [String: Any])
    #expect(exit["signal"] as? String == "SIGKILL")
    #expect(SystemView.children(of: daemon.pid).isEmpty)
  }

  @Test func theStopSignalIsTheDefinitionsOwn() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell(
      "int", "trap 'echo got-int; exit 3' INT; echo ready; while :; do sleep 0.05; done",
      ["stop_signal": "INT"])
    try daemon.waitFor("int", line: "STDOUT: ready")
    try daemon.post("/stop/int")
    #expect(try daemon.log("int").contains("STDOUT: got-int"))
  }

  @Test func aPeriodicRunInProgressDoesNotSurviveAStop() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("job", "exec sleep 1000", ["periodic": true, "period_seconds": 1])
    let pid = try #require(try daemon.status("job")["pid"] as? Int)
    #expect(try daemon.post("/stop/job").status == 200)
    #expect(!SystemView.isAlive(Int32(pid)))
    #expect(try daemon.status("job")["status"] as? String == "manually_stopped")
  }

  @Test func endedProcessesAreNeitherZombiesNorListedAsRunning() throws {
    let daemon = try DaemonUnderTest()
    for index in 0..<5 { try daemon.addShell("short-\(index)", "exit \(index)") }
    for index in 0..<5 {
      let entry = try daemon.waitFor("short-\(index)", status: "stopped")
      #expect(entry["is_running"] as? Bool == false)
      #expect(entry["pid"] is NSNull)
    }
    #expect(SystemView.zombies(of: daemon.pid).isEmpty)
  }

  @Test func stopAllEndsAllAtOnce() throws {
    let daemon = try DaemonUnderTest()
    for index in 0..<5 {
      try daemon.addShell("p\(index)", "exec sleep 1000", ["auto_restart": true])
    }
    let answer = try daemon.post("/stop-all").object()
    let results = try #require(answer["results"] as? [[String: Any]])
    #expect(results.map { $0["id"] as? String } == (0..<5).map { "p\($0)" })
    #expect(results.allSatisfy { $0["success"] as? Bool == true })
    #expect(SystemView.children(of: daemon.pid).isEmpty)
    #expect(try daemon.post("/start-all").status == 200)
    #expect(SystemView.children(of: daemon.pid).count == 5)
  }
}
