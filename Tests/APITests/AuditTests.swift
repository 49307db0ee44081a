import API
import HTTP
import Supervision
import Testing

/// Which requests leave a line, and what is in it.
@Suite struct AuditTests {
  private static let secret = "s3cret"
  private var reception = Reception(
    named: PaperKeys([PaperKeys.record("deploy", .admin), PaperKeys.record("ci", .read)]).source)
  private var audit = Audit()

  /// The line of a request that was answered so: `info: Audit: …`.
  private mutating func line(
    _ method: String, _ target: String, _ body: String = "", key: String? = Reception.key,
    status: Status = .ok, peer: String = "10.0.0.3", at now: Duration = .zero,
    isShuttingDown: Bool = false
  ) -> String? {
    let subject = reception.request(
      method, target, Array(body.utf8), key: key, peer: peer, at: now,
      isShuttingDown: isShuttingDown
    ).subject
    return audit.line(of: subject, client: peer, status: status, at: now).map {
      "\($0.level): \($0.text)"
    }
  }

  @Test mutating func whoChangesSomethingIsNamed() {
    #expect(
      line("POST", "/stop/web", key: PaperKeys.key("deploy"))
        == "info: Audit: POST /stop/web by key 'deploy' from 10.0.0.3: 200")
    #expect(
      line("POST", "/restart-all", status: .internalServerError)
        == "info: Audit: POST /restart-all by key 'default' from 10.0.0.3: 500")
    #expect(
      line("POST", "/stop/web", status: .notFound, peer: "unix")
        == "info: Audit: POST /stop/web by key 'default' from unix: 404")
  }

  @Test mutating func everyRouteThatIsPostedLeavesALineAndNoOtherDoes() {
    for route in RouterTests.routes {
      let line = line(route.method, route.target, route.body)
      #expect((line != nil) == (route.method == "POST"), "\(route.target)")
    }
    #expect(line("HEAD", "/list") == nil)
    #expect(line("GET", "/stop/web", status: .methodNotAllowed) == nil)
    #expect(line("POST", "/nowhere", status: .notFound) == nil)
    #expect(line("POST", "/stop/web", status: .serviceUnavailable, isShuttingDown: true) == nil)
  }

  @Test mutating func whatIsAddedIsNamedAndNothingElseOfTheBody() {
    let body =
      #"{"id": "web", "command": "c", "args": ["\#(Self.secret)"], "environment": {"A": "\#(Self.secret)"}}"#
    #expect(
      line("POST", "/add", body, status: .created)
        == "info: Audit: POST /add 'web' by key 'default' from 10.0.0.3: 201")
    #expect(
      line("POST", "/add", #"{"id": "web"}"#, status: .badRequest)
        == "info: Audit: POST /add by key 'default' from 10.0.0.3: 400")
    let input = line("POST", "/input/web", #"{"input": "\#(Self.secret)"}"#)
    #expect(input == "info: Audit: POST /input/web by key 'default' from 10.0.0.3: 200")
  }

  @Test mutating func whatIsScaledSignalledOrOnlyComparedIsTold() {
    #expect(
      line("POST", "/signal/web", #"{"signal": "hup"}"#)
        == "info: Audit: POST /signal/web 'SIGHUP' by key 'default' from 10.0.0.3: 200")
    #expect(
      line("POST", "/scale/web", #"{"instances": 3}"#)
        == "info: Audit: POST /scale/web to 3 by key 'default' from 10.0.0.3: 200")
    #expect(
      line("POST", "/reload?dry_run=true")
        == "info: Audit: POST /reload (dry run) by key 'default' from 10.0.0.3: 200")
    #expect(
      line("POST", "/update/web", #"{"command": "\#(Self.secret)"}"#)
        == "info: Audit: POST /update/web by key 'default' from 10.0.0.3: 200")
  }

  @Test mutating func whatIsNoIDIsNotRepeated() {
    for target in [
      "/stop/a%0Ainfo: Audit: forged", "/stop/web?key=\(Self.secret)", "/remove/%20\(Self.secret)",
    ] {
      let line = line("POST", target, status: .notFound)
      #expect(line?.contains("forged") == false && line?.contains(Self.secret) == false)
    }
    let wrong = line("GET", "/\(Self.secret)", key: "wrong", status: .unauthorized)
    #expect(
      wrong == "warning: Audit: GET on no route with a wrong key from 10.0.0.3: 401")
  }

  @Test mutating func aKeyInThePlaceOfAnIDIsNotRepeated() {
    let digits = String(repeating: "0123456789abcdef", count: 4)
    for key in ["exeio_\(digits)", "exeio_ci_\(digits)"] {
      let line = line("POST", "/stop/\(key)", status: .notFound) ?? ""
      #expect(line.hasPrefix("info: Audit: POST /stop/{id} by key 'default'"), "\(line)")
    }
  }

  @Test mutating func refusalsAreWarnings() {
    #expect(
      line("POST", "/stop/web", key: PaperKeys.key("ci"), status: .forbidden)
        == "warning: Audit: POST /stop/web by key 'ci' from 10.0.0.3: 403")
    #expect(
      line("GET", "/list", key: "wrong", status: .unauthorized)
        == "warning: Audit: GET /list with a wrong key from 10.0.0.3: 401")
    #expect(
      line("POST", "/shutdown", key: nil, status: .unauthorized)
        == "warning: Audit: POST /shutdown without a key from 10.0.0.3: 401")
    #expect(line("GET", "/list", key: nil, status: .unauthorized) == nil)
    for _ in 0..<11 { _ = reception.ask("GET", "/list", key: "wrong", peer: "10.0.0.4") }
    #expect(
      line("GET", "/list", status: .tooManyRequests, peer: "10.0.0.4")
        == "warning: Audit: GET /list too soon after wrong keys from 10.0.0.4: 429")
  }

  @Test mutating func noKeyIsEverInALine() {
    for key in [PaperKeys.key("deploy"), PaperKeys.key("ci", digit: "1"), Self.secret] {
      for target in ["/stop/web", "/\(key)", "/stop/web?\(key)", "/stop/web/\(key)"] {
        let digits = key.split(separator: "_").last ?? ""
        let line = line("POST", target, key: key, peer: "\(target)")
        #expect(line?.replacing(target, with: "").contains(digits) != true, "\(line ?? "")")
      }
    }
  }

  @Test mutating func aGuesserCannotFillTheLog() {
    var lines = (0..<1000).compactMap { number in
      line("GET", "/list", key: "wrong", status: .unauthorized, peer: "10.0.\(number)")
    }
    #expect(lines.count == 10)
    #expect(
      line("GET", "/list", key: "wrong", status: .unauthorized, peer: "x", at: .seconds(9)) == nil)
    #expect(
      line("GET", "/list", key: "wrong", status: .unauthorized, peer: "y", at: .seconds(10))
        == "warning: Audit: GET /list with a wrong key from y: 401 (991 like it were not logged)")
    lines = (0..<100).compactMap { number in
      line(
        "GET", "/list", key: "wrong", status: .unauthorized, peer: "10.1.\(number)",
        at: .seconds(3600))
    }
    #expect(lines.count == 10)
  }

  /// A client with a key may be noisy with it, but must not hide what strangers do, nor they what
  /// it does.
  @Test mutating func theTwoKindsOfRefusalDoNotHideEachOther() {
    for number in 0..<100 {
      _ = line("GET", "/list", key: "wrong", status: .unauthorized, peer: "10.0.\(number)")
    }
    let lines = (0..<100).compactMap { _ in
      line("POST", "/shutdown", key: PaperKeys.key("ci"), status: .forbidden)
    }
    #expect(lines.count == 10)
    #expect(line("POST", "/shutdown") != nil)
  }
}
