import Foundation
import Glibc
import TestSupport
import Testing
import UV

/// Processes that tell of themselves as they would tell systemd.
struct NotifyTests {
  private static let hasSystemdNotify = Installed.path(of: "systemd-notify") != nil

  /// A command that sends a message, and stays for so long.
  private func send(_ message: String, andStayFor seconds: Int = 0) -> String {
    "'\(TestPrograms.helper)' notify '\(message)' \(seconds)"
  }

  @Test(.enabled(if: hasSystemdNotify, "needs systemd-notify"), arguments: Containment.possible)
  func aScriptIsReadyWhenSystemdNotifySaysSo(containment: Containment) throws {
    let contained = try ContainedDaemon(containment)
    let daemon = contained.daemon
    try daemon.addShell(
      "web", "read go; systemd-notify --ready --status=up; echo told $?; exec sleep 1000",
      ["ready": "notify"])
    #expect(try daemon.status("web")["status"] as? String == "starting")
    try daemon.post("/input/web", #"{"input": "go"}"#)
    try daemon.waitFor("web", line: "STDOUT: told 0")
    try daemon.waitFor("web", status: "running")
  }

  @Test(arguments: Containment.possible)
  func aChildMayHaveEndedBeforeItIsHeard(containment: Containment) throws {
    let contained = try ContainedDaemon(containment)
    let daemon = contained.daemon
    // The daemon stands still until the sender has ended and has been reaped.
    try daemon.addShell(
      "web", "read go; \(send("READY=1")); touch sent; exec sleep 1000", ["ready": "notify"])
    try daemon.post("/input/web", #"{"input": "go"}"#)
    daemon.signal(SIGSTOP)
    defer { daemon.signal(SIGCONT) }
    try eventually("the message is sent") {
      FileManager.default.fileExists(
        atPath: daemon.directory.appendingPathComponent("work/sent").path)
    }
    daemon.signal(SIGCONT)
    try daemon.waitFor("web", status: "running")
  }

  /// Its messages have come in time, and only were not read.
  @Test func aDaemonThatStoodStillKillsNoProcessOfAWatchdog() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell(
      "web", "while :; do \(send("WATCHDOG=1")); echo $$ is here; sleep 0.5; done",
      ["watchdog_seconds": 5, "auto_restart": true])
    let pid = try #require(try daemon.status("web")["pid"] as? Int)
    daemon.signal(SIGSTOP)
    // Longer than the watchdog waits.
    sleep(7)
    daemon.signal(SIGCONT)
    func lines() throws -> Int { try daemon.log("web").count { $0.hasSuffix(" \(pid) is here") } }
    let before = try lines()
    try eventually("it goes on", within: 5) { try lines() > before + 2 }
    let entry = try daemon.status("web")
    #expect(entry["status"] as? String == "running")
    #expect(entry["pid"] as? Int == pid)
  }

  @Test(arguments: Containment.possible)
  func aProcessThatHasLeftTheSessionIsHeard(containment: Containment) throws {
    let contained = try ContainedDaemon(containment)
    let daemon = contained.daemon
    try daemon.addShell(
      "web", "setsid \(send("READY=1", andStayFor: 1000)) & wait",
      ["ready": "notify"])
    try daemon.waitFor("web", status: "running")
  }

  @Test func nobodyElseIsHeard() throws {
    let daemon = try DaemonUnderTest(["--log-level", "debug"])
    try daemon.addShell(
      "web", "echo socket $NOTIFY_SOCKET; exec sleep 1000", ["ready": "notify"])
    try daemon.addShell(
      "other", "echo socket $NOTIFY_SOCKET; exec sleep 1000", ["ready": "notify"])
    let line = try daemon.waitFor("web", lineContaining: "socket /")
    let name = try #require(line.split(separator: " ").last.map(String.init))
    #expect(try daemon.waitFor("other", lineContaining: "socket /") != line)
    try NotifySocket(name).send("READY=1")
    try daemon.waitFor(
      "exeio",
      line:
        "A notification for process 'web' is not from a process of it: PID \(getpid())")
    #expect(try daemon.status("web")["status"] as? String == "starting")
    #expect(try daemon.post("/stop/web").status == 200)
    #expect(access(name, F_OK) != 0)
  }

  @Test func theWatchdogIsForTheProcessItself() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell(
      "web", "echo $WATCHDOG_USEC $WATCHDOG_PID $NOTIFY_SOCKET $$; exec sleep 1000",
      ["watchdog_seconds": 90.5, "environment": ["WATCHDOG_PID": "1", "NOTIFY_SOCKET": "x"]])
    let pid = try #require(try daemon.status("web")["pid"] as? Int)
    let path = daemon.directory.appendingPathComponent("data/notify/web").path
    try daemon.waitFor("web", line: "STDOUT: 90500000 \(pid) \(path) \(pid)")
  }

  @Test func whoDoesNotAskForItHasNoSocket() throws {
    let daemon = try DaemonUnderTest(environment: ["WATCHDOG_USEC": "1"])
    try daemon.addShell("web", "echo \"<$NOTIFY_SOCKET$WATCHDOG_USEC$WATCHDOG_PID>\"")
    try daemon.waitFor("web", line: "STDOUT: <>")
  }

  @Test(.enabled(if: getuid() == 0 && hasSystemdNotify, "needs the superuser and systemd-notify"))
  func aProcessOfAnotherUserIsHeard() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell(
      "web", "systemd-notify --ready; exec sleep 1000",
      ["ready": "notify", "user": "nobody", "working_dir": "/"])
    try daemon.waitFor("web", status: "running")
  }

  @Test(.enabled(if: getuid() == 0 && hasSystemdNotify, "needs the superuser and systemd-notify"))
  func anotherUserIsNotHeardAlsoWithTheMarkOfTheRun() throws {
    let daemon = try DaemonUnderTest(["--log-level", "debug"])
    try daemon.addShell(
      "web", "echo told $EXEIO_RUN $NOTIFY_SOCKET; exec sleep 1000",
      ["ready": "notify", "user": "nobody", "working_dir": "/"])
    let words = try daemon.waitFor("web", lineContaining: "told ").split(separator: " ")
    // It has its name where every user can read it: /proc/net/unix.
    // An attacker cannot tell the next one from it, or from the mark: 128 random bits.
    #expect(words[3].wholeMatch(of: #/@exeio/[0-9a-f]{32}/#) != nil)
    let stranger = Process()
    stranger.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
    stranger.arguments = [
      "--reuid", "4711", "--clear-groups", try #require(Installed.path(of: "systemd-notify")),
      "--no-block", "--ready",
    ]
    stranger.environment = ["EXEIO_RUN": String(words[2]), "NOTIFY_SOCKET": String(words[3])]
    try stranger.run()
    stranger.waitUntilExit()
    #expect(stranger.terminationStatus == 0)
    try daemon.waitFor(
      "exeio",
      line:
        "A notification for process 'web' is not from a process of it: PID \(stranger.processIdentifier)"
    )
    #expect(try daemon.status("web")["status"] as? String == "starting")
  }

  @Test func aPathThatIsTooLongForASocketIsNoHindrance() throws {
    let daemon = try DaemonUnderTest()
    let id = String(repeating: "w", count: 100)
    try daemon.addShell(id, "\(send("READY=1")); exec sleep 1000", ["ready": "notify"])
    try daemon.waitFor(id, status: "running")
  }

  @Test func aFloodOfOneKeepsNobodyElseFromBeingHeard() throws {
    let daemon = try DaemonUnderTest()
    try daemon.add([
      "id": "flood", "command": TestPrograms.helper, "args": ["notify-flood", "STATUS=x"],
      "ready": "notify",
    ])
    try daemon.waitFor("flood", line: "STDOUT: floods")
    try daemon.addShell("web", "\(send("READY=1")); exec sleep 1000", ["ready": "notify"])
    try daemon.waitFor("web", status: "running")
    #expect(try daemon.status("flood")["status"] as? String == "starting")
    #expect(try daemon.post("/stop/flood").status == 200)
  }
}
