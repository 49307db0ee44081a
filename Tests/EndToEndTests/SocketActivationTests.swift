import Foundation
import Glibc
import TestSupport
import Testing

/// Listening sockets that are handed over, and the journal as standard error.
@Suite(.direct("the test is the service manager, and connects to the sockets that it has made"))
struct SocketActivationTests {
  private let temporary: TemporaryDirectory
  private let notify: NotifyReceiver
  private var directory: URL { URL(fileURLWithPath: temporary.path) }

  init() throws {
    temporary = try TemporaryDirectory()
    notify = try NotifyReceiver(temporary.file("notify"))
  }

  @Test func theFirstRequestsWaitForTheDaemonOverTCPAndUnix() throws {
    let path = temporary.file("s")
    let sockets = [try ListeningSocket(path: path), try ListeningSocket()]
    let port = sockets[1].port
    // Both are sent before a daemon is there to answer.
    let early = [try TestSocket(port: port), try TestSocket(path: path)]
    for socket in early { try socket.send("GET /info HTTP/1.1\r\nHost: x\r\n\r\n") }
    let pipe = Pipe()
    let errors = Pipe()
    // The port that is given is taken: it must not be bound, nor may the path be a second time.
    let service = try ServiceUnderTest(
      ["--port", "\(port)", "--socket", path], in: directory,
      environment: ["LISTEN_FDNAMES": "admin:web", "EXEIO_HOST": "::1"],
      sockets: sockets.map(\.descriptor), output: pipe.fileHandleForWriting.fileDescriptor,
      errors: errors.fileHandleForWriting.fileDescriptor)
    for socket in early {
      let answer = try socket.receiveAnswer()
      #expect(answer.status == 200)
      #expect(try answer.object()["url"] as? String == "http://127.0.0.1:\(port)")
    }
    let banner = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
    #expect(banner.hasPrefix("Process Supervisor starting on port \(port) at 127.0.0.1\n"))
    // What was asked for and does not hold is said.
    let said = String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
    for origin in ["EXEIO_HOST", "--port"] {
      #expect(said.contains("exeio: warning: \(origin) is not used: the sockets"), "\(said)")
    }
    let socket = try TestSocket(path: path)
    let log = try ServiceUnderTest.request("GET", "/logs/exeio", over: socket).object()
    let lines = try #require(log["logs"] as? [String])
    #expect(lines.allSatisfy { $0.contains("SYSTEM 127.0.0.1:\(port): ") })
    kill(service.pid, SIGTERM)
    #expect(service.waitForExit() == 0)
    // It is not ours to remove, and the client that comes next is served by the next daemon.
    #expect(FileManager.default.fileExists(atPath: path))
    let next = try TestSocket(path: path)
    try next.send("GET /info HTTP/1.1\r\nHost: x\r\n\r\n")
    let second = try ServiceUnderTest(
      [], in: directory, sockets: sockets.map(\.descriptor))
    #expect(try next.receiveAnswer().status == 200)
    kill(second.pid, SIGTERM)
    #expect(second.waitForExit() == 0)
  }

  @Test func whoConnectsWhileTheDaemonStopsIsServedByTheNextOne() throws {
    let handed = try ListeningSocket()
    let service = try ServiceUnderTest(
      in: directory, environment: ["NOTIFY_SOCKET": notify.name], sockets: [handed.descriptor])
    _ = try notify.receive("READY=1")
    let socket = try TestSocket(port: handed.port)
    let script = "trap '' TERM; echo up; while :; do sleep 0.1; done"
    let deaf =
      #"{"id": "deaf", "command": "sh", "args": ["-c", "\#(script)"], "stop_timeout_seconds": 1}"#
    #expect(try ServiceUnderTest.request("POST", "/add", deaf, over: socket).status == 201)
    _ = try eventually("it is deaf") {
      try ServiceUnderTest.request("GET", "/logs/deaf", over: socket).text.contains("STDOUT: up")
        ? true : nil
    }
    kill(service.pid, SIGTERM)
    _ = try notify.receive("STOPPING=1")
    let late = try TestSocket(port: handed.port)
    try late.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(service.waitForExit() == 0)
    let next = try ServiceUnderTest(in: directory, sockets: [handed.descriptor])
    #expect(try late.receiveAnswer().status == 200)
    kill(next.pid, SIGTERM)
    #expect(next.waitForExit() == 0)
  }

  @Test func aUnixSocketAloneIsEnoughAndAnotherPathIsBoundBesideIt() throws {
    let path = temporary.file("s")
    let other = temporary.file("other")
    let handed = try ListeningSocket(path: path)
    let pipe = Pipe()
    let service = try ServiceUnderTest(
      ["--socket", other], in: directory, environment: ["NOTIFY_SOCKET": notify.name],
      sockets: [handed.descriptor], output: pipe.fileHandleForWriting.fileDescriptor)
    #expect(try notify.receive("READY=1")[1] == "STATUS=unix:\(path), no processes")
    for path in [path, other] {
      let answer = try ServiceUnderTest.request("GET", "/info", over: TestSocket(path: path))
      #expect(try answer.object()["url"] as? String == "unix:\(temporary.file("s"))")
    }
    let banner = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
    #expect(banner.hasPrefix("Process Supervisor starting at unix:\(path)\n"))
    kill(service.pid, SIGTERM)
    #expect(service.waitForExit() == 0)
    #expect(!FileManager.default.fileExists(atPath: other))
  }

  @Test func childrenHaveNeitherTheSocketsNorTheVariables() throws {
    let sockets = [try ListeningSocket(), try ListeningSocket()]
    let service = try ServiceUnderTest(
      in: directory,
      environment: ["NOTIFY_SOCKET": notify.name, "LISTEN_FDNAMES": "a:b", "INVOCATION_ID": "1"],
      sockets: sockets.map(\.descriptor))
    _ = try notify.receive("READY=1")
    let script = "ls /proc/self/fd | wc -w; env"
    let definition = try JSONSerialization.data(
      withJSONObject: ["id": "p", "command": "sh", "args": ["-c", script]])
    let socket = try TestSocket(port: sockets[0].port)
    let body = String(decoding: definition, as: UTF8.self)
    #expect(try ServiceUnderTest.request("POST", "/add", body, over: socket).status == 201)
    let text: String = try eventually("it has ended") {
      let entry = try ServiceUnderTest.request("GET", "/status/p", over: socket).object()
      guard entry["status"] as? String == "stopped" else { return nil }
      return try ServiceUnderTest.request(
        "GET", "/logs/p?stream=stdout&page_size=1000", over: socket
      ).text
    }
    // Its three, and the one that ls reads the directory by.
    #expect(text.contains("STDOUT: 4\""), "\(text)")
    #expect(!text.contains("LISTEN_") && !text.contains("NOTIFY_SOCKET"), "\(text)")
    #expect(!text.contains("INVOCATION_ID"))
    kill(service.pid, SIGTERM)
    #expect(service.waitForExit() == 0)
  }

  @Test func aDescriptorThatCannotBeListenedOnStopsTheStart() throws {
    let good = try ListeningSocket()
    let bad = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(bad) }
    let pipe = Pipe()
    let service = try ServiceUnderTest(
      in: directory, environment: ["LISTEN_FDNAMES": "web:log"],
      sockets: [good.descriptor, bad], errors: pipe.fileHandleForWriting.fileDescriptor)
    #expect(service.waitForExit() == 1)
    let said = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
    #expect(said.hasPrefix("exeio: descriptor 4 ('log' in LISTEN_FDNAMES) is no stream socket"))
    #expect(said.filter { $0 == "\n" }.count == 1)
  }

  @Test func socketsForAnotherProcessAreLeftAlone() throws {
    let daemon = try DaemonUnderTest(environment: ["LISTEN_PID": "1", "LISTEN_FDS": "1"])
    #expect(try daemon.get("/list").status == 200)
  }

  @Test func theJournalGetsEveryLineWithItsPriority() throws {
    var pair: [Int32] = [-1, -1]
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    try #require(socketpair(AF_UNIX, type, 0, &pair) == 0)
    defer { for end in pair { close(end) } }
    var status = stat()
    try #require(fstat(pair[1], &status) == 0)
    let variable = "\(status.st_dev):\(status.st_ino)"
    let service = try ServiceUnderTest(
      ["--port", "0", "--host", "0.0.0.0"], in: directory,
      environment: [
        "JOURNAL_STREAM": variable, "NOTIFY_SOCKET": notify.name, "WATCHDOG_USEC": "x",
      ], errors: pair[1])
    _ = try notify.receive("READY=1")
    kill(service.pid, SIGTERM)
    #expect(service.waitForExit() == 0)
    // The start that follows fails: its port is taken.
    let taken = try ListeningSocket()
    let failed = try ServiceUnderTest(
      ["--port", "\(taken.port)"], in: directory, environment: ["JOURNAL_STREAM": variable],
      errors: pair[1])
    #expect(failed.waitForExit() == 1)
    shutdown(pair[1], Int32(SHUT_WR))
    let text = String(
      decoding: FileHandle(fileDescriptor: pair[0]).readDataToEndOfFile(), as: UTF8.self)
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines.contains("<6>exeio process supervisor started"))
    #expect(lines.contains("<6>exeio process supervisor stopped"))
    #expect(lines.contains { $0.hasPrefix("<4>WATCHDOG_USEC 'x'") }, "\(text)")
    // What is written to standard error otherwise is there once.
    #expect(lines.filter { $0.contains("other machines can connect to 0.0.0.0:") }.count == 1)
    #expect(lines.last?.hasPrefix("<3>listen on '127.0.0.1:\(taken.port)'") == true, "\(text)")
    #expect(lines.allSatisfy { $0.hasPrefix("<") })
    // The file has the same lines, levels written out.
    let log = try String(contentsOfFile: temporary.file("data/logs/exeio.log"), encoding: .utf8)
    #expect(log.contains(": warning: WATCHDOG_USEC 'x'"))
  }

  @Test func withoutTheJournalStandardErrorStaysQuiet() throws {
    let daemon = try DaemonUnderTest(environment: ["JOURNAL_STREAM": "1:1"])
    daemon.signal(SIGTERM)
    #expect(daemon.waitForExit() == 0)
    #expect(daemon.errorOutput() == "")
  }
}
