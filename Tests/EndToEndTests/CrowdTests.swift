import Foundation
import TestSupport
import Testing

/// Strangers in numbers, readers who do not read, and those who have to get through all the same.
@Suite(.direct("the test speaks to the daemon's own connections"))
struct CrowdTests {
  /// A connection to the Unix socket of a daemon that has `--socket exeio.sock`.
  private func connect(_ daemon: DaemonUnderTest) throws -> TestSocket {
    let path = daemon.directory.appendingPathComponent("work/exeio.sock").path
    // sun_path is short, temporary directories are not.
    let link = "/tmp/exeio-\(UInt32.random(in: 0...UInt32.max)).sock"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
    defer { unlink(link) }
    return try TestSocket(path: link)
  }

  private func residentBytes(of daemon: DaemonUnderTest) -> Int {
    (SystemView.statusValue("VmRSS", of: daemon.pid) ?? 0) << 10
  }

  private func ask(_ socket: TestSocket, _ request: String, _ lines: String = "") throws -> Answer {
    try socket.send("\(request) HTTP/1.1\r\nHost: x\r\n\(lines)\r\n")
    return try socket.receiveAnswer()
  }

  @Test func strangersDoNotKeepOthersOut() throws {
    let daemon = try DaemonUnderTest(["--max-connections", "20", "--socket", "exeio.sock"])
    #expect(try daemon.get("/health").object()["problems"] as? [[String: String]] == [])
    var strangers: [TestSocket] = []
    for _ in 0..<40 { strangers.append(try TestSocket(port: daemon.port)) }
    #expect(try ask(TestSocket(port: daemon.port), "GET /health").status == 200)
    let key = "exeio-api-key: test-key\r\n"
    #expect(try ask(connect(daemon), "GET /list", key).status == 200)
    let health = try ask(connect(daemon), "GET /health", key).object()
    let problems = try #require(health["problems"] as? [[String: String]])
    #expect(problems.map { $0["code"] } == ["limit"])
    #expect(problems.first?["message"]?.hasPrefix("20 connections over TCP are served") == true)
    withExtendedLifetime(strangers) {}
  }

  /// Of 160 descriptors 40 are kept back, a quarter; a restart takes ten for a moment.
  @Test func strangersLeaveTheDescriptorsThatRestartsNeed() throws {
    let daemon = try DaemonUnderTest(
      runner: ["/bin/sh", "-c", "ulimit -n 160; exec \"$@\"", "sh"])
    for number in 0..<16 {
      #expect(
        try daemon.add(["id": "p\(number)", "command": "sleep", "args": ["1000"]]).status == 201)
    }
    var strangers: [TestSocket] = []
    for _ in 0..<300 { strangers.append(try TestSocket(port: daemon.port)) }
    let key = "exeio-api-key: test-key\r\n"
    let answer = try ask(TestSocket(port: daemon.port), "POST /restart-all", key).object()
    let results = try #require(answer["results"] as? [[String: Any]])
    #expect(results.count == 16)
    #expect(results.allSatisfy { $0["success"] as? Bool == true }, "\(results)")
    let health = try ask(TestSocket(port: daemon.port), "GET /health", key).object()
    let problems = try #require(health["problems"] as? [[String: String]])
    #expect(problems.map { $0["code"] }.contains("limit"), "\(problems)")
    withExtendedLifetime(strangers) {}
  }

  /// What is kept back is not for more processes; and with every descriptor open, those who have a
  /// right get through.
  @Test func processesLeaveTheDescriptorsThatRestartsNeed() throws {
    let daemon = try DaemonUnderTest(
      ["--socket", "exeio.sock"], runner: ["/bin/sh", "-c", "ulimit -n 128; exec \"$@\"", "sh"])
    var added = 0
    var refusal: Answer?
    while refusal == nil, added < 60 {
      let answer = try daemon.add(
        ["id": "p\(added)", "command": "sleep", "args": ["1000"], "auto_restart": true])
      if answer.status == 201 { added += 1 } else { refusal = answer }
    }
    #expect(refusal?.status == 409)
    let message = try #require(try refusal?.message)
    #expect(message.hasPrefix("Nothing is started: all 96 descriptors"), "\(message)")
    var strangers: [TestSocket] = []
    for _ in 0..<100 { strangers.append(try TestSocket(port: daemon.port)) }
    let key = "exeio-api-key: test-key\r\n"
    #expect(try ask(TestSocket(port: daemon.port), "GET /list", key).status == 200)
    #expect(try ask(connect(daemon), "GET /list").status == 200)
    #expect(try ask(TestSocket(port: daemon.port), "POST /restart/p0", key).status == 200)
    withExtendedLifetime(strangers) {}
  }

  @Test func theDaemonsUserNeedsNoKeyOnItsSocket() throws {
    let daemon = try DaemonUnderTest(["--socket", "exeio.sock", "--log-level", "debug"])
    #expect(try ask(connect(daemon), "POST /stop-all").status == 200)
    #expect(try ask(connect(daemon), "POST /stop-all", "exeio-api-key: wrong\r\n").status == 401)
    #expect(
      try ask(connect(daemon), "POST /stop-all", "X-Forwarded-For: 192.0.2.1\r\n").status == 401)
    #expect(try daemon.request("POST", "/stop-all", key: nil).status == 401)
    let lines = try daemon.log("exeio")
    #expect(
      lines.contains { $0.hasSuffix("Audit: POST /stop-all by uid \(getuid()) from unix: 200") })
    #expect(lines.contains { $0.hasSuffix("key=uid \(getuid())") })
  }

  @Test func aProxysSocketMakesNobodyAnAdministrator() throws {
    let daemon = try DaemonUnderTest(["--socket", "exeio.sock", "--trusted-proxy", "unix"])
    #expect(try ask(connect(daemon), "GET /list").status == 401)
  }

  @Test(.disabled(if: DaemonUnderTest.isSanitized, "the sanitizer's own memory hides it"))
  func theBodiesOfStrangersTakeNoMemory() throws {
    let daemon = try DaemonUnderTest()
    _ = try daemon.get("/list")
    let before = residentBytes(of: daemon)
    var strangers: [TestSocket] = []
    for _ in 0..<100 {
      let stranger = try TestSocket(port: daemon.port)
      try stranger.send("POST /add HTTP/1.1\r\nHost: x\r\nContent-Length: 1048576\r\n\r\n")
      #expect(try stranger.receiveAnswer().status == 401)
      // The daemon still reads for two seconds, and keeps nothing.
      try stranger.send([UInt8](repeating: 32, count: 900_000))
      strangers.append(stranger)
    }
    #expect(residentBytes(of: daemon) - before < 20 << 20)
    withExtendedLifetime(strangers) {}
  }

  @Test func pipelinedOrdersAreCarriedOutOneAfterTheOther() throws {
    let daemon = try DaemonUnderTest()
    #expect(
      try daemon.add(["id": "b", "command": "sleep", "args": ["1000"]]).status == 201)
    let body = #"{"id": "b", "command": "sleep", "args": ["2000"]}"#
    let key = "Host: x\r\nexeio-api-key: test-key\r\n"
    let socket = try TestSocket(port: daemon.port)
    try socket.send(
      "POST /remove/b HTTP/1.1\r\n\(key)\r\n"
        + "POST /add HTTP/1.1\r\n\(key)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    #expect(try socket.receiveAnswer().status == 200)
    #expect(try socket.receiveAnswer().status == 201)
    #expect(try daemon.get("/status/b").status == 200)
  }

  @Test func aKeptConnectionDoesNotHoldTheEndUp() throws {
    let daemon = try DaemonUnderTest()
    let socket = try TestSocket(port: daemon.port)
    let answer = try ask(socket, "POST /shutdown", "exeio-api-key: test-key\r\n")
    #expect(answer.status == 200)
    #expect(answer.headers["connection"] == "close")
    let began = Date()
    #expect(daemon.waitForExit() == 0)
    #expect(Date().timeIntervalSince(began) < 1.9)
    withExtendedLifetime(socket) {}
  }

  @Test(.disabled(if: DaemonUnderTest.isSanitized, "the sanitizer's own memory hides it"))
  func theMemoryOfReadersComesBack() throws {
    let daemon = try DaemonUnderTest()
    try Data(
      "[2026-01-01 00:00:00] STDOUT: \(String(repeating: "x", count: 700))\n".utf8.repeated(12_000)
    )
    .write(to: daemon.logDirectory.appendingPathComponent("a.log"))
    #expect(try daemon.add(["id": "a", "command": "sleep", "args": ["1000"]]).status == 201)
    let page = "GET /logs/a?page_size=10000 HTTP/1.1\r\nHost: x\r\nexeio-api-key: test-key\r\n\r\n"
    #expect(try daemon.get("/logs/a?page_size=10000").status == 200)
    let before = residentBytes(of: daemon)
    var readers: [TestSocket] = []
    for _ in 0..<10 {
      let reader = try TestSocket(port: daemon.port)
      try reader.send(String(repeating: page, count: 32))
      readers.append(reader)
    }
    try eventually("the answers are made") {
      residentBytes(of: daemon) - before > 30 << 20
    }
    #expect(try daemon.get("/health").status == 200)
    #expect(residentBytes(of: daemon) - before < 200 << 20)
    readers = []
    try eventually("the memory is given back") {
      residentBytes(of: daemon) - before < 16 << 20
    }
  }
}

/// What the daemon takes for requests and answers is given back soon.
@Suite(.direct("the test speaks to the daemon's own connections"))
struct MemoryReturnTests {
  private static let rounds = 1000

  private func residentBytes(of daemon: DaemonUnderTest) -> Int {
    (SystemView.statusValue("VmRSS", of: daemon.pid) ?? 0) << 10
  }

  /// It takes half a second; ten are for a machine that is busy.
  private func expectReturn(_ daemon: DaemonUnderTest, to before: Int, _ what: String) throws {
    try eventually("the memory of \(what) is given back", within: 10) {
      residentBytes(of: daemon) - before < 4 << 20
    }
  }

  @Test(.disabled(if: DaemonUnderTest.isSanitized, "the sanitizer's own memory hides it"))
  func aThousandBodiesLeaveNothing() throws {
    let daemon = try DaemonUnderTest()
    let body = [UInt8](repeating: UInt8(ascii: " "), count: 1_000_000)
    let head = "POST /add HTTP/1.1\r\nHost: x\r\nexeio-api-key: test-key\r\n"
    let whole = Array("\(head)Content-Length: 1000000\r\n\r\n".utf8) + body
    let socket = try TestSocket(port: daemon.port)
    try socket.send(whole)
    #expect(try socket.receiveAnswer().status == 400)
    let before = residentBytes(of: daemon)
    for _ in 0..<Self.rounds {
      try socket.send(whole)
      #expect(try socket.receiveAnswer().status == 400)
    }
    #expect(residentBytes(of: daemon) - before < 32 << 20)
    try expectReturn(daemon, to: before, "whole bodies")
    // Their clients go before the last byte.
    for _ in 0..<(Self.rounds / 20) {
      var clients: [TestSocket] = []
      for _ in 0..<20 {
        let client = try TestSocket(port: daemon.port)
        try client.send(Array(whole.dropLast()))
        clients.append(client)
      }
    }
    try expectReturn(daemon, to: before, "bodies that were given up")
  }

  @Test(.disabled(if: DaemonUnderTest.isSanitized, "the sanitizer's own memory hides it"))
  func aThousandPagesLeaveNothing() throws {
    let daemon = try DaemonUnderTest()
    try Data(
      "[2026-01-01 00:00:00] STDOUT: \(String(repeating: "x", count: 700))\n".utf8.repeated(500)
    )
    .write(to: daemon.logDirectory.appendingPathComponent("a.log"))
    #expect(try daemon.add(["id": "a", "command": "sleep", "args": ["1000"]]).status == 201)
    let page = "GET /logs/a?page_size=500 HTTP/1.1\r\nHost: x\r\nexeio-api-key: test-key\r\n\r\n"
    let socket = try TestSocket(port: daemon.port)
    try socket.send(page)
    #expect(try socket.receiveAnswer().status == 200)
    let before = residentBytes(of: daemon)
    for round in 0..<Self.rounds {
      // Every second client goes without a look at its answer.
      let client = round.isMultiple(of: 2) ? socket : try TestSocket(port: daemon.port)
      try client.send(page)
      if client === socket { #expect(try client.receiveAnswer().status == 200) }
    }
    #expect(residentBytes(of: daemon) - before < 64 << 20)
    try expectReturn(daemon, to: before, "pages")
  }
}

extension String.UTF8View {
  /// So many of them in a row.
  fileprivate func repeated(_ count: Int) -> [UInt8] {
    Array(repeatElement(self, count: count).joined())
  }
}
