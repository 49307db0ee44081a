import Foundation
import Glibc
import TestSupport
import Testing

/// What signals do to the daemon, and the daemon as the first process of a container.
struct SignalTests {
  @Test(arguments: [SIGTERM, SIGINT, SIGQUIT, SIGPWR])
  func theSignalsThatStopAContainerEndEverythingInOrder(signal: Int32) throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell(
      "web", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done")
    try daemon.waitFor("web", line: "STDOUT: up")
    daemon.signal(signal)
    #expect(daemon.waitForExit() == 0)
    let log = try String(
      contentsOf: daemon.logDirectory.appendingPathComponent("web.log"), encoding: .utf8)
    #expect(log.contains("STDOUT: bye\n"))
  }

  @Test(arguments: [SIGUSR2, SIGALRM, SIGXFSZ, SIGPIPE])
  func unhandledSignalsDoNothing(signal: Int32) throws {
    let daemon = try DaemonUnderTest()
    daemon.signal(signal)
    // Its children are not deaf to it.
    try daemon.addShell("web", "kill -\(signal) $$; sleep 1000")
    let entry = try daemon.waitFor("web", status: "stopped")
    #expect((entry["last_exit"] as? [String: Any])?["signal"] is String)
    #expect(daemon.isRunning)
    daemon.signal(SIGTERM)
    #expect(daemon.waitForExit() == 0)
  }

  @Test func logsAreReopenedAtUSR1() throws {
    let daemon = try DaemonUnderTest()
    let log = daemon.logDirectory.appendingPathComponent("exeio.log").path
    try FileManager.default.moveItem(atPath: log, toPath: log + ".old")
    daemon.signal(SIGUSR1)
    try eventually("the log is opened anew") { FileManager.default.fileExists(atPath: log) }
    try daemon.waitFor("exeio", line: "Log files reopened (SIGUSR1)")
  }
}
