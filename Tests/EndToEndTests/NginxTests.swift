import Foundation
import Testing

/// What only an nginx in front of the daemon brings with it.
@Suite(.throughNginx)
struct NginxTests {
  /// Asks with curl. Returns what it was told to write about the answer, or the answer.
  private func curl(
    _ daemon: DaemonUnderTest, _ path: String, key: String = "test-key", _ arguments: String...
  ) throws -> String {
    let nginx = try #require(daemon.nginx)
    return try nginx.curl(
      ["--header", "exeio-api-key: \(key)"] + arguments, path: daemon.path(path))
  }

  @Test(arguments: [("--http2", "2"), ("--http1.1", "1.1")])
  func clientsMaySpeakHTTP2(option: String, version: String) throws {
    let daemon = try DaemonUnderTest()
    let written = try curl(
      daemon, "/list", option, "--write-out", " %{http_version} %{http_code}")
    #expect(written == "[]\n \(version) 200")
    let added = try curl(
      daemon, "/add", option, "--data", #"{"id": "web", "command": "sleep", "args": ["1000"]}"#)
    #expect(added.contains(#""success":true"#))
    #expect(try daemon.status("web")["status"] as? String == "running")
  }

  @Test func wrongKeysCountForTheClientAndNotForNginx() throws {
    let daemon = try DaemonUnderTest()
    func status(_ address: String, key: String = "wrong", _ more: String...) throws -> String {
      let nginx = try #require(daemon.nginx)
      return try nginx.curl(
        [
          "--header", "exeio-api-key: \(key)", "--interface", address, "--output", "/dev/null",
          "--write-out", "%{http_code}",
        ] + more, path: daemon.path("/list"))
    }
    for number in 0..<10 {
      // What a client claims of itself counts for nothing.
      #expect(try status("127.0.0.2", "--header", "X-Forwarded-For: 10.0.0.\(number)") == "401")
    }
    #expect(try status("127.0.0.2") == "429")
    #expect(try status("127.0.0.2", key: "test-key") == "429")
    #expect(try status("127.0.0.3") == "401")
    #expect(try status("127.0.0.3", key: "test-key") == "200")
    // These come from 127.0.0.1.
    #expect(try daemon.get("/list").status == 200)
  }

  @Test func theAccessLogNamesTheClient() throws {
    let daemon = try DaemonUnderTest(["--log-level", "debug"])
    _ = try curl(daemon, "/status/web", "--interface", "127.0.0.9")
    try daemon.waitFor("exeio", lineContaining: #"127.0.0.9 "GET /status/web" 404"#)
  }

  @Test func aPageOfTheHostItselfIsKnownAsSuch() throws {
    let daemon = try DaemonUnderTest(["--allowed-host", NginxUnderTest.name])
    func status(_ origin: String, _ more: String...) throws -> String {
      let nginx = try #require(daemon.nginx)
      return try nginx.curl(
        [
          "--header", "exeio-api-key: test-key", "--request", "POST", "--header",
          "Origin: \(origin)",
          "--output", "/dev/null", "--write-out", "%{http_code}",
        ] + more, path: daemon.path("/stop-all"))
    }
    #expect(try status("https://\(NginxUnderTest.name):\(NginxUnderTest.port)") == "200")
    #expect(try status("https://\(NginxUnderTest.name)") == "403")
    #expect(try status("https://evil.example") == "403")
    #expect(
      try status("https://evil.example", "--header", "X-Forwarded-Host: evil.example") == "403")
  }

  @Test func theOtherPlaceIsServedAsWell() throws {
    let daemon = try DaemonUnderTest()
    let nginx = try #require(daemon.nginx)
    for prefix in ["", "/exeio"] {
      let answer = try nginx.curl(["--write-out", " %{http_code}"], path: prefix + "/health")
      #expect(answer.hasSuffix(" 200"), "\(answer)")
    }
  }

  @Test func aDaemonThatIsAwayIsABadGatewayAndBackAtOnce() throws {
    let daemon = try DaemonUnderTest()
    #expect(try daemon.get("/info").status == 200)
    daemon.signal(SIGTERM)
    #expect(daemon.waitForExit() == 0)
    #expect(try daemon.get("/info").status == 502)
    try daemon.launch()
    #expect(try daemon.get("/info").status == 200)
  }

  @Test func theConnectionsToTheDaemonAreKept() throws {
    let daemon = try DaemonUnderTest()
    let clients = try (0..<8).map { _ in try daemon.connect() }
    for client in clients {
      try client.send("GET \(daemon.path("/info")) HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(try client.receiveAnswer().status == 200)
    }
    let metrics = try daemon.get("/metrics").text
    #expect(metrics.contains("\nexeio_http_connections 1\n"), "\(metrics)")
  }
}
