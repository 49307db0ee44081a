import API
import Basics
import HTTP
import Supervision
import Testing

@Suite struct RouterTests {
  /// Every route, what it comes to, and a body where it needs one.
  static let routes: [(method: String, target: String, body: String, outcome: String)] = [
    ("POST", "/add", #"{"id": "a", "command": "b"}"#, "add a"),
    ("POST", "/start/web", "", "start web"),
    ("POST", "/stop/web", "", "stop web"),
    ("POST", "/restart/web", "", "restart web"),
    ("POST", "/restart/web?rolling=true", "", "restart web one by one"),
    ("POST", "/restart/web?rolling=false", "", "restart web"),
    ("POST", "/remove/web", "", "remove web"),
    ("POST", "/remove/web?delete_log=true", "", "remove web and its log"),
    ("POST", "/remove/web?delete_log=false", "", "remove web"),
    ("POST", "/restart-all", "", "restart all"),
    ("POST", "/stop-all", "", "stop all"),
    ("POST", "/start-all", "", "start all"),
    ("POST", "/shutdown", "", "shut down"),
    ("POST", "/input/web", #"{"input": "x"}"#, "input web"),
    ("POST", "/signal/web", #"{"signal": "HUP"}"#, "SIGHUP to the leader of web"),
    ("POST", "/signal/web", #"{"signal": 10, "group": true}"#, "SIGUSR1 to all of web"),
    ("POST", "/clear-log/web", "", "clear log web"),
    ("POST", "/update/web", #"{"command": "b"}"#, "update web"),
    ("POST", "/update/web", #"{"id": "web", "command": "b"}"#, "update web"),
    ("POST", "/scale/web", #"{"instances": 3}"#, "scale web to 3"),
    ("POST", "/add?force=true", #"{"id": "a", "command": "b"}"#, "forced add a"),
    ("POST", "/update/web?force=true", #"{"command": "b"}"#, "forced update web"),
    ("POST", "/scale/web?force=true", #"{"instances": 3}"#, "forced scale web to 3"),
    ("POST", "/remove/web?force=true&delete_log=true", "", "forced remove web and its log"),
    ("POST", "/remove/web?force=false", "", "remove web"),
    ("POST", "/reload", "", "reload"),
    ("POST", "/reload?dry_run=true", "", "compare"),
    ("GET", "/list", "", "list"),
    ("GET", "/status/web", "", "status web"),
    ("GET", "/logs/web", "", "logs web"),
    ("GET", "/logs/exeio", "", "logs exeio"),
    ("GET", "/logs/web/stream", "", "stream of web"),
    ("GET", "/logs/exeio/stream?follow=false", "", "stream of exeio"),
    ("GET", "/runs/web", "", "runs web"),
    ("GET", "/metrics", "", "metrics"),
    ("GET", "/info", "", "answer 200"),
    ("GET", "/health", "", "health"),
  ]

  static func outcome(_ routed: Routed) throws -> String {
    switch routed {
    case .response: "answer \(try routed.answer.status)"
    case .command(.add(let definition)): "add \(definition.id)"
    case .command(.start(let id)): "start \(id)"
    case .command(.stop(let id)): "stop \(id)"
    case .command(.restart(let id)): "restart \(id)"
    case .command(.remove(let id, false)): "remove \(id)"
    case .command(.remove(let id, true)): "remove \(id) and its log"
    case .command(.startAll): "start all"
    case .command(.stopAll): "stop all"
    case .command(.restartAll): "restart all"
    case .command(.shutdown): "shut down"
    case .command(.update(let definition)): "update \(definition.id)"
    case .merge(let id, _, let isForced): isForced ? "forced merge into \(id)" : "merge into \(id)"
    case .command(.scale(let id, let instances)): "scale \(id) to \(instances)"
    case .command(.rollingRestart(let id)): "restart \(id) one by one"
    case .command(.signal(let id, let signal, let toGroup)):
      "\(signal.name) to \(toGroup ? "all of" : "the leader of") \(id)"
    case .command(.reload(let isDryRun)): isDryRun ? "compare" : "reload"
    case .forced(let command): "forced \(try outcome(.command(command)))"
    case .list: "list"
    case .status(let id, _): "status \(id)"
    case .logs(let id, _): "logs \(id)"
    case .logStream(let id, _): "stream of \(id)"
    case .input(let id, _): "input \(id)"
    case .clearLog(let id): "clear log \(id)"
    case .runs(let id): "runs \(id)"
    case .metrics(let format): format == .text ? "metrics" : "open metrics"
    case .health: "health"
    }
  }

  static func isOpen(_ target: String) -> Bool { target == "/info" || target == "/health" }

  @Test(arguments: routes)
  func everyRouteLeadsWhereItShould(
    route: (method: String, target: String, body: String, outcome: String)
  ) throws {
    var reception = Reception()
    let routed = reception.ask(route.method, route.target, route.body)
    #expect(try Self.outcome(routed) == route.outcome)
  }

  @Test func metricsAreWrittenAsTheClientWouldRatherHaveThem() throws {
    var headers = Headers([("exeio-api-key", Reception.key), ("Accept", "text/plain;q=0.5")])
    headers.add("Accept", "application/openmetrics-text")
    var router = Reception().router
    let routed = router.route(
      Request(method: "GET", target: "/metrics", headers: headers), peer: "127.0.0.1", at: .zero,
      isShuttingDown: false
    ).routed
    #expect(try Self.outcome(routed) == "open metrics")
  }

  @Test(arguments: routes)
  func everyRouteButTheOpenOnesNeedsTheKey(
    route: (method: String, target: String, body: String, outcome: String)
  ) throws {
    for key in [nil, "wrong", "", Reception.key + "0", String(Reception.key.dropLast())] {
      var reception = Reception()
      let routed = reception.ask(route.method, route.target, route.body, key: key)
      let expected = Self.isOpen(route.target) ? route.outcome : "answer 401"
      #expect(try Self.outcome(routed) == expected)
    }
  }

  @Test(arguments: routes, ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "get"])
  func anotherMethodIsRefusedWithThoseThatAreAllowed(
    route: (method: String, target: String, body: String, outcome: String), method: String
  ) throws {
    var reception = Reception()
    let routed = reception.ask(method, route.target, route.body)
    if method == route.method || (method == "HEAD" && route.method == "GET") {
      #expect(try Self.outcome(routed) == route.outcome)
      return
    }
    let answer = try routed.answer
    #expect(answer.status == 405)
    #expect(answer.headers["Allow"] == (route.method == "GET" ? "GET, HEAD" : "POST"))
    #expect(try answer.message.contains("not \(method)"))
    let keyless = try reception.ask(method, route.target, route.body, key: nil).answer
    #expect(keyless.status == (Self.isOpen(route.target) ? 405 : 401))
  }

  @Test(arguments: [
    "/", "/lists", "/list/", "/list/x", "/info/", "/info/x", "/stop", "/stop/", "/stop/a/",
    "/stop/a/b", "/status", "/logs", "//list", "/LIST", "/add/x", "/logs/a/streams",
    "/logs//stream", "/runs/a/stream", "/logStream/a", "/metrics/",
    "/restart-all/x", "/%6Cist/", "/stop-all/",
  ])
  func whatIsNoRouteIsNotFound(target: String) throws {
    var reception = Reception()
    for method in ["GET", "POST"] {
      let answer = try reception.ask(method, target).answer
      #expect(answer.status == 404)
      #expect(try answer.message.hasPrefix("no route \(method) /"))
      let keyless = try reception.ask(method, target, key: nil).answer
      #expect(keyless.status == 401)
    }
  }

  @Test func aRouteWithoutItsIdIsNamedAsItShouldBe() throws {
    var reception = Reception()
    #expect(
      try reception.ask("POST", "/stop").answer.message
        == "no route POST /stop: there is POST /stop/{id}")
    #expect(
      try reception.ask("GET", "/foo").answer.message
        == "no route GET /foo: GET /info lists the routes")
  }

  @Test func pathsAreDecoded() throws {
    var reception = Reception()
    #expect(try Self.outcome(reception.ask("POST", "/stop/w%65b")) == "stop web")
    #expect(try Self.outcome(reception.ask("GET", "/%6Cist")) == "list")
  }

  @Test(arguments: [
    "/stop/..%2Fx", "/status/..", "/logs/.hidden", "/clear-log/a%2Fb", "/logs/a%00", "/stop/%20",
    "/status/-x", "/logs/é", "/input/a%0Ab",
  ])
  func whatCannotBeAnIdIsNoProcess(target: String) throws {
    var reception = Reception()
    let isGet = target.hasPrefix("/status") || target.hasPrefix("/logs")
    let answer = try reception.ask(isGet ? "GET" : "POST", target).answer
    #expect(answer.status == 404)
    #expect(try answer.message.hasPrefix("no process '"))
  }

  @Test(arguments: routes)
  func whileShuttingDownOnlyInfoAnswers(
    route: (method: String, target: String, body: String, outcome: String)
  ) throws {
    for key in [Reception.key, "wrong", nil] {
      var reception = Reception()
      let answer = try reception.ask(
        route.method, route.target, route.body, key: key, isShuttingDown: true
      ).answer
      #expect(answer.status == (route.target == "/info" ? 200 : 503))
    }
  }

  @Test func whileShuttingDownWhatIsNoRouteIsRefusedToo() throws {
    var reception = Reception()
    let answer = try reception.ask("GET", "/foo", key: nil, isShuttingDown: true).answer
    #expect(answer.status == 503)
    #expect(try answer.message == "shutting down")
    #expect(try answer.object["success"] as? Bool == false)
  }

  @Test func bodiesThatNobodyNeedsAreIgnored() throws {
    var reception = Reception()
    #expect(try Self.outcome(reception.ask("POST", "/stop/web", "no json")) == "stop web")
    #expect(try Self.outcome(reception.ask("GET", "/list", "[")) == "list")
  }

  @Test(arguments: [
    (
      "/update/web", #"{"id": "api", "command": "b"}"#,
      #""id" is "api", but must be the same as in the path, or left out: an id stays as it is"#
    ),
    ("/update/web", #"{"id": "web"}"#, #""command" is missing"#),
    ("/update/web", #"{"command": "b", "nice": 20}"#, #""nice" is 20, but must be"#),
    ("/update/web", "", "the body is empty, but POST /update/{id} needs a JSON object"),
    ("/scale/web", "{}", #""instances" is missing: the number of copies, from 1 to 1000"#),
    ("/scale/web", #"{"instances": 0}"#, #""instances" is 0, but must be a whole number from 1"#),
    ("/scale/web", #"{"instance": 2}"#, #"unknown field "instance": did you mean "instances"?"#),
    (
      "/scale/\("x".repeated(127))", #"{"instances": 2}"#,
      #""instances" is 2, but the last copy would be called"#
    ),
    ("/signal/web", "{}", #""signal" is missing: the name of a signal ("TERM", "SIGINT") or a"#),
    ("/signal/web", #"{"signal": "BOO"}"#, #""signal" is "BOO", but must be the name of a signal"#),
    ("/signal/web", #"{"signal": 0}"#, #""signal" is 0, but must be the name of a signal"#),
    ("/signal/web", #"{"signal": 1, "group": 1}"#, #""group" must be true or false, not a number"#),
    ("/reload?dry_run=yes", "", #"query parameter "dry_run" is "yes", but must be true or false"#),
    ("/restart/web?rolling=1", "", #"query parameter "rolling" is "1", but must be true or false"#),
    ("/stop/web?rolling=true", "", #"unknown query parameter "rolling""#),
  ])
  func whatIsAskedForInTheWrongWayIsRefused(
    target: String, body: String, expected: String
  ) throws {
    var reception = Reception()
    let answer = try reception.ask("POST", target, body).answer
    #expect(answer.status == 400)
    let message = try answer.message
    #expect(message.hasPrefix(expected), "\(message)")
  }

  @Test func anUpdateIsRefusedWhatAddIsRefused() throws {
    var reception = Reception(limitControllers: [])
    let body = #"{"command": "b", "tasks_max": 9}"#
    #expect(
      try reception.ask("POST", "/update/web", body).answer.message
        .hasPrefix(#""tasks_max" cannot be kept here"#))
  }

  @Test func infoSaysWhatThisIsAndWhatItCanBeAsked() throws {
    var reception = Reception()
    let info = try reception.ask("GET", "/info", key: nil).answer.object
    #expect(Set(info.keys) == ["name", "version", "url", "endpoints"])
    #expect(info["name"] as? String == "exeio")
    #expect(info["version"] as? String == "1.2.3")
    #expect(info["url"] as? String == "http://127.0.0.1:8080")
    let endpoints = try #require(info["endpoints"] as? [[String: String]])
    #expect(endpoints.count == 23)
    for endpoint in endpoints {
      #expect(Set(endpoint.keys) == ["method", "path", "description"])
      let path = try #require(endpoint["path"]).split(separator: "{").joined(separator: "x")
      let method = try #require(endpoint["method"])
      let routed = reception.ask(method, String(path.filter { $0 != "}" }))
      #expect(try !["answer 404", "answer 405"].contains(Self.outcome(routed)))
    }
  }

  @Test func healthIsGoodAndTakesAnyQuery() throws {
    var reception = Reception()
    guard case .health(let isDetailed) = reception.ask("GET", "/health?t=1", key: nil) else {
      throw Unexpected()
    }
    let answer = try Answer(Answers.health([], isDetailed: isDetailed))
    #expect(answer.status == 200)
    #expect(try answer.object["success"] as? Bool == true)
    #expect(try answer.message == "ok")
  }
}
