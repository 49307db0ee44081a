import Foundation
import Glibc
import TestSupport
import Testing
import UV

/// Sockets that the daemon holds and hands over to each run.
@Suite(.direct("the sockets are those of a process, not the daemon's"))
struct ListenTests {
  private func definition(_ listen: [String], _ more: [String: Any] = [:]) -> [String: Any] {
    ["id": "web", "command": TestPrograms.helper, "args": ["listen"], "listen": listen]
      .merging(more) { $1 }
  }

  private func ask(_ socket: TestSocket) throws -> Int {
    try socket.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    return try socket.receiveAnswer().status
  }

  @Test(arguments: Containment.possible)
  func nobodyIsRefusedBetweenTwoRuns(containment: Containment) throws {
    let contained = try ContainedDaemon(containment)
    let daemon = contained.daemon
    let port = try unusedPort()
    let path = daemon.directory.appendingPathComponent("s").path
    // A delay that no machine is too busy to see.
    try daemon.add(
      definition(
        ["127.0.0.1:\(port)", path], ["auto_restart": true, "restart_delay_seconds": [5]]))
    try daemon.waitFor("web", line: "STDOUT: ready 2 web:web")
    #expect(try ask(TestSocket(port: port)) == 200)
    #expect(try ask(TestSocket(path: path)) == 200)
    let pid = try #require(try daemon.status("web")["pid"] as? Int)
    kill(Int32(pid), SIGKILL)
    try daemon.waitFor("web", status: "backoff")
    // No daemon is there to accept, and they wait for the next one.
    let waiting = [try TestSocket(port: port), try TestSocket(path: path)]
    for socket in waiting { #expect(try ask(socket) == 200) }
    #expect(try daemon.post("/shutdown").status == 200)
    #expect(daemon.waitForExit() == 0)
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(throws: TestSocket.Failure.self) { try TestSocket(port: port) }
  }

  @Test func whoConnectsDuringRestartsIsAnswered() throws {
    let daemon = try DaemonUnderTest()
    let port = try unusedPort()
    // It ends when it is told to, between two connections.
    try daemon.add(
      definition(["127.0.0.1:\(port)"], ["args": ["listen", "gracefully"]]))
    try daemon.waitFor("web", line: "STDOUT: ready 1 web")
    let client = Client(port)
    for _ in 0..<5 {
      #expect(try daemon.post("/restart/web").status == 200)
      try client.waitForMore()
    }
    let (answers, failures) = client.stop()
    #expect(failures == [])
    #expect(answers > 5)
  }

  @Test func anAddressThatIsTakenFailsTheStartWhichIsTriedAgain() throws {
    let daemon = try DaemonUnderTest()
    var other: ListeningSocket? = try ListeningSocket()
    let port = try #require(other?.port)
    let path = daemon.directory.appendingPathComponent("s").path
    try daemon.add(
      definition(
        [path, "127.0.0.1:\(port)"], ["auto_restart": true, "restart_delay_seconds": [0.1]]))
    let entry = try daemon.waitFor("web", status: "backoff")
    #expect(
      (entry["error"] as? String)?.contains("listen '127.0.0.1:\(port)': Address already in use")
        == true)
    // Nothing listens in the name of a process that could not start.
    #expect(!FileManager.default.fileExists(atPath: path))
    other = nil
    try daemon.waitFor("web", line: "STDOUT: ready 2 web:web")
  }

  @Test(.enabled(if: getuid() == 0, "only root can start a process as another user"))
  func aSocketFileIsThatOfTheUserWhoTheProcessHasBecome() throws {
    let daemon = try DaemonUnderTest()
    let path = daemon.directory.appendingPathComponent("s").path
    func define(_ user: String) -> [String: Any] {
      [
        "id": "web", "command": "sleep", "args": ["1000"], "listen": [path], "user": user,
        "working_dir": "/",
      ]
    }
    func owner() throws -> uid_t {
      var status = stat()
      try #require(lstat(path, &status) == 0)
      return status.st_uid
    }
    try daemon.add(define("nobody"))
    #expect(try owner() == Account.named("nobody")?.user)
    try daemon.update(define("games"))
    #expect(try owner() == Account.named("games")?.user)
  }

  @Test(.enabled(if: access("/proc/net/if_inet6", R_OK) == 0, "needs IPv6"))
  func anAddressOfIPv4IsServedBesideAllOfIPv6FromTheUpdateOn() throws {
    let daemon = try DaemonUnderTest()
    let port = try unusedPort()
    try daemon.add(definition(["[::]:\(port)"]))
    try daemon.waitFor("web", line: "STDOUT: ready 1 web")
    try daemon.update(definition(["[::]:\(port)", "127.0.0.1:\(port)"]))
    try daemon.waitFor("web", line: "STDOUT: ready 2 web:web")
    #expect(try ask(TestSocket(port: port)) == 200)
    try daemon.update(definition(["[::]:\(port)"]))
    try eventually("IPv4 is served by the socket of IPv6 again") {
      try daemon.log("web").filter { $0 == "STDOUT: ready 1 web" }.count == 2
    }
    #expect(try ask(TestSocket(port: port)) == 200)
  }

  @Test func aPlainProcessHasThreeDescriptorsWhateverTheDaemonHolds() throws {
    let daemon = try DaemonUnderTest()
    try daemon.add(definition([daemon.directory.appendingPathComponent("s").path]))
    try daemon.waitFor("web", lineContaining: "STDOUT: ready 1")
    try daemon.addShell(
      "other", "for f in /proc/$$/fd/*; do echo ${f##*/}; done; echo ${LISTEN_FDS-none} end")
    try daemon.waitFor("other", line: "STDOUT: none end")
    let lines = try daemon.log("other").filter { $0.hasPrefix("STDOUT") }
    // 3 is what the shell reads the directory with.
    #expect(lines.dropLast() == ["STDOUT: 0", "STDOUT: 1", "STDOUT: 2", "STDOUT: 3"])
  }
}

/// Connects again and again, in a thread of its own.
private final class Client: @unchecked Sendable {
  private let lock = NSLock()
  private var isOver = false
  private var answers = 0
  private var failures: [String] = []
  private let ended = DispatchSemaphore(value: 0)

  init(_ port: UInt16) {
    Thread.detachNewThread { [self] in
      while !lock.withLock({ isOver }) {
        do {
          let socket = try TestSocket(port: port)
          try socket.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
          _ = try socket.receiveAnswer()
          lock.withLock { answers += 1 }
        } catch {
          lock.withLock { failures.append("\(error)") }
        }
      }
      ended.signal()
    }
  }

  /// Waits until another request was answered.
  func waitForMore() throws {
    let before = lock.withLock { answers }
    try eventually("another answer") { lock.withLock { answers > before || !failures.isEmpty } }
  }

  func stop() -> (answers: Int, failures: [String]) {
    lock.withLock { isOver = true }
    ended.wait()
    return lock.withLock { (answers, failures) }
  }
}
