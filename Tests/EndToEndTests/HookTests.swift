import Foundation
import Glibc
import TestSupport
import Testing

/// What is executed before and after the runs of a process.
struct HookTests {
  private func shell(_ script: String) -> [String] { ["sh", "-c", script] }

  @Test func theHookBeforeARunHasEndedWhenItsCommandStarts() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell(
      "web", "cat made; echo run",
      [
        "working_dir": daemon.directory.path, "environment": ["WORD": "prepared"],
        "before_start": shell("echo out; echo err >&2; echo $WORD $EXEIO_ID > made; printf last"),
      ])
    try daemon.waitFor("web", line: "STDOUT: run")
    let origin = "SYSTEM 127.0.0.1:\(daemon.port): "
    let log = try daemon.log("web")
    #expect(log.first == origin + "Starting process 'web' (Run #1)")
    #expect(
      Set(log[1...4])
        == Set(
          ["out", "err", "last"].map { "\(origin)before_start: \($0)" } + [
            "\(origin)before_start: exit status: 0"
          ]))
    #expect(log[4] == "\(origin)before_start: exit status: 0")
    #expect(log[5] == "STDOUT: prepared web")
  }

  @Test(arguments: [
    (["sh", "-c", "exit 3"], "before_start: exit status: 3"),
    (
      ["sh", "-c", "echo no database >&2; echo; echo >&2; exit 3"],
      "before_start: exit status: 3; last line on stderr: no database"
    ),
    (["sh", "-c", "kill -9 $$"], "before_start: signal: 9 (SIGKILL)"),
    (["/no/such"], "before_start '/no/such': No such file or directory"),
    (["sh", "-c", "trap '' TERM; sleep 1000"], "before_start: timed out after 0.2s"),
  ])
  func aHookThatFailsIsAFailedStart(hook: [String], reason: String) throws {
    let daemon = try DaemonUnderTest()
    let answer = try daemon.addShell(
      "web", "echo never",
      ["before_start": hook, "hook_timeout_seconds": reason.contains("timed out") ? 0.2 : 60])
    #expect(answer.status == 201)
    #expect(try answer.message.contains(reason))
    let entry = try daemon.waitFor("web", status: "failed")
    #expect(entry["error"] as? String == "could not be started: \(reason)")
    #expect(entry["run_count"] as? Int == 0)
    #expect(try daemon.log("web").allSatisfy { !$0.contains("STDOUT") })
  }

  @Test(arguments: Containment.possible)
  func nothingOfAHookIsLeftHoweverItEnds(containment: Containment) throws {
    let contained = try ContainedDaemon(containment)
    let daemon = contained.daemon
    let marker = SystemView.uniqueSleep()
    let family = "trap '' TERM; setsid sleep \(marker) & sleep \(marker) &"
    // It ends by itself.
    try daemon.addShell("one", "exec sleep 1000", ["before_start": shell("\(family) exit 0")])
    #expect(SystemView.processes(matching: marker).isEmpty)
    #expect(try daemon.status("one")["status"] as? String == "running")
    // It takes too long.
    try daemon.addShell(
      "two", "exec sleep 1000",
      ["before_start": shell("\(family) wait; wait"), "hook_timeout_seconds": 0.2])
    #expect(SystemView.processes(matching: marker).isEmpty)
    #expect(try daemon.status("two")["status"] as? String == "failed")
  }

  /// A migration is told to end as any run is, and not cut off.
  @Test func aHookThatIsStoppedHearsTheStopSignalFirst() throws {
    let daemon = try DaemonUnderTest()
    let adding = try daemon.connect()
    let body =
      #"{"id": "web", "command": "true", "stop_signal": "INT", "before_start": ["sh", "-c", "trap 'echo put away; exit 1' INT; echo began; while :; do sleep 0.05; done"]}"#
    try adding.send(
      "POST \(daemon.path("/add")) HTTP/1.1\r\nHost: 127.0.0.1:\(daemon.port)\r\nexeio-api-key: test-key\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    try daemon.waitFor("web", lineContaining: "before_start: began")
    #expect(try daemon.post("/stop/web").status == 200)
    try daemon.waitFor("web", lineContaining: "before_start: put away")
    let entry = try daemon.status("web")
    #expect(entry["status"] as? String == "manually_stopped")
    #expect(entry["run_count"] as? Int == 0)
  }

  @Test func aStopEndsTheHookAndNothingStarts() throws {
    let daemon = try DaemonUnderTest()
    let marker = SystemView.uniqueSleep()
    let adding = try daemon.connect()
    let body =
      #"{"id": "web", "command": "true", "before_start": ["sh", "-c", "setsid sleep \#(marker) & sleep \#(marker)"]}"#
    try adding.send(
      "POST \(daemon.path("/add")) HTTP/1.1\r\nHost: 127.0.0.1:\(daemon.port)\r\nexeio-api-key: test-key\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    try eventually("the hook runs") {
      SystemView.processes(matching: "sleep\0\(marker)").count == 2
    }
    #expect(try daemon.status("web")["status"] as? String == "starting")
    #expect(try daemon.post("/stop/web").status == 200)
    #expect(SystemView.processes(matching: marker).isEmpty)
    #expect(try adding.receiveAnswer().status == 201)
    let entry = try daemon.status("web")
    #expect(entry["status"] as? String == "manually_stopped")
    #expect(entry["run_count"] as? Int == 0)
  }

  @Test(arguments: [
    ("exit 7", "code=7 signal="), ("kill -TERM $$", "code= signal=SIGTERM"),
  ])
  func theHookAfterARunKnowsHowThatEnded(script: String, words: String) throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell(
      "web", script,
      ["after_exit": shell("echo $EXEIO_ID code=$EXEIO_EXIT_CODE signal=$EXEIO_EXIT_SIGNAL")])
    try daemon.waitFor("web", line: "after_exit: web \(words)")
    try daemon.waitFor("web", line: "after_exit: exit status: 0")
  }

  @Test func theNextRunWaitsForTheHookAfterTheLast() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell(
      "web", "test -e \(daemon.directory.path)/made && echo second && exec sleep 1000",
      [
        "restart_policy": "always", "restart_delay_seconds": [0.1],
        "after_exit": shell("sleep 0.5; touch \(daemon.directory.path)/made"),
      ])
    try daemon.waitFor("web", line: "STDOUT: second")
    #expect(try daemon.status("web")["run_count"] as? Int == 2)
  }

  @Test func aSecondSignalEndsAHookAtOnce() throws {
    let daemon = try DaemonUnderTest()
    let marker = SystemView.uniqueSleep()
    try daemon.addShell("web", "exec sleep 1000", ["after_exit": shell("exec sleep \(marker)")])
    daemon.signal(SIGTERM)
    try eventually("the hook runs") {
      SystemView.processes(matching: "sleep\0\(marker)").count == 1
    }
    #expect(daemon.isRunning)
    daemon.signal(SIGTERM)
    #expect(daemon.waitForExit() == 0)
    #expect(SystemView.processes(matching: marker).isEmpty)
  }

  @Test(arguments: Containment.possible)
  func aHookThatAKilledDaemonLeftIsEndedByTheNext(containment: Containment) throws {
    let contained = try ContainedDaemon(containment)
    let daemon = contained.daemon
    let marker = SystemView.uniqueSleep()
    try daemon.addShell(
      "web", "exit 0",
      ["after_exit": shell("trap '' TERM; setsid sleep \(marker) & sleep \(marker)")])
    try eventually("the hook runs") {
      SystemView.processes(matching: "sleep\0\(marker)").count == 2
    }
    daemon.signal(SIGKILL)
    #expect(daemon.waitForExit() == -SIGKILL)
    #expect(!SystemView.processes(matching: marker).isEmpty)
    try daemon.launch()
    try daemon.waitFor("exeio", lineContaining: "Ended a hook or probe of process 'web' (PID: ")
    #expect(SystemView.processes(matching: marker).isEmpty)
  }
}
