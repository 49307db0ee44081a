import Foundation
import Testing

/// The HTTP interface of the running daemon.
struct APITests {
  @Test func parallelAddsOfOneIdStartOne() throws {
    let daemon = try DaemonUnderTest()
    let marker = SystemView.uniqueSleep()
    let body =
      #"{"id": "one", "command": "sleep", "args": ["\#(marker)"], "save_for_next_run": true}"#
    let request = """
      POST \(daemon.path("/add")) HTTP/1.1\r\nHost: x\r\nexeio-api-key: test-key\r\nContent-Length: \(body.utf8.count)\r
      \r\n\(body)
      """
    let sockets = try (0..<8).map { _ in try daemon.connect() }
    for socket in sockets { try socket.send(request) }
    let statuses = try sockets.map { try $0.receiveAnswer().status }.sorted()
    #expect(statuses == [201] + Array(repeating: 409, count: 7))
    try eventually("one runs") { SystemView.processes(matching: marker).count == 1 }
    #expect(SystemView.children(of: daemon.pid).count == 1)
  }

  @Test func everyRouteButTheOpenOnesNeedsTheKey() throws {
    let daemon = try DaemonUnderTest()
    let routes = [
      ("GET", "/list"), ("GET", "/status/x"), ("GET", "/logs/x"), ("POST", "/add"),
      ("POST", "/start/x"), ("POST", "/stop/x"), ("POST", "/restart/x"), ("POST", "/remove/x"),
      ("POST", "/start-all"), ("POST", "/stop-all"), ("POST", "/restart-all"), ("POST", "/input/x"),
      ("POST", "/clear-log/x"), ("POST", "/shutdown"),
    ]
    for (method, path) in routes {
      let answer = try daemon.request(method, path, key: nil)
      #expect(answer.status == 401, "\(path)")
      #expect(answer.headers["www-authenticate"] == "Bearer")
    }
    #expect(try daemon.request("GET", "/info", key: nil).status == 200)
    #expect(try daemon.request("GET", "/health", key: nil).status == 200)
    #expect(daemon.isRunning)
  }

  @Test func tooManyWrongKeysMakeAnAddressWait() throws {
    let daemon = try DaemonUnderTest()
    for _ in 0..<10 { #expect(try daemon.request("GET", "/list", key: "wrong").status == 401) }
    let answer = try daemon.request("GET", "/list", key: "wrong")
    #expect(answer.status == 429)
    #expect(answer.headers["retry-after"] != nil)
  }

  @Test func inputReachesTheProcessAndItsEndDoes() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("cat", "cat; echo ended")
    #expect(try daemon.post("/input/cat", #"{"input": "hello"}"#).status == 200)
    try daemon.waitFor("cat", line: "STDOUT: hello")
    #expect(try daemon.post("/input/cat", #"{"input": "bye", "newline": false}"#).status == 200)
    #expect(try daemon.post("/input/cat", #"{"close": true}"#).status == 200)
    try daemon.waitFor("cat", line: "STDOUT: byeended")
    try daemon.waitFor("cat", status: "stopped")
    #expect(try daemon.post("/input/cat", #"{"input": "x"}"#).status == 409)
    #expect(try daemon.post("/input/nobody", #"{"input": "x"}"#).status == 404)
  }

  @Test func inputToAProcessThatDoesNotReadIsQueuedAndBounded() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell("deaf", "exec sleep 1000")
    let body = "{\"input\": \"\(String(repeating: "x", count: 400_000))\"}"
    let first = try daemon.post("/input/deaf", body)
    #expect(first.status == 200)
    #expect(try first.message.contains("wait"))
    #expect(try daemon.post("/input/deaf", body).status == 200)
    #expect(try daemon.post("/input/deaf", body).status == 409)
    #expect(try daemon.post("/input/deaf", #"{"close": true}"#).status == 200)
    #expect(try daemon.post("/stop/deaf").status == 200)
  }

  @Test func theSupervisorIsNoProcessOfItsOwn() throws {
    let daemon = try DaemonUnderTest()
    for path in ["/stop/exeio", "/remove/exeio", "/clear-log/exeio", "/restart/exeio"] {
      #expect(try daemon.post(path).status == 404, "\(path)")
    }
    #expect(try daemon.get("/status/exeio").status == 404)
    #expect(try daemon.get("/logs/exeio").status == 200)
  }

  @Test func aThousandProcessesRunOnFewThreads() throws {
    let daemon = try DaemonUnderTest()
    // The first child brings descriptors that stay, those of the loop's own signal handling.
    try daemon.addShell("first", "exit 0")
    try daemon.post("/remove/first")
    let before = SystemView.descriptorCount(of: daemon.pid)
    let memory = try #require(SystemView.statusValue("RssAnon", of: daemon.pid))
    for index in 0..<1000 {
      #expect(
        try daemon.add(["id": "p\(index)", "command": "sleep", "args": ["1000"]]).status == 201)
    }
    #expect(SystemView.children(of: daemon.pid).count == 1000)
    #expect(SystemView.threadCount(of: daemon.pid) <= 17)
    let list = try daemon.get("/list").list()
    #expect(list.count == 1000)
    #expect(list.allSatisfy { $0["status"] as? String == "running" })
    let ids = list.compactMap { $0["id"] as? String }
    #expect(ids == ids.sorted())
    #expect(try daemon.post("/stop-all").status == 200)
    #expect(SystemView.children(of: daemon.pid).isEmpty)
    for index in 0..<1000 { #expect(try daemon.post("/remove/p\(index)").status == 200) }
    let after = SystemView.descriptorCount(of: daemon.pid)
    #expect(after == before, "\(before) descriptors before, \(after) after")
    if !DaemonUnderTest.isSanitized {
      try eventually("memory is back to where it was, but for buffers and room") {
        try #require(SystemView.statusValue("RssAnon", of: daemon.pid)) < memory + 3072
      }
    }
  }

  @Test func pipelinedRequestsAreAnsweredInOrder() throws {
    let daemon = try DaemonUnderTest()
    try daemon.addShell(
      "slow", "trap 'sleep 0.3; exit 0' TERM; echo ready; while :; do sleep 0.05; done")
    try daemon.waitFor("slow", line: "STDOUT: ready")
    let socket = try daemon.connect()
    let key = "exeio-api-key: test-key\r\n"
    try socket.send(
      "POST \(daemon.path("/stop/slow")) HTTP/1.1\r\nHost: x\r\n\(key)\r\n"
        + "GET \(daemon.path("/info")) HTTP/1.1\r\nHost: x\r\n\r\n"
        + "GET \(daemon.path("/status/slow")) HTTP/1.1\r\nHost: x\r\n\(key)\r\n")
    #expect(try socket.receiveAnswer().message.contains("slow"))
    #expect(try socket.receiveAnswer().object()["name"] as? String == "exeio")
    #expect(try socket.receiveAnswer().object()["id"] as? String == "slow")
  }

  @Test(.direct("nginx reads what its client does not"))
  func aClientThatDoesNotReadIsNotReadFrom() throws {
    let daemon = try DaemonUnderTest()
    for index in 0..<50 { try daemon.addShell("p\(index)", "exit 0") }
    let before = try #require(SystemView.statusValue("RssAnon", of: daemon.pid))
    let socket = try TestSocket(port: daemon.port)
    let request = "GET /list HTTP/1.1\r\nHost: x\r\nexeio-api-key: test-key\r\n\r\n"
    // 64 requests of some 25 KB of answer each fill the socket's buffers; what comes after must
    // wait outside of the daemon. A second client is served all the while.
    try socket.send(String(repeating: request, count: 64))
    for _ in 0..<50 { #expect(try daemon.get("/info").status == 200) }
    let after = try #require(SystemView.statusValue("RssAnon", of: daemon.pid))
    #expect(
      DaemonUnderTest.isSanitized || after < before + (8 << 10), "from \(before) to \(after) KiB")
    for _ in 0..<64 { #expect(try socket.receiveAnswer().status == 200) }
  }

  @Test(.direct("nginx keeps its own connections to the daemon"))
  func aConnectionThatTheClientClosesIsGoneAtOnce() throws {
    let daemon = try DaemonUnderTest()
    _ = try daemon.get("/info")
    // Perhaps with that of this request. Files are opened after the banner.
    let most = SystemView.socketCount(of: daemon.pid)
    // Lingering would keep each of them for two seconds, every time; a busy machine may, now and
    // then.
    let isQuick = try (0..<10).contains { _ in
      for _ in 0..<50 {
        let socket = try TestSocket(port: daemon.port)
        try socket.send("GET /info HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try socket.receiveAnswer().status == 200)
      }
      let end = Date(timeIntervalSinceNow: 1.9)
      try eventually("their sockets are closed") {
        SystemView.socketCount(of: daemon.pid) <= most
      }
      return Date() < end
    }
    #expect(isQuick)
  }

  @Test(.direct("nginx has its own connections to the daemon, and waits with them"))
  func oneConnectionTooManyIsToldSo() throws {
    let daemon = try DaemonUnderTest(["--max-connections", "2"])
    let first = try TestSocket(port: daemon.port)
    let second = try TestSocket(port: daemon.port)
    for socket in [first, second] {
      try socket.send("GET /list HTTP/1.1\r\nHost: x\r\nexeio-api-key: test-key\r\n\r\n")
      #expect(try socket.receiveAnswer().status == 200)
    }
    let third = try TestSocket(port: daemon.port)
    try third.send("GET /info HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(try third.receiveAnswer().status == 503)
    #expect(try third.receiveAll().isEmpty)
  }

  @Test func theUnixSocketServesTheSame() throws {
    let daemon = try DaemonUnderTest(["--socket", "exeio.sock"])
    let path = daemon.directory.appendingPathComponent("work/exeio.sock").path
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
    #expect(mode as? Int == 0o660)
    // sun_path is short, temporary directories are not.
    let link = "/tmp/exeio-\(UInt32.random(in: 0...UInt32.max)).sock"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
    let socket = try TestSocket(path: link)
    try FileManager.default.removeItem(atPath: link)
    try socket.send("GET /info HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(try socket.receiveAnswer().status == 200)
    daemon.signal(SIGTERM)
    #expect(daemon.waitForExit() == 0)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test(
    .direct("nginx refuses these itself"),
    arguments: [
      "GET /info HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      "GET /info HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
      "GET /info HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
      "GET /info HTTP/1.1\r\nHost: x\rX: y\r\n\r\n",
      "GET /info HTTP/1.1\r\nHost: x\0y\r\n\r\n",
      "nonsense\r\n\r\n",
    ])
  func aMalformedRequestIsRefusedAndTheConnectionEnds(request: String) throws {
    let daemon = try DaemonUnderTest()
    let socket = try TestSocket(port: daemon.port)
    try socket.send(request)
    #expect(try socket.receiveAnswer().status == 400)
    #expect(try socket.receiveAll().isEmpty)
  }

  @Test func aBodyThatIsTooLargeIsRefusedBeforeItIsSent() throws {
    let daemon = try DaemonUnderTest()
    let socket = try daemon.connect()
    try socket.send(
      "POST \(daemon.path("/add")) HTTP/1.1\r\nHost: x\r\nexeio-api-key: test-key\r\nContent-Length: 2000000\r\n"
        + "Expect: 100-continue\r\n\r\n")
    #expect(try socket.receiveAnswer().status == 413)
  }
}
