import Foundation
import Glibc
import TestSupport
import Testing

/// Health checks against real servers, and with real commands.
struct ProbeTests {
  private func add(
    _ check: [String: Any], to daemon: DaemonUnderTest, _ script: String = "exec sleep 1000"
  ) throws {
    // A machine that is busy takes longer to answer than one would think: only tests of it have a
    // short time.
    let times: [String: Any] = [
      "interval_seconds": 0.1, "timeout_seconds": 60, "retries": 2, "on_failure": "report",
    ]
    try daemon.addShell("web", script, ["health_check": times.merging(check) { $1 }])
  }

  /// Waits for the log to say why it is unhealthy.
  private func waitForFailure(_ words: String, _ daemon: DaemonUnderTest) throws {
    let line = try daemon.waitFor("web", lineContaining: "is unhealthy")
    #expect(line.hasSuffix(": \(words)"), "\(line)")
  }

  /// A server that does with each connection what the words say: see `serve` in `Tests/TestHelper`.
  private func withServer(_ words: String..., body: (Int) throws -> Void) throws {
    let process = Foundation.Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: TestPrograms.helper)
    process.arguments = ["serve"] + words
    process.standardOutput = output
    try process.run()
    defer {
      // What starts it here may have blocked the others.
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    let text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    try body(try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines))))
  }

  @Test func aServerThatAnswersIsHealthy() throws {
    let daemon = try DaemonUnderTest()
    try add(["http": "http://localhost:\(daemon.port)/info?x=1"], to: daemon)
    try daemon.waitFor("web", lineContaining: "is healthy")
  }

  @Test func anotherStatusIsAFailure() throws {
    let daemon = try DaemonUnderTest()
    try add(["http": "http://127.0.0.1:\(daemon.port)/list"], to: daemon)
    try waitForFailure("HTTP status 401", daemon)
  }

  @Test func whatIsAskedIsAWholeRequestAndABodyWithoutEndIsNotReadToIt() throws {
    let daemon = try DaemonUnderTest()
    let wanted =
      "GET /a%20b?c HTTP/1.1\\r\\nHost: 127.0.0.1:PORT\\r\\nUser-Agent: exeio\\r\\nAccept: */*\\r\\n"
      + "Connection: close\\r\\n\\r\\n"
    try withServer("wanted=\(wanted)", "endless") { port in
      try add(["http": "http://127.0.0.1:\(port)/a%20b?c"], to: daemon)
      let line = try daemon.waitFor("web", lineContaining: "health")
      #expect(line.contains("is healthy"), "\(line)")
    }
  }

  @Test(arguments: [
    ("read", "timed out after 0.3s"),
    (#"send=HTTP/1.1 200 OK\r\n"#, "timed out after 0.3s"),
    ("close", "the server closed the connection without an answer"),
    (#"send=SSH-2.0\r\n\r\n"#, "the server did not answer in HTTP"),
  ])
  func aServerThatDoesNotAnswerIsAFailure(answer: String, words: String) throws {
    let daemon = try DaemonUnderTest()
    // A server that closes before it has read resets the connection: it reads first.
    try withServer("read", answer) { port in
      let limit = words.hasPrefix("timed out") ? 0.3 : 60
      try add(["http": "http://127.0.0.1:\(port)/", "timeout_seconds": limit], to: daemon)
      let line = try daemon.waitFor("web", lineContaining: "is unhealthy")
      #expect(line.contains(": \(words)"), "\(line)")
    }
  }

  @Test func aPortIsHealthyWhenItTakesConnections() throws {
    let daemon = try DaemonUnderTest()
    try withServer { port in
      try add(["tcp": "localhost:\(port)"], to: daemon)
      try daemon.waitFor("web", lineContaining: "is healthy")
    }
  }

  @Test func aPortThatRefusesAndANameThatIsUnknownAreNamed() throws {
    let daemon = try DaemonUnderTest()
    let closed = try ClosedPort()
    try add(["tcp": "127.0.0.1:\(closed.port)"], to: daemon)
    try waitForFailure("connect 127.0.0.1:\(closed.port): Connection refused", daemon)
    let other = try DaemonUnderTest()
    try add(["tcp": "no-such-host.invalid:80", "timeout_seconds": 30], to: other)
    let line = try other.waitFor("web", lineContaining: "is unhealthy")
    #expect(line.contains(": resolve no-such-host.invalid: "))
  }

  @Test func aCommandRunsInTheEnvironmentOfItsProcess() throws {
    let daemon = try DaemonUnderTest()
    let check = ["sh", "-c", "test $EXEIO_ID-$WORD-$PWD = web-up-/ && test -z $NOTIFY_SOCKET"]
    try daemon.addShell(
      "web", "exec sleep 1000",
      [
        "health_check": ["command": check, "interval_seconds": 0.1, "timeout_seconds": 60],
        "environment": ["WORD": "up"], "working_dir": "/", "watchdog_seconds": 100,
      ])
    let line = try daemon.waitFor("web", lineContaining: "health")
    #expect(line.contains("is healthy"), "\(line)")
  }

  @Test(arguments: [
    (
      ["sh", "-c", "echo one; echo; echo two >&2; sleep 0.1; printf 'three '; echo; exit 4"],
      "exit status: 4: three "
    ),
    (["false"], "exit status: 1"),
    (["sh", "-c", "kill -9 $$"], "signal: 9 (SIGKILL)"),
    (["/no/such"], "health_check '/no/such': No such file or directory"),
  ])
  func aCommandThatFailsSaysItsLastWords(command: [String], words: String) throws {
    let daemon = try DaemonUnderTest()
    try add(["command": command], to: daemon)
    try waitForFailure(words, daemon)
  }

  @Test(arguments: Containment.possible)
  func aCommandThatTakesTooLongDiesWithAllOfItAndNeverRunsTwiceAtOnce(
    containment: Containment
  ) throws {
    let contained = try ContainedDaemon(containment)
    let daemon = contained.daemon
    let marker = SystemView.uniqueSleep()
    let script =
      "pgrep -fx 'sleep \(marker)' > /dev/null && echo TWICE > twice; trap '' TERM; "
      + "setsid sleep \(marker) & sleep \(marker) & sleep \(marker)"
    try add(["command": ["sh", "-c", script], "timeout_seconds": 0.3], to: daemon)
    try waitForFailure("timed out after 0.3s", daemon)
    #expect(try daemon.post("/stop/web").status == 200)
    try eventually("the last probe is gone") {
      SystemView.processes(matching: "sleep\0\(marker)").isEmpty
        && SystemView.children(of: daemon.pid).isEmpty
    }
    #expect(
      !FileManager.default.fileExists(
        atPath: daemon.directory.appendingPathComponent("work/twice").path))
  }

  @Test func aShutdownWaitsForNoProbeAndLeavesNone() throws {
    let daemon = try DaemonUnderTest()
    let marker = SystemView.uniqueSleep()
    try add(
      [
        "command": ["sh", "-c", "setsid sleep \(marker) & sleep \(marker)"], "timeout_seconds": 600,
      ],
      to: daemon)
    try eventually("the probe runs") {
      SystemView.processes(matching: "sleep\0\(marker)").count == 2
    }
    daemon.signal(SIGTERM)
    #expect(daemon.waitForExit() == 0)
    #expect(SystemView.processes(matching: marker).isEmpty)
  }

  @Test func aProbeThatAKilledDaemonLeftIsEndedByTheNext() throws {
    let daemon = try DaemonUnderTest()
    let marker = SystemView.uniqueSleep()
    try add(["command": ["sleep", marker], "timeout_seconds": 600], to: daemon)
    try eventually("the probe runs") {
      SystemView.processes(matching: "sleep\0\(marker)").count == 1
    }
    daemon.signal(SIGKILL)
    #expect(daemon.waitForExit() == -SIGKILL)
    try daemon.launch()
    try daemon.waitFor("exeio", lineContaining: "Ended a hook or probe of process 'web' (PID: ")
    #expect(SystemView.processes(matching: marker).isEmpty)
  }

  @Test(arguments: Containment.possible)
  func theMemoryOfAllProcessesOfARunCounts(containment: Containment) throws {
    let contained = try ContainedDaemon(containment)
    let daemon = contained.daemon
    // Two of 30 MB, one of them in a session of its own.
    let hog = "perl -e '$x = \"x\" x (30 << 20); sleep 1000'"
    try daemon.addShell(
      "web", "setsid \(hog) & \(hog) & wait", ["restart_above_memory_bytes": 50 << 20])
    let line = try daemon.waitFor(
      "web", lineContaining: "restart_above_memory_bytes is \(50 << 20)")
    let sizes = line.matches(of: #/(\d{8,}) /#).compactMap { Int($0.1) }
    #expect(!sizes.isEmpty && sizes.allSatisfy { $0 > 60 << 20 && $0 < 200 << 20 }, "\(line)")
  }
}
