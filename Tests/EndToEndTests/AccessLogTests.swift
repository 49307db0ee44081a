import Foundation
import TestSupport
import Testing

/// The line that each request leaves in the supervisor's own log, where that is wanted.
struct AccessLogTests {
  /// The lines of requests, oldest first: what stands behind the prefix, and `TIME` for the time it
  /// took.
  private func lines(_ daemon: DaemonUnderTest) throws -> [String] {
    let file = daemon.logDirectory.appendingPathComponent("exeio.log")
    let prefix = "SYSTEM 127.0.0.1:\(daemon.port): "
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap {
      (line) -> String? in
      guard let start = line.firstRange(of: prefix)?.upperBound,
        line[start...].firstMatch(of: #/ key=\S+$/#) != nil
      else { return nil }
      return String(line[start...].replacing(#/ \d+\.\dms /#, with: " TIME "))
    }
  }

  /// Ends the daemon, so that all lines are in the file.
  private func linesAtTheEnd(_ daemon: DaemonUnderTest) throws -> [String] {
    daemon.signal(SIGTERM)
    #expect(daemon.waitForExit() == 0)
    return try lines(daemon)
  }

  @Test func aRequestLeavesOneLine() throws {
    let daemon = try DaemonUnderTest(["--log-level", "debug"])
    let requests = [
      ("GET", "/list?status=running"), ("HEAD", "/info?key=test-key"), ("GET", "/nowhere%22%0A"),
      ("POST", "/stop-all"), ("PUT", "/list"), ("GET", "/logs/exeio?page_size=1&q=nothing-like-it"),
      ("POST", "/clear-log/nobody"), ("GET", "/list%3Fkey=test-key"),
    ]
    let answers = try requests.map { try daemon.request($0.0, $0.1) }
    let wrong = try daemon.request("GET", "/list", key: "test-kex")
    #expect(answers.map(\.status) == [200, 200, 404, 200, 405, 200, 404, 404])
    let sizes = (answers + [wrong]).map(\.body.count)
    #expect(sizes[1] == 0)
    let expected = [
      #"127.0.0.1 "GET /list" 200 \#(sizes[0]) TIME key=default"#,
      #"127.0.0.1 "HEAD /info" 200 0 TIME key=-"#,
      #"127.0.0.1 "GET /nowhere%22%0A" 404 \#(sizes[2]) TIME key=default"#,
      #"127.0.0.1 "POST /stop-all" 200 \#(sizes[3]) TIME key=default"#,
      #"127.0.0.1 "PUT /list" 405 \#(sizes[4]) TIME key=default"#,
      #"127.0.0.1 "GET /logs/exeio" 200 \#(sizes[5]) TIME key=default"#,
      #"127.0.0.1 "POST /clear-log/nobody" 404 \#(sizes[6]) TIME key=default"#,
      #"127.0.0.1 "GET /list" 404 \#(sizes[7]) TIME key=default"#,
      #"127.0.0.1 "GET /list" 401 \#(sizes[8]) TIME key=-"#,
    ]
    #expect(try linesAtTheEnd(daemon) == expected)
    let text = try String(
      contentsOf: daemon.logDirectory.appendingPathComponent("exeio.log"), encoding: .utf8)
    #expect(!text.contains("test-ke"))
  }

  @Test func aRequestThatWaitsForAProcessLeavesItsLineWhenItIsAnswered() throws {
    let daemon = try DaemonUnderTest(["--log-level", "debug"])
    let body =
      #"{"id": "slow", "command": "sleep", "args": ["1000"], "environment": {"SECRET": "hush"}}"#
    let added = try daemon.post("/add", body)
    let stopped = try daemon.post("/stop/slow")
    #expect(added.status == 201)
    #expect(stopped.status == 200)
    let expected = [
      #"127.0.0.1 "POST /add" 201 \#(added.body.count) TIME key=default"#,
      #"127.0.0.1 "POST /stop/slow" 200 \#(stopped.body.count) TIME key=default"#,
    ]
    #expect(try linesAtTheEnd(daemon) == expected)
    let text = try String(
      contentsOf: daemon.logDirectory.appendingPathComponent("exeio.log"), encoding: .utf8)
    #expect(!text.contains("hush"))
  }

  @Test(.direct("nginx refuses these itself"))
  func whatIsRefusedBeforeItIsARequestLeavesALineToo() throws {
    let daemon = try DaemonUnderTest(["--log-level", "debug"])
    let long = String(repeating: "a", count: 20_000)
    let inputs = [
      "nonsense\r\n\r\n", "GET /\(long) HTTP/1.1\r\n\r\n",
      "GET /list?key=test-key HTTP/1.1\r\nHost: x\r\nX: \(long)\r\n\r\n",
      "POST /add HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n",
      "HEAD /a HTTP/1.1\r\n\r\n",
    ]
    let sizes = try inputs.map { input in
      let socket = try TestSocket(port: daemon.port)
      try socket.send(input)
      return try socket.receiveAnswer(toHead: input.hasPrefix("HEAD")).body.count
    }
    let expected = [
      #"127.0.0.1 "-" 400 \#(sizes[0]) TIME key=-"#,
      #"127.0.0.1 "GET" 414 \#(sizes[1]) TIME key=-"#,
      #"127.0.0.1 "GET /list" 431 \#(sizes[2]) TIME key=-"#,
      #"127.0.0.1 "POST /add" 413 \#(sizes[3]) TIME key=-"#,
      #"127.0.0.1 "HEAD /a" 400 0 TIME key=-"#,
    ]
    #expect(try linesAtTheEnd(daemon) == expected)
  }

  @Test(.direct("nginx has its own connections to the daemon"))
  func aConnectionTooManyLeavesALine() throws {
    let daemon = try DaemonUnderTest(["--log-level", "debug", "--max-connections", "1"])
    let list = try daemon.get("/list")
    let refused = try TestSocket(port: daemon.port).receiveAnswer()
    #expect(refused.status == 503)
    let expected = [
      #"127.0.0.1 "GET /list" 200 \#(list.body.count) TIME key=default"#,
      #"127.0.0.1 "-" 503 \#(refused.body.count) TIME key=-"#,
    ]
    #expect(try linesAtTheEnd(daemon) == expected)
  }

  @Test(.direct("the test is the proxy"))
  func theLineNamesTheClientThatATrustedProxyNames() throws {
    let daemon = try DaemonUnderTest([
      "--log-level", "debug", "--trusted-proxy", "unix", "--socket", "exeio.sock",
    ])
    let path = daemon.directory.appendingPathComponent("work/exeio.sock").path
    // sun_path is short, temporary directories are not.
    let link = "/tmp/exeio-\(UInt32.random(in: 0...UInt32.max)).sock"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
    let socket = try TestSocket(path: link)
    try FileManager.default.removeItem(atPath: link)
    let forwarded = "X-Forwarded-For: 192.0.2.9\r\nX-Forwarded-For: 2001:DB8::0:1\r\n"
    try socket.send("GET /info HTTP/1.1\r\nHost: x\r\n\(forwarded)\r\n")
    try socket.send("GET /info HTTP/1.1\r\nHost: x\r\n\r\n")
    let size = try socket.receiveAnswer().body.count
    #expect(try socket.receiveAnswer().body.count == size)
    try daemon.request("GET", "/info", headers: ["X-Forwarded-For: 192.0.2.9"])
    let expected = [
      #"2001:db8::1 "GET /info" 200 \#(size) TIME key=-"#,
      #"unix "GET /info" 200 \#(size) TIME key=-"#,
      #"127.0.0.1 "GET /info" 200 \#(size) TIME key=-"#,
    ]
    #expect(try linesAtTheEnd(daemon) == expected)
  }

  @Test func atTheLevelInfoThereAreNone() throws {
    let daemon = try DaemonUnderTest()
    _ = try daemon.get("/list")
    let socket = try TestSocket(port: daemon.port)
    try socket.send("nonsense\r\n\r\n")
    #expect(try socket.receiveAnswer().status == 400)
    #expect(try linesAtTheEnd(daemon).isEmpty)
    let text = try String(
      contentsOf: daemon.logDirectory.appendingPathComponent("exeio.log"), encoding: .utf8)
    #expect(!text.contains("GET"))
  }
}
