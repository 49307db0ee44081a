import Foundation
import Glibc
import TestSupport
import Testing

/// A daemon that lives as long as an essential process does, and ends with its code.
struct EssentialTests {
  enum Setting: CaseIterable {
    case process
    /// As the first process of a namespace.
    case first

    static var possible: [Setting] { Namespace.runner == nil ? [.process] : allCases }
  }

  private func start(_ setting: Setting) throws -> DaemonUnderTest {
    switch setting {
    case .process: try DaemonUnderTest()
    case .first:
      try DaemonUnderTest(["--cgroup", "none"], runner: try #require(Namespace.runner))
    }
  }

  @Test(arguments: Setting.possible)
  func itsExitCodeIsThatOfTheDaemon(setting: Setting) throws {
    let daemon = try start(setting)
    try daemon.addShell(
      "other", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done")
    try daemon.waitFor("other", line: "STDOUT: up")
    try daemon.addShell("main", "read line; exit $line", ["essential": true])
    try daemon.post("/input/main", #"{"input": "3"}"#)
    #expect(daemon.waitForExit() == 3)
    let log = try String(
      contentsOf: daemon.logDirectory.appendingPathComponent("other.log"), encoding: .utf8)
    #expect(log.contains("STDOUT: bye\n"))
    let own = try String(
      contentsOf: daemon.logDirectory.appendingPathComponent("exeio.log"), encoding: .utf8)
    #expect(own.hasSuffix(": exeio process supervisor stopped, exit code 3\n"))
  }

  @Test(arguments: Setting.possible)
  func aSignalIs128AndItsNumber(setting: Setting) throws {
    let daemon = try start(setting)
    try daemon.addShell("main", "read line; kill -KILL $$", ["essential": true])
    try daemon.post("/input/main", #"{"input": ""}"#)
    #expect(daemon.waitForExit() == 137)
  }

  @Test func oneThatCannotStartIsOne() throws {
    let daemon = try DaemonUnderTest()
    try daemon.add(["id": "main", "command": "/does/not/exist", "essential": true])
    #expect(daemon.waitForExit() == 1)
  }

  @Test func oneThatIsStoppedByAnOperatorEndsNothing() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("main", "exec sleep 1000", ["essential": true])
    #expect(try daemon.post("/stop/main").status == 200)
    #expect(try daemon.get("/list").list().count == 1)
    daemon.signal(SIGTERM)
    #expect(daemon.waitForExit() == 0)
  }
}
