import Foundation
import Testing

/// What keeps pages, guessers and eavesdroppers away from a daemon that runs.
struct GuardRailTests {
  private static let dashboard = "https://dash.example.org"

  @Test(.direct("the test is the proxy"))
  func wrongKeysCountForTheClientThatATrustedProxyNames() throws {
    let daemon = try DaemonUnderTest(["--trusted-proxy", "10.0.0.0/8,127.0.0.1"])
    func status(_ forwarded: String, key: String = "wrong") throws -> Int {
      try daemon.request(
        "GET", "/list", key: key, headers: ["X-Forwarded-For: \(forwarded)"]
      ).status
    }
    for number in 0..<10 {
      #expect(try status("203.0.113.\(number), 192.0.2.1, 10.0.0.1") == 401)
    }
    #expect(try status("192.0.2.1") == 429)
    #expect(try status("192.0.2.1:4711", key: "test-key") == 429)
    #expect(try status("192.0.2.2") == 401)
    #expect(try status("192.0.2.2", key: "test-key") == 200)
    #expect(try daemon.get("/list").status == 200)
  }

  @Test(.direct("the test is the client of a daemon without a proxy"))
  func whoeverIsNoTrustedProxyCannotNameAnotherClient() throws {
    let daemon = try DaemonUnderTest(["--trusted-proxy", "unix,192.0.2.0/24"])
    for number in 1...11 {
      let answer = try daemon.request(
        "GET", "/list", key: "wrong", headers: ["X-Forwarded-For: 203.0.113.\(number)"])
      #expect(answer.status == (number <= 10 ? 401 : 429))
    }
    #expect(try daemon.get("/list").status == 429)
  }

  @Test func aPageWhoseNameWasReboundIsRefused() throws {
    let daemon = try DaemonUnderTest(["--allowed-host", "exeio.example.org,.lan"])
    // All that a browser is bound to send with a GET of a page's own origin over plain HTTP.
    let browser = ["User-Agent: curl/8.0", "Accept: */*", "Accept-Language: en"]
    for path in ["/info", "/list", "/nowhere"] {
      let answer = try daemon.request("GET", path, host: "evil.example:8080", headers: browser)
      #expect(answer.status == 421)
      #expect(try answer.message.contains(#""evil.example:8080""#))
    }
    for host in [
      nil, "localhost:\(daemon.port)", "LOCALHOST.", "[::1]:1", "exeio.example.org", "pc.lan:8443",
    ] {
      let answer = try daemon.request("GET", "/list", host: host, headers: browser)
      #expect(answer.status == 200, "\(host ?? "its address")")
    }
    #expect(try daemon.request("GET", "/list", host: "evil.example").status == 200)
  }

  @Test func aPageOfAnotherSiteChangesNothingAndGuessesNoKey() throws {
    let daemon = try DaemonUnderTest()
    let page = ["Origin: https://evil.example"]
    let body = #"{"id": "x", "command": "sleep", "args": ["1000"]}"#
    let answer = try daemon.request("POST", "/add", body, headers: page)
    #expect(answer.status == 403)
    #expect(try answer.message.contains("--cors-origin"))
    #expect(try daemon.get("/list").list().isEmpty)
    for _ in 0..<20 {
      #expect(try daemon.request("POST", "/stop-all", key: "wrong", headers: page).status == 403)
    }
    #expect(try daemon.get("/list").status == 200)
    let own = ["Origin: http://127.0.0.1:\(daemon.port)"]
    #expect(try daemon.request("POST", "/stop-all", headers: own).status == 200)
  }

  @Test func nothingIsSaidOfOtherOriginsByDefault() throws {
    let daemon = try DaemonUnderTest()
    let asking = ["Origin: \(Self.dashboard)", "Access-Control-Request-Method: POST"]
    let answers = [
      try daemon.request("GET", "/list", headers: ["Origin: \(Self.dashboard)"]),
      try daemon.request("OPTIONS", "/list", headers: asking),
      try daemon.request("OPTIONS", "/list", key: nil, headers: asking),
    ]
    #expect(answers.map(\.status) == [200, 405, 401])
    for answer in answers {
      #expect(!answer.headers.keys.contains { $0.hasPrefix("access-control-") })
      #expect(answer.headers["vary"] == nil)
    }
  }

  @Test func aPageOfAListedOriginUsesTheAPI() throws {
    let daemon = try DaemonUnderTest(["--cors-origin", Self.dashboard])
    let page = ["Origin: \(Self.dashboard)"]
    let preflight = try daemon.request(
      "OPTIONS", "/add", key: nil,
      headers: page + [
        "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: exeio-api-key",
      ])
    #expect(preflight.status == 204)
    #expect(preflight.headers["content-length"] == nil)
    #expect(preflight.headers["access-control-allow-methods"] == "GET, HEAD, POST")
    #expect(
      preflight.headers["access-control-allow-headers"]
        == "exeio-api-key, authorization, content-type")
    let answers = [
      preflight,
      try daemon.request(
        "POST", "/add", #"{"id": "x", "command": "sleep", "args": ["1000"]}"#, headers: page),
      try daemon.request("POST", "/stop/x", headers: page),
      try daemon.request("GET", "/logs/x", headers: page),
      try daemon.request("GET", "/list", key: "wrong", headers: page),
      try daemon.request("GET", "/info", key: nil, headers: page),
    ]
    #expect(answers.map(\.status) == [204, 201, 200, 200, 401, 200])
    for answer in answers {
      #expect(answer.headers["access-control-allow-origin"] == Self.dashboard)
      #expect(answer.headers["access-control-expose-headers"] == "Retry-After")
      #expect(answer.headers["access-control-allow-credentials"] == nil)
      #expect(answer.headers["vary"] == "Origin")
    }
    let other = try daemon.request("GET", "/list", headers: ["Origin: https://evil.example"])
    #expect(other.headers["access-control-allow-origin"] == nil)
    #expect(other.headers["vary"] == "Origin")
  }

  @Test(.direct("there may be one connection only, and nginx keeps it"))
  func everyAnswerSaysHowItIsToBeTaken() throws {
    let daemon = try DaemonUnderTest(["--max-connections", "1"])
    var answers: [Answer] = []
    for (method, path) in [("GET", "/info"), ("GET", "/list"), ("PUT", "/list"), ("GET", "/x")] {
      answers.append(try daemon.request(method, path))
    }
    answers.append(try daemon.request("GET", "/list", key: nil))
    answers.append(try daemon.request("GET", "/list", host: "evil", headers: ["Origin: http://e"]))
    // The connection of these requests is still there, there may be only one, and its last key is
    // right.
    _ = try daemon.get("/list")
    let refused = try TestSocket(port: daemon.port)
    answers.append(try refused.receiveAnswer())
    answers.append(try daemon.request("NONSENSE", "/list"))
    #expect(answers.map(\.status) == [200, 200, 405, 404, 401, 421, 503, 501])
    for answer in answers {
      #expect(answer.headers["content-type"] == "application/json")
      #expect(answer.headers["x-content-type-options"] == "nosniff")
      #expect(answer.headers["referrer-policy"] == "no-referrer")
      #expect(answer.headers["cache-control"] == "no-store")
      if answer.status != 200 { #expect(try !answer.message.isEmpty) }
    }
    #expect(answers[6].headers["retry-after"] == "1")
    #expect(answers[6].headers["connection"] == "close")
  }

  @Test func listeningForOtherMachinesIsWarnedOf() throws {
    let daemon = try DaemonUnderTest(["--host", "0.0.0.0", "--trusted-proxy", "127.0.0.1"])
    let words =
      "warning: other machines can connect to 0.0.0.0:\(daemon.port), and HTTP is not encrypted"
    // Another test may have a process that hangs in an execve just now.
    let lines = try daemon.log("exeio").filter {
      $0.contains("warning: ") && !$0.contains("an earlier supervisor started these cannot be told")
    }
    #expect(lines.count == 1, "\(lines)")
    #expect(lines.first?.contains(words) == true)
    // Behind such an address a browser may use any address, and still no name that is not known.
    let browser = ["Accept-Language: en"]
    #expect(
      try daemon.request("GET", "/info", host: "192.0.2.1:80", headers: browser).status == 200)
    #expect(
      try daemon.request("GET", "/info", host: "evil.example", headers: browser).status == 421)
    daemon.signal(SIGTERM)
    #expect(daemon.waitForExit() == 0)
    #expect(daemon.errorOutput().hasPrefix("exeio: \(words): the API key"))
  }

  @Test(
    .direct("without options it listens elsewhere"),
    arguments: [[], ["--host", "localhost"], ["--socket", "exeio.sock"]])
  func listeningForThisMachineAloneIsNot(arguments: [String]) throws {
    let daemon = try DaemonUnderTest(arguments)
    #expect(try !daemon.log("exeio").contains { $0.contains("warning") })
    daemon.signal(SIGTERM)
    #expect(daemon.waitForExit() == 0)
    #expect(daemon.errorOutput() == "")
  }

  @Test(arguments: [
    ("--trusted-proxy", "127.0.0.1,nginx", "'nginx'"), ("--allowed-host", "a.org,b:80", "'b:80'"),
    ("--cors-origin", "*,dash.example.org", "'dash.example.org'"),
  ])
  func aListThatCannotBeTakenStopsTheStart(option: String, list: String, element: String) throws {
    let run = try ShortRun([option, list])
    #expect(run.code == 2)
    #expect(run.error.hasPrefix("exeio: \(option) \(element) "))
    #expect(run.error.split(separator: "\n").count == 1)
  }
}
