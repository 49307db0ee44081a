import Foundation
import Glibc
import TestSupport
import Testing

/// There are never two copies of a process, whatever has become of the files of a daemon that was
/// killed.
struct RecoveryTests {
  private func data(_ daemon: DaemonUnderTest) -> URL {
    daemon.directory.appendingPathComponent("data")
  }

  private func runState(_ daemon: DaemonUnderTest) -> URL {
    data(daemon).appendingPathComponent("run-state")
  }

  /// Adds a process that goes on when its daemon is killed, and waits until it runs.
  private func addLasting(_ id: String, _ marker: String, to daemon: DaemonUnderTest) throws
    -> Int32
  {
    try daemon.addShell(
      id, "exec sleep \(marker) > /dev/null 2>&1",
      ["save_for_next_run": true, "stop_timeout_seconds": 5])
    return try eventually("\(id) sleeps") {
      SystemView.processes(matching: "sleep\0\(marker)").first
    }
  }

  private func kill(_ daemon: DaemonUnderTest) {
    daemon.signal(SIGKILL)
    #expect(daemon.waitForExit() == -SIGKILL)
  }

  private func expectOneCopy(_ marker: String, insteadOf old: Int32, _ daemon: DaemonUnderTest)
    throws
  {
    try daemon.waitFor("web", status: "running")
    #expect(!SystemView.isAlive(old))
    try eventually("the new one sleeps") {
      SystemView.processes(matching: "sleep\0\(marker)").count == 1
    }
  }

  enum Harm: String, CaseIterable {
    case everythingRemoved, emptied, nonsense, otherHeader, fifo, directory, link, brokenLink
  }

  private func harm(_ harm: Harm, _ daemon: DaemonUnderTest) throws {
    let manager = FileManager.default
    let file = runState(daemon)
    if harm == .everythingRemoved {
      for url in try manager.contentsOfDirectory(at: data(daemon), includingPropertiesForKeys: nil)
      {
        try manager.removeItem(at: url)
      }
      return
    }
    try manager.removeItem(at: file)
    switch harm {
    case .everythingRemoved: break
    case .emptied: try Data().write(to: file)
    case .nonsense: try Data((0..<5000).map { UInt8(truncatingIfNeeded: $0 * 7) }).write(to: file)
    case .otherHeader: try Data("exeio-run-state 9 x\n? 1 15 1000 t.1 web\n".utf8).write(to: file)
    case .fifo: #expect(mkfifo(file.path, 0o600) == 0)
    case .directory:
      try manager.createDirectory(
        at: file.appendingPathComponent("in it"), withIntermediateDirectories: true)
    case .link:
      try manager.createSymbolicLink(atPath: file.path, withDestinationPath: "/dev/zero")
    case .brokenLink:
      try manager.createSymbolicLink(atPath: file.path, withDestinationPath: "nothing")
    }
  }

  @Test(arguments: Harm.allCases)
  func whatAKilledDaemonLeftIsFoundWithoutItsRunState(done: Harm) throws {
    let daemon = try DaemonUnderTest(["--cgroup", "none"])
    let marker = SystemView.uniqueSleep()
    let old = try addLasting("web", marker, to: daemon)
    kill(daemon)
    try harm(done, daemon)
    try daemon.launch()
    try expectOneCopy(marker, insteadOf: old, daemon)
    let own = try daemon.log("exeio")
    #expect(
      own.contains {
        $0.hasSuffix("Ended process 'web' (PID: \(old)), left running by an earlier supervisor")
      })
    let isMoved = FileManager.default.fileExists(atPath: runState(daemon).path + ".1")
    let isLink =
      (try? FileManager.default.destinationOfSymbolicLink(
        atPath: runState(daemon).path + ".1")) != nil
    switch done {
    case .fifo, .directory, .link, .brokenLink:
      #expect(isMoved || isLink)
      #expect(own.contains { $0.contains("The run state '") && $0.contains("moved to") })
    case .everythingRemoved, .emptied, .nonsense, .otherHeader:
      #expect(!isMoved)
    }
    // What it is now is a run state again.
    let text = try String(contentsOf: runState(daemon), encoding: .utf8)
    #expect(text.hasPrefix("exeio-run-state 2 "))
  }

  /// It is asked to end as its definition says, also where only its mark is left of it.
  @Test func whatIsFoundByItsMarkEndsByTheStopSignalOfItsDefinition() throws {
    let daemon = try DaemonUnderTest(["--cgroup", "none"])
    let file = daemon.directory.appendingPathComponent("said")
    try daemon.addShell(
      "web.x",
      "exec > /dev/null 2>&1; trap 'echo INT > \(file.path); exit 0' INT; trap '' TERM; : > \(file.path).$EXEIO_INSTANCE; while :; do sleep 0.05; done",
      ["save_for_next_run": true, "stop_signal": "INT", "instances": 2])
    for copy in 0..<2 {
      try eventually("the traps of copy \(copy) are set") {
        FileManager.default.fileExists(atPath: "\(file.path).\(copy)")
      }
    }
    kill(daemon)
    try FileManager.default.removeItem(at: runState(daemon))
    try daemon.launch()
    try daemon.waitFor("web.x.1", status: "running")
    #expect(try String(contentsOf: file, encoding: .utf8) == "INT\n")
  }

  @Test func aHookIsFoundByItsMarkAndKilled() throws {
    let daemon = try DaemonUnderTest(["--cgroup", "none"])
    let marker = SystemView.uniqueSleep()
    let definition: [String: Any] = [
      "id": "web", "command": "sleep", "args": ["1000"],
      "before_start": ["sh", "-c", "trap '' TERM; sleep \(marker) > /dev/null 2>&1"],
    ]
    let body = String(
      decoding: try JSONSerialization.data(withJSONObject: definition), as: UTF8.self)
    // It is answered when the hook has ended, so never.
    let socket = try daemon.connect()
    try socket.send(
      "POST \(daemon.path("/add")) HTTP/1.1\r\nHost: 127.0.0.1:\(daemon.port)\r\nexeio-api-key: test-key\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    try eventually("the hook sleeps") {
      !SystemView.processes(matching: "sleep\0\(marker)").isEmpty
    }
    kill(daemon)
    try FileManager.default.removeItem(at: runState(daemon))
    try daemon.launch()
    try eventually("the hook is gone") { SystemView.processes(matching: marker).isEmpty }
    try daemon.waitFor("exeio", lineContaining: "Ended a hook or probe of process 'web'")
  }

  /// Kills a daemon that runs something. Returns what its marks have in common, their numbers left
  /// out.
  private func killedWithMark(_ daemon: DaemonUnderTest) throws -> Substring {
    #expect(
      try daemon.add(["id": "a", "command": "sleep", "args": ["1000"]]).status == 201)
    let mark = try eventually("the run is in run-state") {
      try String(contentsOf: runState(daemon), encoding: .utf8)
        .firstMatch(of: #/\? \d+ \d+ \d+ (\S+)\.\d+ a\n/#)?.1
    }
    kill(daemon)
    return mark
  }

  /// A mark is no secret, and what stands beside it in an environment is the word of that process
  /// alone.
  @Test func whatAStrangerCallsItselfAddsNoLinesToTheRunState() throws {
    let daemon = try DaemonUnderTest()
    let mark = try killedWithMark(daemon)
    let stranger = Foundation.Process()
    stranger.executableURL = URL(fileURLWithPath: "/bin/sleep")
    stranger.arguments = ["1000"]
    stranger.environment = [
      "EXEIO_RUN": "\(mark).4711", "EXEIO_ID": "x\n? 99 9 0 m y\n+ 99 \(getpid()) 1",
    ]
    try stranger.run()
    try daemon.launch()
    stranger.waitUntilExit()
    let after = try String(contentsOf: runState(daemon), encoding: .utf8)
    #expect(!after.contains("? 99 ") && !after.contains("+ 99 "), "\(after)")
  }

  /// A copied mark brings its own process into danger, and not what runs beside it in a session.
  @Test func aCopiedMarkSaysNothingOfTheSessionThatItIsIn() throws {
    let daemon = try DaemonUnderTest()
    let mark = try killedWithMark(daemon)
    let (older, marked, newer) = (
      SystemView.uniqueSleep(), SystemView.uniqueSleep(), SystemView.uniqueSleep()
    )
    let session = Foundation.Process()
    session.executableURL = URL(fileURLWithPath: "/bin/sh")
    session.arguments = [
      "-c",
      "exec setsid sh -c 'exec > /dev/null 2>&1; sleep \(older) & sleep 0.1; EXEIO_RUN=\(mark).4711 sleep \(marked) & sleep 0.1; sleep \(newer) & exit 0'",
    ]
    try session.run()
    defer {
      for pid in [older, newer].flatMap({ SystemView.processes(matching: $0) }) {
        Glibc.kill(pid, SIGKILL)
      }
    }
    try eventually("all sleep") {
      [older, marked, newer].allSatisfy {
        SystemView.processes(matching: "sleep\0\($0)").count == 1
      }
    }
    try daemon.launch()
    try eventually("the marked one is ended") { SystemView.processes(matching: marked).isEmpty }
    #expect(SystemView.processes(matching: "sleep\0\(older)").count == 1)
    #expect(SystemView.processes(matching: "sleep\0\(newer)").count == 1)
  }

  @Test func aSecondDaemonIsRefusedAlsoWithoutTheLockFile() throws {
    let daemon = try DaemonUnderTest()
    let marker = SystemView.uniqueSleep()
    let pid = try addLasting("web", marker, to: daemon)
    try FileManager.default.removeItem(at: data(daemon).appendingPathComponent("exeio.lock"))
    let second = try ShortRun(["--port", "0"], sharing: data(daemon))
    #expect(second.code == 1)
    #expect(second.error.contains("another exeio"), "\(second.error)")
    #expect(SystemView.isAlive(pid))
  }

  /// The first one has locks that no other daemon sees any more.
  @Test(arguments: [false, true])
  func aSecondDaemonIsRefusedAlsoWhereTheDirectoryWasMadeAgain(isMadeAgain: Bool) throws {
    let daemon = try DaemonUnderTest()
    let marker = SystemView.uniqueSleep()
    let pid = try addLasting("web", marker, to: daemon)
    // The daemon makes files in it again at the same time.
    try eventually("the directory is removed") {
      do { try FileManager.default.removeItem(at: data(daemon)) } catch {}
      return !FileManager.default.fileExists(atPath: data(daemon).path)
    }
    if isMadeAgain {
      try FileManager.default.createDirectory(
        at: data(daemon), withIntermediateDirectories: false)
    }
    let second = try ShortRun(["--port", "0"], sharing: data(daemon))
    #expect(second.code == 1)
    #expect(second.error.contains("another exeio (pid \(daemon.pid))"), "\(second.error)")
    #expect(SystemView.isAlive(pid))
    #expect(try daemon.get("/list").status == 200)
  }

  /// The copy names runs of a daemon that is alive.
  @Test func aCopyOfTheDataDirectoryDoesNotEndTheProcessesOfTheOriginal() throws {
    let daemon = try DaemonUnderTest()
    let marker = SystemView.uniqueSleep()
    let pid = try addLasting("web", marker, to: daemon)
    let state = runState(daemon)
    try eventually("the run is in run-state") {
      try String(contentsOf: state, encoding: .utf8).contains(" web\n+ ")
    }
    let other = try DaemonUnderTest { directory in
      try FileManager.default.copyItem(
        at: state, to: directory.appendingPathComponent("data/run-state"))
    }
    // A stop of the daemon waits for what it has to end.
    other.signal(SIGTERM)
    #expect(other.waitForExit() == 0)
    #expect(SystemView.isAlive(pid))
  }

  /// The pid was given to another process since, or the machine was restored from a snapshot.
  @Test func aStrangerWhoHasThePidOfAnOldRunLivesOn() throws {
    let marker = SystemView.uniqueSleep()
    let stranger = Foundation.Process()
    stranger.executableURL = URL(fileURLWithPath: "/bin/sh")
    stranger.arguments = ["-c", "exec setsid sh -c 'sleep \(marker) & exec sleep \(marker)'"]
    try stranger.run()
    defer { for pid in SystemView.processes(matching: marker) { Glibc.kill(pid, SIGKILL) } }
    try eventually("both sleep") {
      SystemView.processes(matching: "sleep\0\(marker)").count == 2
    }
    let leader = stranger.processIdentifier
    let boot = try String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
    let daemon = try DaemonUnderTest { directory in
      let text = "exeio-run-state 2 \(boot)? 1 9 0 token.1 web\n+ 1 \(leader) 1\n"
      try Data(text.utf8).write(to: directory.appendingPathComponent("data/run-state"))
    }
    daemon.signal(SIGTERM)
    #expect(daemon.waitForExit() == 0)
    #expect(SystemView.processes(matching: "sleep\0\(marker)").count == 2)
  }

  /// A run that is over is none that a later daemon looks for.
  @Test func theEndOfEachRunIsWrittenDown() throws {
    let daemon = try DaemonUnderTest()
    for id in ["a", "b", "c"] {
      try daemon.addShell(
        id, "exit 1",
        [
          "restart_policy": "always", "max_restarts": 5, "restart_delay_seconds": [0.1],
          "before_start": ["true"],
        ])
      try daemon.waitFor(id, status: "failed")
    }
    let lines = try String(contentsOf: runState(daemon), encoding: .utf8).split(separator: "\n")
    var open: Set<Substring> = []
    for line in lines.dropFirst() {
      let words = line.split(separator: " ")
      if words[0] == "-" { open.remove(words[1]) } else { open.insert(words[1]) }
    }
    #expect(lines.count > 36 && open.isEmpty, "\(open)")
  }
}
