import Foundation
import Glibc
import TestSupport
import Testing

/// A daemon whose log directory is on a file system that does not answer.
@Suite(
  .enabled(if: HangingFiles.isPossible, "a file system of fuse(4) cannot be mounted here"),
  .serialized)
struct FrozenLogTests {
  private let files: HangingFiles

  init() throws {
    files = try HangingFiles()
    // As on a network file system: else the kernel keeps the entry of a process that has ended.
    try files.beInterruptible()
  }

  private func start() throws -> DaemonUnderTest {
    try DaemonUnderTest(["--log-dir", files.path, "--cgroup", "none"])
  }

  private func restart(_ process: String, of daemon: DaemonUnderTest) throws {
    let status = try daemon.get("/status/\(process)").object()
    let pid = try #require(status["pid"] as? Int)
    kill(Int32(pid), SIGKILL)
    try eventually("'\(process)' runs again") {
      let now = try daemon.get("/status/\(process)").object()
      return now["status"] as? String == "running" && now["pid"] as? Int != pid
    }
  }

  @Test(arguments: [HangingFiles.Operation.write, .stat])
  func othersAreRestartedAnswersComeAndTheEndDoes(_ operation: HangingFiles.Operation) throws {
    defer { files.end() }
    let daemon = try start()
    for number in 0..<6 {
      try daemon.request(
        "POST", "/add",
        #"{"id": "w\#(number)", "command": "sh", "args": ["-c", "while echo line; do sleep 0.1; done"], "auto_restart": true, "restart_delay_seconds": [0.1]}"#
      )
    }
    try daemon.request(
      "POST", "/add",
      #"{"id": "other", "command": "sleep", "args": ["1000"], "auto_restart": true, "restart_delay_seconds": [0.1]}"#
    )
    try files.hang(operation)
    try files.waitUntilHeld(operation)
    try restart("other", of: daemon)
    try restart("w0", of: daemon)
    try eventually("the wait is a problem", within: 20) {
      let problems = try daemon.get("/health").object()["problems"] as? [[String: String]]
      return problems?.contains { $0["code"] == "pool_wait" } == true
    }
    let metrics = try daemon.get("/metrics").text
    let wait = try #require(metrics.firstMatch(of: #/exeio_pool_longest_wait_seconds ([0-9.]+)/#))
    #expect(try #require(Double(wait.1)) > 5)
    #expect(metrics.contains("exeio_problems{code=\"pool_wait\"} 1\n"))
    kill(daemon.pid, SIGTERM)
    #expect(daemon.waitForExit() == 0)
  }

  @Test func whatIsOverIsNoProblemAndNothingIsLost() throws {
    defer { files.end() }
    let daemon = try start()
    try daemon.request("POST", "/add", #"{"id": "a", "command": "sleep", "args": ["1000"]}"#)
    try files.hang(.write)
    try daemon.request("POST", "/restart/a")
    func isProblem() throws -> Bool {
      try daemon.get("/metrics").text.contains("exeio_problems{code=\"pool_wait\"} 1\n")
    }
    try eventually("the wait is a problem", within: 20) { try isProblem() }
    try files.goOn()
    try eventually("it is over") { try !isProblem() }
    let lines = try daemon.get("/logs/a").text
    #expect(lines.contains("Run #2"))
    kill(daemon.pid, SIGTERM)
    #expect(daemon.waitForExit() == 0)
    let own = try String(contentsOfFile: "\(files.behind)/exeio.log", encoding: .utf8)
    #expect(own.contains("Problem pool_wait: ") && own.contains("exeio process supervisor stopped"))
  }

  /// Children are made while their logs are, but not one after the other where a disk does not
  /// answer: each would take a process and its pipes.
  @Test func manyThatWaitForTheirLogsHaveFewChildren() throws {
    defer { files.end() }
    let daemon = try start()
    // It has its own log.
    try daemon.request("POST", "/add", #"{"id": "a", "command": "sleep", "args": ["1000"]}"#)
    try files.hang(.create)
    let sockets = try (0..<40).map { number in
      try daemon.beginAdding(["id": "hung\(number)", "command": "sleep", "args": ["1000"]])
    }
    try files.waitUntilHeld(.create)
    try eventually("some have a child that waits") {
      SystemView.forks(of: daemon.pid).count > 16
    }
    try eventually("all are being started") {
      try daemon.get("/list").list().count { $0["status"] as? String == "starting" } == 40
    }
    #expect(SystemView.forks(of: daemon.pid).count == 16 + 1)
    #expect(try daemon.request("POST", "/stop/hung0").status == 200)
    try files.goOn()
    for socket in sockets { #expect(try socket.receiveAnswer(toHead: false).status == 201) }
    for number in 1..<40 { try daemon.waitFor("hung\(number)", status: "running") }
    let stopped = try daemon.status("hung0")
    #expect(stopped["status"] as? String == "manually_stopped", "\(stopped)")
    kill(daemon.pid, SIGTERM)
    #expect(daemon.waitForExit() == 0)
  }

  /// What waits for its log when its daemon is killed executes nothing any more, and is not in the
  /// way of the next daemon.
  @Test func childrenThatWaitForTheirLogsEndWithTheirDaemon() throws {
    defer { files.end() }
    let daemon = try start()
    let made = daemon.directory.appendingPathComponent("made").path
    try daemon.request("POST", "/add", #"{"id": "a", "command": "sleep", "args": ["1000"]}"#)
    try files.hang(.create)
    let socket = try daemon.beginAdding(["id": "held", "command": "touch", "args": [made]])
    try eventually("it has a child that waits") { SystemView.forks(of: daemon.pid).count == 2 }
    let forks = SystemView.forks(of: daemon.pid)
    daemon.signal(SIGKILL)
    #expect(daemon.waitForExit() == -SIGKILL)
    for pid in forks { try waitForEnd(of: pid) }
    #expect(!FileManager.default.fileExists(atPath: made))
    withExtendedLifetime(socket) {}
    try files.goOn()
    try daemon.launch()
    // It was not saved.
    #expect(try daemon.get("/status/held").status == 404)
    #expect(!FileManager.default.fileExists(atPath: made))
    kill(daemon.pid, SIGTERM)
    #expect(daemon.waitForExit() == 0)
  }

  @Test func aStartGoesOnWithoutItsLogAndAnotherDaemonCanFollow() throws {
    defer { files.end() }
    try files.hang(.create)
    let daemon = try start()
    #expect(try daemon.get("/health").status == 200)
    kill(daemon.pid, SIGKILL)
    _ = daemon.waitForExit()
    try daemon.launch()
    #expect(try daemon.get("/health").status == 200)
    kill(daemon.pid, SIGTERM)
    #expect(daemon.waitForExit() == 0)
    try files.goOn()
    try daemon.launch()
    try eventually("its log is there") {
      FileManager.default.fileExists(atPath: "\(files.behind)/exeio.log")
    }
    kill(daemon.pid, SIGTERM)
    #expect(daemon.waitForExit() == 0)
  }
}
