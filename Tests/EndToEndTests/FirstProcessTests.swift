import Foundation
import Glibc
import TestSupport
import Testing

/// The daemon as process 1, as it is in a container.
@Suite(.enabled(if: Namespace.runner != nil, "unshare(1) may make no process id namespace here"))
struct FirstProcessTests {
  private func start(prepare: (URL) throws -> Void = { _ in }) throws -> DaemonUnderTest {
    // The tests' own cgroup may not be there for it.
    try DaemonUnderTest(
      ["--cgroup", "none"], runner: try #require(Namespace.runner), prepare: prepare)
  }

  /// The daemon itself, as the rest of the machine sees it: unshare(1) only waits for it.
  private func first(of daemon: DaemonUnderTest) throws -> Int32 {
    try eventually("unshare has a child") { SystemView.children(of: daemon.pid).first }
  }

  @Test func whatItIsHandedIsReaped() throws {
    let daemon = try start()
    // The shell in between ends at once; its child is an orphan then, and ends a moment later.
    try daemon.addShell("web", "echo $PPID; (sleep 0.2 & exec true); exec sleep 1000")
    try daemon.waitFor("web", line: "STDOUT: 1")
    let pid = try first(of: daemon)
    try eventually("nothing but the sleep is left") {
      SystemView.children(of: pid).count == 1 && SystemView.zombies(of: pid).isEmpty
    }
    kill(pid, SIGTERM)
    #expect(daemon.waitForExit() == 0)
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGQUIT, SIGPWR])
  func aStopReachesItsProcesses(signal: Int32) throws {
    let daemon = try start()
    try daemon.addShell(
      "web", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done")
    try daemon.waitFor("web", line: "STDOUT: up")
    kill(try first(of: daemon), signal)
    #expect(daemon.waitForExit() == 0)
    let log = try String(
      contentsOf: daemon.logDirectory.appendingPathComponent("web.log"), encoding: .utf8)
    #expect(log.contains("STDOUT: bye\n"))
  }
}
