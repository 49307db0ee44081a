import Foundation
import Testing

/// The daemon's own life: start, single instance, signals, shutdown, what a killed one left.
struct LifecycleTests {
  @Test func sigtermEndsEverythingInOrder() throws {
    let daemon = try DaemonUnderTest()
    let marker = SystemView.uniqueSleep()
    for index in 0..<3 {
      try daemon.addShell(
        "p\(index)", "exec sleep \(marker)", ["auto_restart": true])
    }
    // While a process executes its command it has no command line for a moment.
    try eventually("all three run") { SystemView.processes(matching: marker).count == 3 }
    daemon.signal(SIGTERM)
    #expect(daemon.waitForExit() == 0)
    #expect(SystemView.processes(matching: marker).isEmpty)
    #expect(daemon.errorOutput() == "")
  }

  @Test func shutdownAnswersAndThenEnds() throws {
    let daemon = try DaemonUnderTest()
    let marker = SystemView.uniqueSleep()
    try daemon.addShell("web", "exec sleep \(marker)", ["auto_restart": true])
    #expect(try daemon.post("/shutdown").status == 200)
    #expect(daemon.waitForExit() == 0)
    #expect(SystemView.processes(matching: marker).isEmpty)
  }

  @Test func duringAShutdownEverythingButInfoIsUnavailable() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell(
      "slow", "trap '' TERM; echo ready; while :; do sleep 0.05; done",
      ["stop_timeout_seconds": 3600])
    try daemon.waitFor("slow", line: "STDOUT: ready")
    let pid = try #require(try daemon.status("slow")["pid"] as? Int)
    let expected = [("/list", 503), ("/health", 503), ("/info", 200)]
    let open = try expected.map { _ in try daemon.connect() }
    #expect(try daemon.post("/shutdown").status == 200)
    for ((path, status), connection) in zip(expected, open) {
      try connection.send("GET \(daemon.path(path)) HTTP/1.1\r\nHost: x\r\n\r\n")
      let answer = try connection.receiveAnswer()
      #expect(answer.status == status, "\(path)")
      // A client that kept its connection would hold up the end. nginx says of its own connections
      // what it likes.
      if Front.current == nil { #expect(answer.headers["connection"] == "close", "\(path)") }
    }
    kill(Int32(pid), SIGKILL)
    #expect(daemon.waitForExit() == 0)
  }

  @Test func aSecondSignalKillsWhatIsLeft() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell(
      "deaf", "trap '' TERM; echo ready; while :; do sleep 0.05; done",
      ["stop_timeout_seconds": 3600])
    try daemon.waitFor("deaf", line: "STDOUT: ready")
    let pid = try #require(try daemon.status("deaf")["pid"] as? Int)
    daemon.signal(SIGTERM)
    try eventually("the daemon is shutting down") {
      try daemon.get("/health").status == 503
    }
    daemon.signal(SIGTERM)
    #expect(daemon.waitForExit() == 0)
    #expect(!SystemView.isAlive(Int32(pid)))
  }

  @Test func aTakenPortStartsNothing() throws {
    let first = try DaemonUnderTest()
    let marker = SystemView.uniqueSleep()
    let second = try ShortRun(["--port", "\(first.port)"]) { directory in
      let definitions = [["id": "web", "command": "sleep", "args": [marker]]] as [[String: Any]]
      try JSONSerialization.data(withJSONObject: definitions)
        .write(to: directory.appendingPathComponent("processes.json"))
    }
    #expect(second.code == 1)
    #expect(second.error.contains("Address already in use"), "\(second.error)")
    #expect(second.error.filter { $0 == "\n" }.count == 1)
    #expect(SystemView.processes(matching: marker).isEmpty)
  }

  @Test func aSecondDaemonOnTheSameDataIsRefusedAndTheFirstIsNamed() throws {
    let first = try DaemonUnderTest()
    let second = try ShortRun(
      ["--port", "0"], sharing: first.directory.appendingPathComponent("data"))
    #expect(second.code == 1)
    #expect(second.error.contains("(pid \(first.pid))"), "\(second.error)")
    #expect(second.error.filter { $0 == "\n" }.count == 1)
  }

  @Test func aStaleLockFileNamingALivePidDoesNotBlockTheStart() throws {
    let daemon = try DaemonUnderTest { directory in
      let file = directory.appendingPathComponent("data/exeio.lock")
      try Data("1\n".utf8).write(to: file)
    }
    #expect(try daemon.get("/list").status == 200)
  }

  @Test func savedProcessesStartAgain() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("kept", "exec sleep 1000", ["save_for_next_run": true])
    try daemon.addShell("lost", "exec sleep 1000")
    #expect(try daemon.post("/shutdown").status == 200)
    #expect(daemon.waitForExit() == 0)
    try daemon.launch()
    try daemon.waitFor("kept", status: "running")
    #expect(try daemon.get("/status/lost").status == 404)
    #expect(try daemon.post("/remove/kept").status == 200)
    let saved = try JSONSerialization.jsonObject(with: Data(contentsOf: daemon.processesFile))
    #expect((saved as? [Any])?.isEmpty == true)
  }

  @Test func aCorruptFileOfSavedProcessesStopsTheStartAndStays() throws {
    let text = "[\n  {\"id\": \"web\",\n   \"command\": }\n]\n"
    var left = ""
    let run = try ShortRun(["--port", "0"]) { directory in
      let file = directory.appendingPathComponent("processes.json")
      try Data(text.utf8).write(to: file)
    } after: { directory in
      left = try String(
        contentsOf: directory.appendingPathComponent("processes.json"), encoding: .utf8)
    }
    #expect(run.code == 1)
    #expect(run.error.contains("processes.json") && run.error.contains("line 3"), "\(run.error)")
    #expect(left == text)
  }

  @Test func whatAKilledSupervisorLeftIsEndedBeforeItsProcessIsStartedAnew() throws {
    let daemon = try DaemonUnderTest()
    let marker = SystemView.uniqueSleep()
    // It ignores the end of its output, and has a child: both must go.
    let script = "trap '' PIPE; exec 1>&- 2>&-; sleep 1001 & exec sleep \(marker)"
    try daemon.addShell("web", script, ["save_for_next_run": true])
    let first = try eventually("it runs") { SystemView.processes(matching: marker).first }
    daemon.signal(SIGKILL)
    #expect(daemon.waitForExit() == -SIGKILL)
    #expect(SystemView.isAlive(first))
    try daemon.launch()
    try daemon.waitFor("web", status: "running")
    try eventually("the new one runs alone") {
      let all = SystemView.processes(matching: marker)
      return all.count == 1 && all != [first]
    }
    #expect(!SystemView.isAlive(first))
    let own = try daemon.log("exeio")
    #expect(own.contains { $0.hasSuffix("left running by an earlier supervisor") })
  }

  @Test func aSupervisorKilledWhileItStartsProcessesLeavesNoSecondCopies() throws {
    let marker = SystemView.uniqueSleep()
    let count = 100
    let daemon = try DaemonUnderTest { directory in
      let definitions = (0..<count).map { index in
        ["id": "p\(index)", "command": "sleep", "args": [marker]] as [String: Any]
      }
      try JSONSerialization.data(withJSONObject: definitions)
        .write(to: directory.appendingPathComponent("config/processes.json"))
    }
    // Killed at a different place among the starts each time: the moment a child shows that it is
    // there.
    for round in 1...5 {
      try eventually("some have started") {
        SystemView.processes(matching: marker).count >= round * 3
      }
      daemon.signal(SIGKILL)
      #expect(daemon.waitForExit() == -SIGKILL)
      try daemon.launch()
    }
    for index in 0..<count { try daemon.waitFor("p\(index)", status: "running") }
    try eventually("each runs once") { SystemView.processes(matching: marker).count == count }
    #expect(SystemView.children(of: daemon.pid).count == count)
    daemon.signal(SIGTERM)
    #expect(daemon.waitForExit() == 0)
    #expect(SystemView.processes(matching: marker).isEmpty)
  }

  @Test func aStopWhileAnEarlierRunIsStillBeingEndedStartsNothing() throws {
    let daemon = try DaemonUnderTest()
    let marker = SystemView.uniqueSleep()
    // What is left ignores the stop signal for an hour, so the process may not start for as long.
    let script =
      "trap '' TERM PIPE; exec 1>&- 2>&-; while :; do sleep \(marker); done"
    try daemon.addShell("web", script, ["save_for_next_run": true, "stop_timeout_seconds": 3600])
    try daemon.addShell("other", "exec sleep 1000", ["save_for_next_run": true])
    try eventually("it runs") { !SystemView.processes(matching: marker).isEmpty }
    daemon.signal(SIGKILL)
    #expect(daemon.waitForExit() == -SIGKILL)
    try daemon.launch()
    // Its own start waits; those of others do not.
    try daemon.waitFor("other", status: "running")
    #expect(try daemon.status("web")["status"] as? String == "starting")
    // A stop is a stop of that as well: it is not answered before nothing is left.
    let socket = try daemon.connect()
    try socket.send(
      "POST \(daemon.path("/stop/web")) HTTP/1.1\r\nHost: x\r\nexeio-api-key: test-key\r\n\r\n")
    try daemon.waitFor("web", status: "stopping")
    #expect(!SystemView.processes(matching: marker).isEmpty)
    daemon.signal(SIGTERM)
    try eventually("the daemon is shutting down") { try daemon.get("/health").status == 503 }
    daemon.signal(SIGTERM)
    #expect(try socket.receiveAnswer().status == 200)
    #expect(daemon.waitForExit() == 0)
    #expect(SystemView.processes(matching: marker).isEmpty)
  }

  @Test func aShutdownDoesNotLeaveBehindWhatAnEarlierSupervisorLeft() throws {
    let daemon = try DaemonUnderTest()
    let marker = SystemView.uniqueSleep()
    // Not saved, so nothing but the run state knows of it by the next start.
    let script = "trap '' TERM PIPE; exec 1>&- 2>&-; while :; do sleep \(marker); done"
    try daemon.addShell("web", script, ["stop_timeout_seconds": 1])
    try eventually("it runs") { !SystemView.processes(matching: marker).isEmpty }
    daemon.signal(SIGKILL)
    #expect(daemon.waitForExit() == -SIGKILL)
    try daemon.launch()
    daemon.signal(SIGTERM)
    #expect(daemon.waitForExit() == 0)
    #expect(SystemView.processes(matching: marker).isEmpty)
  }

  @Test func twoDaemonsDoNotShareAConfiguration() throws {
    let first = try DaemonUnderTest()
    let second = try ShortRun([
      "--port", "0", "--config-dir", first.directory.appendingPathComponent("config").path,
    ])
    #expect(second.code == 1)
    #expect(second.error.contains("--config-dir"), "\(second.error)")
  }

  @Test func savedProcessesBehindALinkStayBehindIt() throws {
    let daemon = try DaemonUnderTest { directory in
      let real = directory.appendingPathComponent("real.json")
      try Data("[]".utf8).write(to: real)
      try FileManager.default.createSymbolicLink(
        at: directory.appendingPathComponent("config/processes.json"), withDestinationURL: real)
    }
    try daemon.addShell("kept", "exec sleep 1000", ["save_for_next_run": true])
    let real = try String(
      contentsOf: daemon.directory.appendingPathComponent("real.json"), encoding: .utf8)
    #expect(real.contains("kept"))
    let link = try FileManager.default.destinationOfSymbolicLink(atPath: daemon.processesFile.path)
    #expect(link.hasSuffix("real.json"))
  }

  @Test func aReaderOfItsOutputThatGoesAwayDoesNotHurtIt() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("web", "exec sleep 1000", ["auto_restart": true])
    try daemon.dropOutput()
    #expect(try daemon.post("/restart/web").status == 200)
    #expect(try daemon.get("/list").status == 200)
  }

  @Test func theGeneratedKeySurvivesRestartsAndIsForItsOwnerAlone() throws {
    let daemon = try DaemonUnderTest(hasKey: false)
    let file = daemon.directory.appendingPathComponent("config/api-key")
    let key = try String(contentsOf: file, encoding: .utf8).trimmingCharacters(in: .newlines)
    #expect(key.wholeMatch(of: #/exeio_[0-9a-f]{64}/#) != nil)
    let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions]
    #expect(mode as? Int == 0o600)
    #expect(!daemon.banner.contains(key), "a key went into a file or a journal")
    #expect(daemon.banner.contains(file.path))
    #expect(try daemon.request("GET", "/list", key: key).status == 200)
    let other = try DaemonUnderTest(hasKey: false)
    let otherFile = other.directory.appendingPathComponent("config/api-key")
    #expect(try String(contentsOf: otherFile, encoding: .utf8) != "\(key)\n")
    daemon.signal(SIGTERM)
    #expect(daemon.waitForExit() == 0)
    try daemon.launch()
    #expect(try daemon.request("GET", "/list", key: key).status == 200)
  }
}
