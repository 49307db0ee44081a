import Foundation
import Glibc
import TestSupport
import Testing

/// A process can lock its own memory for as long as a file system does not answer, and its
/// environment cannot be read meanwhile. Any user can have such a file system.
@Suite(
  .enabled(if: HangingFiles.isPossible, "a file system of fuse(4) cannot be mounted here"),
  .serialized)
struct HungMemoryTests {
  private let files: HangingFiles

  init() throws {
    files = try HangingFiles()
    try Data(count: 4096).write(to: URL(fileURLWithPath: "\(files.behind)/file"))
    try files.hang(.write, .sync)
  }

  /// Has a process hang that has said that it is ready.
  private func hang(_ pid: Int32) throws {
    try #require(kill(pid, SIGUSR1) == 0)
    try files.waitUntilHeld(.write)
  }

  /// Whether the environment of a process cannot be read: a thread is left behind with that.
  private func isLocked(_ pid: Int32) -> Bool {
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      let descriptor = open("/proc/\(pid)/environ", O_RDONLY | O_CLOEXEC)
      var byte: UInt8 = 0
      _ = read(descriptor, &byte, 1)
      close(descriptor)
      done.signal()
    }
    return done.wait(timeout: .now() + 0.5) == .timedOut
  }

  /// It is looked at, since it may be what an earlier daemon has left.
  @Test func aDaemonStartsBesideIt() throws {
    let holder = Foundation.Process()
    holder.executableURL = URL(fileURLWithPath: TestPrograms.helper)
    holder.arguments = ["hold-memory", "\(files.path)/file"]
    let output = Pipe()
    holder.standardOutput = output
    try holder.run()
    defer {
      files.end()
      kill(holder.processIdentifier, SIGKILL)
      holder.waitUntilExit()
    }
    #expect(output.fileHandleForReading.availableData.starts(with: Data("ready".utf8)))
    let daemon = try DaemonUnderTest(["--cgroup", "none"])
    try daemon.addShell(
      "web", "exec sleep 1000 > /dev/null 2>&1",
      ["save_for_next_run": true, "stop_timeout_seconds": 1])
    let old = try #require(try daemon.status("web")["pid"] as? Int)
    try hang(holder.processIdentifier)
    try #require(isLocked(holder.processIdentifier), "it is not locked, and the test shows nothing")
    daemon.signal(SIGKILL)
    #expect(daemon.waitForExit() == -SIGKILL)
    try daemon.launch()
    try daemon.waitFor("web", status: "running")
    #expect(!SystemView.isAlive(Int32(old)))
    let lines = try daemon.log("exeio")
    #expect(
      lines.contains {
        $0.contains("an earlier supervisor started these cannot be told")
          && $0.contains("\(holder.processIdentifier) (holds-memory)")
      }, "\(lines)")
    try files.goOn()
  }

  /// Runs that have ended wait a moment for it, and it is ended as soon as it can be told.
  @Test func anOrphanLikeThatHoldsNothingUp() throws {
    let daemon = try DaemonUnderTest(["--cgroup", "none"])
    defer { files.end() }
    let restarting: [String: Any] = ["auto_restart": true, "restart_delay_seconds": [0.1]]
    try daemon.addShell("other", "exec sleep 1000", restarting)
    let said = "\(daemon.directory.path)/said"
    try daemon.addShell(
      "web",
      """
      test -e \(said) || setsid \(TestPrograms.helper) hold-memory \(files.path)/file > \(said) 2>&1 &
      exec sleep 1000
      """, restarting)
    let orphan = try eventually("it is ready") {
      let text = try? String(contentsOfFile: said, encoding: .utf8)
      return text?.split(separator: "\n").first?.split(separator: " ").last.flatMap { Int32($0) }
    }
    try hang(orphan)
    try #require(isLocked(orphan), "it is not locked, and the test shows nothing")
    for id in ["web", "other"] {
      let old = try #require(try daemon.status(id)["pid"] as? Int)
      kill(Int32(old), SIGKILL)
      let begin = Date()
      var slowest: TimeInterval = 0
      try eventually("\(id) is restarted", within: 20) {
        let asked = Date()
        let entry = try daemon.status(id)
        slowest = max(slowest, Date().timeIntervalSince(asked))
        return entry["status"] as? String == "running" && entry["pid"] as? Int != old
      }
      #expect(slowest < 1, "the loop was held up")
      #expect(Date().timeIntervalSince(begin) < 10)
    }
    #expect(SystemView.isAlive(orphan))
    try files.goOn()
    try eventually("it has been ended") { !SystemView.isAlive(orphan) }
    try daemon.waitFor("exeio", lineContaining: "\(orphan) (holds-memory)")
  }
}
