import API
import HTTP
import Supervision
import Testing

/// Who may do what, route by route.
@Suite struct RoleTests {
  /// The least role of every route, as the manual has it; nil: every client.
  private static let leastRoles: [String: Role?] = [
    "add": .admin, "start": .operate, "stop": .operate, "restart": .operate, "remove": .admin,
    "restart-all": .operate, "stop-all": .operate, "start-all": .operate, "shutdown": .admin,
    "input": .operate, "clear-log": .admin, "list": .read, "status": .read, "logs": .read,
    "logs stream": .read,
    "metrics": .read, "runs": .read, "signal": .operate, "scale": .operate, "update": .admin,
    "reload": .admin,
    "info": .none, "health": .none,
  ]

  /// The segments of a path but for the id.
  private static func name(of path: String) -> String {
    let segments = path.split(separator: "/")
    return (segments.prefix(1) + segments.dropFirst(2)).joined(separator: " ")
  }

  private func reception() -> Reception {
    Reception(named: PaperKeys(Role.allCases.map { PaperKeys.record($0.rawValue, $0) }).source)
  }

  @Test(arguments: RouterTests.routes, Role.allCases)
  func aKeyMayDoWhatItsRoleAllows(
    route: (method: String, target: String, body: String, outcome: String), role: Role
  ) throws {
    let name = Self.name(of: String(route.target.split(separator: "?")[0]))
    let least = try #require(Self.leastRoles[name], "no role for \(name)")
    var reception = reception()
    let key = PaperKeys.key(role.rawValue)
    let routed = reception.ask(route.method, route.target, route.body, key: key)
    guard let least, role < least else {
      #expect(try RouterTests.outcome(routed) == route.outcome)
      return
    }
    let answer = try routed.answer
    #expect(answer.status == 403)
    let message = try answer.message
    #expect(message.contains("role '\(least.rawValue)'"), "\(message)")
    #expect(message.contains("key '\(role.rawValue)' has the role '\(role.rawValue)'"))
    #expect(message.contains("or a higher one") == (least == .operate))
  }

  @Test func everyRouteThatInfoListsHasARoleInTheTable() throws {
    var reception = reception()
    let info = try reception.ask("GET", "/info", key: nil).answer.object
    let endpoints = try #require(info["endpoints"] as? [[String: String]])
    let names = Set(endpoints.compactMap { $0["path"].map(Self.name) })
    #expect(names == Set(Self.leastRoles.keys))
    #expect(endpoints.count == Self.leastRoles.count)
  }

  @Test func headIsReadingToo() throws {
    var reception = reception()
    let routed = reception.ask("HEAD", "/list", key: PaperKeys.key("read"))
    #expect(try RouterTests.outcome(routed) == "list")
  }

  /// What may not be done is not even looked at: neither the id nor the body.
  @Test(arguments: [
    "/add", "/remove/..", "/remove/web?nonsense=1", "/input/%20", "/update/web",
    "/scale/web", "/signal/web", "/reload?x=1",
  ])
  func theRoleIsCheckedBeforeTheRest(target: String) throws {
    var reception = reception()
    let answer = try reception.ask("POST", target, "no json", key: PaperKeys.key("read")).answer
    #expect(answer.status == 403)
  }

  @Test func aWrongMethodOrRouteIsToldAsSuchWhateverTheRole() throws {
    var reception = reception()
    let key = PaperKeys.key("read")
    #expect(try reception.ask("GET", "/shutdown", key: key).answer.status == 405)
    #expect(try reception.ask("POST", "/nowhere", key: key).answer.status == 404)
  }

  @Test func aForbiddenRequestIsNoWrongKey() throws {
    var reception = reception()
    for _ in 0..<30 {
      #expect(
        try reception.ask("POST", "/shutdown", key: PaperKeys.key("read")).answer.status == 403)
    }
    #expect(
      try RouterTests.outcome(reception.ask("GET", "/list", key: PaperKeys.key("read"))) == "list")
  }

  @Test func onlyTheReadingRoleIsShownNoEnvironment() throws {
    var reception = reception()
    for (key, isHidden) in [
      (PaperKeys.key("read"), true), (PaperKeys.key("operate"), false),
      (PaperKeys.key("admin"), false), (Reception.key, false),
    ] {
      guard case .status("web", isHidden) = reception.ask("GET", "/status/web", key: key) else {
        Issue.record("\(key) is shown the wrong thing")
        continue
      }
    }
  }

  @Test func hiddenValuesKeepTheirNames() throws {
    var definition = ProcessDefinition(id: "web", command: "c")
    definition.execution.environment = ["TOKEN": "s3cret", "EMPTY": ""]
    let response = Answers.status(
      ProcessEntry(definition), hidesEnvironment: true, context: Reception.context)
    #expect(!String(decoding: response.body, as: UTF8.self).contains("s3cret"))
    let shown = try #require(try Answer(response).object["definition"] as? [String: Any])
    #expect(shown["environment"] as? [String: String] == ["TOKEN": "***", "EMPTY": "***"])
  }
}
