import Foundation
import Glibc
import TestSupport
import Testing
import UV

/// Whatever a process starts ends with it, wherever that has gone: with cgroups, and without.
struct ContainmentTests {
  /// An orphan in the middle of an `execve` cannot be told when the others are asked to end. It is
  /// asked as soon as it can be, and not killed at the end of the time for that.
  @Test func whatTurnsOutToBelongToARunIsAskedToEndAsWell() throws {
    let daemon = try DaemonUnderTest(["--cgroup", "none"])
    for round in 0..<40 {
      let id = "r\(round)"
      try daemon.addShell(
        id, "for i in 1 2 3; do (setsid sleep 1000 &); done; exit 0", ["stop_timeout_seconds": 600])
      try eventually("round \(round) is over") {
        try daemon.get("/status/\(id)").object()["status"] as? String == "stopped"
      }
    }
  }

  /// Members of the group, of other sessions, of no parent that is left, each as `sleep MARKER`.
  private func family(_ marker: String) -> String {
    """
    setsid sh -c 'sleep \(marker) & sleep \(marker) & wait' &
    (setsid sleep \(marker) &)
    env -i setsid sleep \(marker) &
    sleep \(marker) &
    echo ready; wait
    """
  }

  private func waitForFamily(_ marker: String, of daemon: DaemonUnderTest) throws {
    try daemon.waitFor("web", line: "STDOUT: ready")
    try eventually("all five sleep") {
      SystemView.processes(matching: "sleep\0\(marker)").count == 5
    }
  }

  /// Who has ended has left its cgroup, and is a zombie for a moment longer.
  private func waitUntilReaped(by daemon: DaemonUnderTest) throws {
    try eventually("no zombie is left") { SystemView.children(of: daemon.pid).isEmpty }
  }

  @Test(arguments: Containment.possible, ["stop", "remove", "shutdown"])
  func nothingSurvivesAStop(containment: Containment, verb: String) throws {
    let contained = try ContainedDaemon(containment)
    let daemon = contained.daemon
    let marker = SystemView.uniqueSleep()
    try daemon.addShell("web", family(marker), ["auto_restart": true])
    try waitForFamily(marker, of: daemon)
    if contained.cgroup != nil { #expect(try contained.groups() == ["process-web"]) }
    if verb == "shutdown" {
      #expect(try daemon.post("/shutdown").status == 200)
      #expect(daemon.waitForExit() == 0)
    } else {
      #expect(try daemon.post("/\(verb)/web").status == 200)
      try waitUntilReaped(by: daemon)
    }
    #expect(SystemView.processes(matching: marker).isEmpty)
    #expect(try contained.groups() == [])
  }

  @Test(arguments: Containment.possible)
  func whatIgnoresTheStopSignalElsewhereIsKilled(containment: Containment) throws {
    let contained = try ContainedDaemon(containment)
    let daemon = contained.daemon
    let marker = SystemView.uniqueSleep()
    // The leader goes at once; the deaf one, whose environment says nothing, was last seen below
    // it.
    try daemon.addShell(
      "web",
      "env -i setsid sh -c \"trap '' TERM; sleep \(marker) & echo ready >&2; wait; wait\" & wait",
      ["stop_timeout_seconds": 0.3])
    try daemon.waitFor("web", line: "STDERR: ready")
    #expect(try daemon.post("/stop/web").status == 200)
    #expect(SystemView.processes(matching: marker).isEmpty)
    #expect(try daemon.log("web").contains { $0.contains("sending SIGKILL to all of it") })
    let exit = try #require(try daemon.status("web")["last_exit"] as? [String: Any])
    #expect(exit["signal"] as? String == "SIGTERM")
  }

  @Test(arguments: Containment.possible)
  func whatALeaderLeavesInAnotherSessionIsEndedBeforeTheNextRun(
    containment: Containment
  ) throws {
    let contained = try ContainedDaemon(containment)
    let daemon = contained.daemon
    let marker = SystemView.uniqueSleep()
    try daemon.addShell(
      "leaky", "(setsid sleep \(marker) > /dev/null 2>&1 &); sleep 0.1; exit 1",
      ["restart_policy": "always", "max_restarts": 1])
    try daemon.waitFor("leaky", status: "failed")
    #expect(try daemon.status("leaky")["run_count"] as? Int == 2)
    #expect(SystemView.processes(matching: marker).isEmpty)
    #expect(
      try daemon.log("leaky").filter { $0.contains("Ending what is left of process") }.count == 2)
    #expect(try contained.groups() == [])
  }

  @Test(arguments: Containment.possible)
  func aTreeThatForksAllTheTimeIsEnded(containment: Containment) throws {
    let contained = try ContainedDaemon(containment)
    let daemon = contained.daemon
    let marker = SystemView.uniqueSleep()
    try daemon.addShell(
      "forks",
      """
      trap '' TERM
      fork() { while :; do setsid sleep \(marker) & sleep 0.02; done; }
      fork & fork & (setsid sh -c 'while :; do sleep \(marker) & sleep 0.02; done' &)
      wait
      """, ["stop_timeout_seconds": 0.3])
    try eventually("the tree has grown") { SystemView.processes(matching: marker).count > 10 }
    #expect(try daemon.post("/stop/forks").status == 200)
    #expect(SystemView.processes(matching: marker).isEmpty)
    try waitUntilReaped(by: daemon)
  }

  @Test(arguments: Containment.possible)
  func whatAKilledSupervisorLeftElsewhereIsEndedToo(containment: Containment) throws {
    let contained = try ContainedDaemon(containment)
    let daemon = contained.daemon
    let marker = SystemView.uniqueSleep()
    try daemon.addShell("web", family(marker), ["save_for_next_run": true])
    try waitForFamily(marker, of: daemon)
    let old = Set(SystemView.processes(matching: marker))
    daemon.signal(SIGKILL)
    #expect(daemon.waitForExit() == -SIGKILL)
    try daemon.launch()
    try daemon.waitFor("web", status: "running")
    #expect(!old.contains(where: SystemView.isAlive))
    try eventually("all five sleep again") {
      SystemView.processes(matching: "sleep\0\(marker)").count == 5
    }
    #expect(try daemon.post("/stop/web").status == 200)
    #expect(SystemView.processes(matching: marker).isEmpty)
    #expect(try contained.groups() == [])
  }

  @Test(.enabled(if: TestCgroup.isAvailable, "needs the superuser and a writable cgroup v2"))
  func anOrphanThatHasClearedItsEnvironmentIsFoundByItsCgroup() throws {
    let contained = try ContainedDaemon(.cgroups)
    let daemon = contained.daemon
    let marker = SystemView.uniqueSleep()
    // The daemon forgets what it had: only the cgroup knows whose the orphan is.
    try daemon.addShell("web", "(env -i setsid sleep \(marker) &); exec sleep \(marker)")
    try eventually("both sleep") {
      SystemView.processes(matching: "sleep\0\(marker)").count == 2
    }
    let runState = daemon.directory.appendingPathComponent("data/run-state")
    daemon.signal(SIGKILL)
    #expect(daemon.waitForExit() == -SIGKILL)
    try FileManager.default.removeItem(at: runState)
    try daemon.launch()
    try eventually("the group is gone") { try contained.groups().isEmpty }
    #expect(SystemView.processes(matching: marker).isEmpty)
    #expect(
      try daemon.log("exeio").contains {
        $0.contains("Ended process 'web'") && $0.hasSuffix("left running by an earlier supervisor")
      })
  }

  /// A process of the daemon's own user leaves its cgroup by one write.
  @Test(
    .enabled(if: TestCgroup.isAvailable, "needs the superuser and a writable cgroup v2"),
    arguments: ["stop", "restart", "shutdown", "exit", "crash"])
  func whatHasLeftItsCgroupIsEndedByItsMark(verb: String) throws {
    let contained = try ContainedDaemon(.cgroups)
    let daemon = contained.daemon
    let marker = SystemView.uniqueSleep()
    let other = try TestCgroup()
    let group = other.group.path
    // The leader goes when the other has left, and not before: to leave may take a while.
    let exits = daemon.directory.appendingPathComponent("exits").path
    try daemon.addShell(
      "web",
      """
      setsid sh -c 'echo $$ > \(group)/cgroup.procs; exec sleep \(marker) > /dev/null 2>&1' &
      \(verb == "exit" ? "until [ -e '\(exits)' ]; do sleep 0.05; done; exit 0" : "exec sleep 1000 > /dev/null 2>&1")
      """, ["save_for_next_run": verb == "crash", "stop_timeout_seconds": 1])
    let old = try eventually("it has left") { () -> Int32? in
      let found = SystemView.processes(matching: "sleep\0\(marker)")
      return try other.group.isPopulated() ? found.first : nil
    }
    switch verb {
    case "shutdown":
      #expect(try daemon.post("/shutdown").status == 200)
      #expect(daemon.waitForExit() == 0)
    case "exit":
      try #require(FileManager.default.createFile(atPath: exits, contents: nil))
      try daemon.waitFor("web", lineContaining: "Ending what is left of process")
      try daemon.waitFor("web", status: "stopped")
    case "crash":
      daemon.signal(SIGKILL)
      #expect(daemon.waitForExit() == -SIGKILL)
      try daemon.launch()
      try daemon.waitFor("web", status: "running")
    default:
      #expect(try daemon.post("/\(verb)/web").status == 200)
    }
    #expect(!SystemView.isAlive(old))
  }

  /// An orphan that is always in the middle of an `execve` shows no environment now and then.
  @Test(arguments: Containment.possible)
  func anOrphanThatExecutesAllTheTimeIsEnded(containment: Containment) throws {
    let contained = try ContainedDaemon(containment)
    let daemon = contained.daemon
    let marker = SystemView.uniqueSleep()
    try daemon.addShell(
      "web", "(setsid \(TestPrograms.helper) execute-itself \(marker) > /dev/null 2>&1 &); exit 1",
      ["restart_policy": "always", "max_restarts": 20, "restart_delay_seconds": [0.1]])
    try daemon.waitFor("web", status: "failed")
    #expect(SystemView.processes(matching: marker).isEmpty)
  }

  /// A daemon of the user `nobody` has a child that has become the superuser: no signal reaches
  /// that.
  @Test(.enabled(if: Self.canBecomeNobody, "needs the superuser, setpriv, and a binary for all"))
  func whatOutlivesItsKillIsNamed() throws {
    let directory = try TemporaryDirectory()
    chmod(directory.path, 0o755)
    let holder = directory.file("holder")
    try FileManager.default.copyItem(atPath: Self.setpriv, toPath: holder)
    chmod(holder, 0o4755)
    let daemon = try DaemonUnderTest(
      ["--cgroup", "none"], runner: [Self.setpriv, "--reuid", "65534", "--clear-groups"]
    ) { root in
      for name in [".", "config", "data", "work"] {
        chown(root.appendingPathComponent(name).path, 65534, 65534)
      }
    }
    let marker = SystemView.uniqueSleep()
    try daemon.addShell(
      "web", "\(holder) --reuid 0 sleep \(marker) & wait", ["stop_timeout_seconds": 0.2])
    // On its way there the holder has the same words in its command line, and can still be killed.
    let survivor = try eventually("the child is the superuser's") {
      SystemView.processes(matching: "sleep\0\(marker)").first { pid in
        let name = try? String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8)
        return name == "sleep\n"
      }
    }
    let answer = try daemon.post("/stop/web")
    #expect(answer.status == 500)
    #expect(try answer.message.hasSuffix("is still there 10s after SIGKILL: \(survivor) (sleep)"))
    #expect(try daemon.log("web").contains { $0.hasSuffix("SIGKILL: \(survivor) (sleep)") })
    #expect(try daemon.log("exeio").contains { $0.hasSuffix("SIGKILL: \(survivor) (sleep)") })
    #expect(try daemon.status("web")["status"] as? String == "stopping")
    kill(survivor, SIGKILL)
    try daemon.waitFor("web", status: "manually_stopped")
  }

  private static let setpriv = "/usr/bin/setpriv"

  private static let canBecomeNobody: Bool = {
    guard geteuid() == 0, access(setpriv, X_OK) == 0 else { return false }
    do {
      let arguments = [
        "--reuid", "65534", "--clear-groups", DaemonUnderTest.binary.path, "--version",
      ]
      return try ShortRun.output(of: setpriv, arguments).hasPrefix("exeio")
    } catch {
      return false
    }
  }()

  @Test(.enabled(if: TestCgroup.isAvailable, "needs the superuser and a writable cgroup v2"))
  func aCgroupServesOneSupervisor() throws {
    let contained = try ContainedDaemon(.cgroups)
    let path = try #require(contained.cgroup).group.path
    let run = try ShortRun(["--port", "0", "--cgroup", path])
    #expect(run.code == 1)
    #expect(
      run.error
        == "exeio: another exeio already uses the cgroup '\(path)'; choose another with --cgroup\n")
    #expect(
      try contained.daemon.log("exeio").contains {
        $0.contains("Processes get cgroups of their own under '\(path)' (")
      })
  }

  @Test(arguments: ["/", "/absent"])
  func aDirectoryThatIsNoCgroupStopsTheStart(path: String) throws {
    let run = try ShortRun(["--port", "0", "--cgroup", path])
    #expect(run.code == 1)
    #expect(run.error.hasPrefix("exeio: --cgroup '\(path)'"))
    #expect(run.error.split(separator: "\n").count == 1)
  }
}
