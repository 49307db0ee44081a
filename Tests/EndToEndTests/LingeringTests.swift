import Foundation
import Glibc
import TestSupport
import Testing

/// Whether this is Linux 6.9 or later.
private let hasPidfdsOfThreads: Bool = {
  var name = utsname()
  guard uname(&name) == 0 else { return false }
  let release = withUnsafeBytes(of: name.release) {
    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
  }
  let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
  return numbers.count == 2 && (numbers[0], numbers[1]) >= (6, 9)
}()

/// A daemon that was killed while a thread of it hangs in the kernel, where no signal ends that: it
/// executes nothing any more, and has all open until its file system answers.
@Suite(
  .direct("it has another Unix socket than the one that nginx knows"),
  .enabled(if: HangingFiles.isPossible, "a file system of fuse(4) cannot be mounted here"),
  .enabled(
    if: hasPidfdsOfThreads, "this kernel has no pidfd of a thread: nothing can be taken away"))
struct LingeringTests {
  private let place: TemporaryDirectory
  private let files: HangingFiles

  init() throws {
    place = try TemporaryDirectory()
    files = try HangingFiles(at: place.path)
    try "A=b\n".write(toFile: "\(files.behind)/environment", atomically: true, encoding: .utf8)
  }

  /// Has a thread of a daemon hang, and kills the daemon.
  private func hangAndKill(_ pid: Int32, askingOver socket: TestSocket) throws {
    try files.hang(.open)
    let body =
      #"{"id": "hung", "command": "sleep", "args": ["1"], "environment_file": "\#(files.path)/environment"}"#
    try socket.send(
      "POST /add HTTP/1.1\r\nHost: localhost\r\nexeio-api-key: test-key\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    )
    try files.waitUntilHeld(.open)
    kill(pid, SIGKILL)
    try eventually("its first thread has ended, and another one hangs") {
      try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8).contains("State:\tZ")
        && FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task").count > 1
    }
  }

  @Test func itKeepsNeitherLocksNorSocketsFromTheNextOne() throws {
    defer { files.end() }
    let sockets = try TemporaryDirectory()
    let address = "127.0.0.1:\(try unusedPort())"
    let daemon = try DaemonUnderTest(["--socket", sockets.file("api")])
    let web = try daemon.addShell(
      "web", "exec sleep 1000",
      ["listen": [address, sockets.file("web")], "save_for_next_run": true])
    try #require(web.status == 201)
    let pid = daemon.pid
    let old = try #require(
      (try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8))?
        .split(separator: " ").compactMap { Int32($0) })
    let asking = try daemon.connect()
    try hangAndKill(pid, askingOver: asking)
    try daemon.launch()
    #expect(daemon.pid != pid)
    try daemon.waitFor("web", status: "running")
    let socket = try TestSocket(path: sockets.file("api"))
    try socket.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    #expect(try socket.receiveAnswer(toHead: false).status == 200)
    // What the old one has started runs no longer: zombies are its to take.
    for child in old {
      let status = try? String(contentsOfFile: "/proc/\(child)/status", encoding: .utf8)
      #expect(status?.contains("State:\tZ") ?? true, "\(status ?? "")")
    }
    #expect(FileManager.default.fileExists(atPath: "/proc/\(pid)/task/\(pid)"), "it hangs still")
    try files.goOn()
    try eventually("the old one has ended") { kill(pid, 0) == -1 }
    daemon.signal(SIGTERM)
    #expect(daemon.waitForExit() == 0)
  }

  /// They are its own, and the next daemon gets the same ones.
  @Test func whatAServiceManagerHasHandedOverGoesOnListening() throws {
    defer { files.end() }
    let temporary = try TemporaryDirectory()
    let directory = URL(fileURLWithPath: temporary.path)
    let socket = try ListeningSocket()
    let service = try ServiceUnderTest([], in: directory, sockets: [socket.descriptor])
    try hangAndKill(service.pid, askingOver: TestSocket(port: socket.port))
    let next = try ServiceUnderTest([], in: directory, sockets: [socket.descriptor])
    let client = try TestSocket(port: socket.port)
    #expect(try ServiceUnderTest.request("GET", "/list", over: client).status == 200)
    #expect(FileManager.default.fileExists(atPath: "/proc/\(service.pid)/task"), "it hangs still")
    try files.goOn()
    #expect(service.waitForExit() == -SIGKILL)
    kill(next.pid, SIGTERM)
    #expect(next.waitForExit() == 0)
  }
}
