import HTTP
import Supervision
import Testing

@testable import API

/// The way of a request in, and of its answer out.
struct RequestHandlerTests {
  private static let sender = RequestHandler.Sender(peer: "192.0.2.7", user: nil)
  private static let now = Duration.seconds(100)

  private func makeHandler(_ keys: PaperKeys = PaperKeys([])) throws -> RequestHandler {
    RequestHandler(
      Reception(named: keys.source).router,
      RequestFilter(
        proxies: TrustedProxies(), hosts: AllowedHosts(),
        origins: try CrossOrigins("https://panel.example.org")))
  }

  private func request(
    _ method: String, _ target: String, key: String? = Reception.key, _ more: Headers = Headers()
  ) -> Request {
    var headers = more
    if let key { headers.add("exeio-api-key", key) }
    return Request(method: method, target: target, headers: headers)
  }

  @Test func whatIsAskedForIsToBeDone() throws {
    var handler = try makeHandler()
    let (record, step) = handler.begin(
      request("POST", "/stop/web"), from: Self.sender, at: Self.now, isShuttingDown: false)
    guard case .perform(.command(.stop(id: "web"))) = step else { throw Unexpected() }
    #expect(record.client == "192.0.2.7" && record.received == .seconds(100))
    #expect(record.key == "default")
    let later = Duration.seconds(102)
    let completion = handler.complete(
      record, with: Answers.done("stopped"), at: later, isShuttingDown: false)
    #expect(completion.response?.status == .ok && completion.response?.closesConnection == false)
    #expect(
      completion.auditLine?.text
        == "Audit: POST /stop/web by key 'default' from 192.0.2.7: 200")
    #expect(
      completion.accessLine.text.hasPrefix(#"192.0.2.7 "POST /stop/web" 200 "#)
        && completion.accessLine.text.hasSuffix(" 2000.0ms key=default"))
  }

  @Test func howLongAnswersTakeIsCountedByRoute() throws {
    var handler = try makeHandler()
    let requests = [
      ("POST", "/stop/web"), ("POST", "/stop/job"), ("GET", "/nothing"), ("GET", "/list"),
    ]
    for (method, target) in requests {
      let (record, _) = handler.begin(
        request(method, target), from: Self.sender, at: Self.now, isShuttingDown: false)
      _ = handler.complete(
        record, with: target == "/list" ? nil : Answers.done("ok"),
        at: Self.now + .milliseconds(200), isShuttingDown: false)
    }
    // Only /list was never answered.
    var expected = RequestTimes()
    for route in [Route.stop, .stop, nil] { expected.observe(.milliseconds(200), of: route) }
    #expect(handler.times == expected)
    let body = String(
      decoding: Answers.metrics(
        [],
        DaemonMetrics(
          version: "1", startedAt: .zero, resources: nil, openConnections: 0,
          requests: RequestCounts(), wrongKeys: 0, droppedLogLines: 0, requestTimes: handler.times,
          loopLag: Histogram(bounds: []), lastReload: DaemonMetrics.Reload(at: .zero)), .text
      ).body, as: UTF8.self)
    let name = "exeio_http_request_duration_seconds"
    #expect(body.contains("\n\(name)_bucket{route=\"/stop/{id}\",le=\"0.1\"} 0\n"))
    #expect(body.contains("\n\(name)_bucket{route=\"/stop/{id}\",le=\"0.5\"} 2\n"))
    #expect(body.contains("\n\(name)_sum{route=\"/stop/{id}\"} 0.4\n"))
    #expect(body.contains("\n\(name)_count{route=\"other\"} 1\n"))
    #expect(!body.contains("/list"))
  }

  @Test func aWrongKeyIsAnsweredAndCounted() throws {
    var handler = try makeHandler()
    for number in 1...2 {
      let (record, step) = handler.begin(
        request("POST", "/stop/web", key: "wrong"), from: Self.sender, at: Self.now,
        isShuttingDown: false)
      guard case .answer(let response) = step else { throw Unexpected() }
      #expect(response.status == .unauthorized && handler.wrongKeyCount == number)
      let completion = handler.complete(record, with: response, at: Self.now, isShuttingDown: false)
      #expect(completion.auditLine?.text.contains("with a wrong key") == true)
      #expect(completion.accessLine.key == nil)
    }
  }

  /// The filter stands before the keys: such a request is not even counted.
  @Test func aPageOfAnotherSiteDoesNotComeToTheKeys() throws {
    var handler = try makeHandler()
    let headers: Headers = [
      "Origin": "https://evil.example.org", "Sec-Fetch-Site": "cross-site", "Host": "localhost",
    ]
    let (record, step) = handler.begin(
      request("POST", "/stop/web", key: "wrong", headers), from: Self.sender, at: Self.now,
      isShuttingDown: false)
    guard case .answer(let response) = step else { throw Unexpected() }
    #expect(response.status == .forbidden && handler.wrongKeyCount == 0)
    #expect(record.verdict == nil)
    #expect(
      handler.complete(record, with: response, at: Self.now, isShuttingDown: false).auditLine == nil
    )
  }

  @Test func anAnswerSaysWhichPageMayReadIt() throws {
    var handler = try makeHandler()
    let headers: Headers = ["Origin": "https://panel.example.org", "Host": "localhost"]
    let (record, step) = handler.begin(
      request("GET", "/list", headers), from: Self.sender, at: Self.now, isShuttingDown: false)
    guard case .perform = step else { throw Unexpected() }
    let completion = handler.complete(
      record, with: Answers.done("x"), at: Self.now, isShuttingDown: false)
    #expect(
      completion.response?.headers["Access-Control-Allow-Origin"] == "https://panel.example.org")
  }

  @Test func aNamedKeyWaitsForALookAtItsFile() throws {
    var handler = try makeHandler(PaperKeys([PaperKeys.record("ci", .operate)]))
    let named = request("POST", "/stop/web", key: PaperKeys.key("ci"))
    let (record, step) = handler.begin(
      named, from: Self.sender, at: Self.now, isShuttingDown: false)
    guard case .lookAtKeys = step else { throw Unexpected() }
    #expect(record.verdict == nil)
    // What it waited for is part of the time that it took.
    let (routed, next) = handler.route(named, record, isShuttingDown: false)
    guard case .perform(.command(.stop(id: "web"))) = next else { throw Unexpected() }
    #expect(routed.key == "ci" && routed.received == .seconds(100))
  }

  @Test func aShutdownRefusesAllAndClosesTheirConnections() throws {
    var handler = try makeHandler()
    let (record, step) = handler.begin(
      request("POST", "/stop/web"), from: Self.sender, at: Self.now, isShuttingDown: true)
    guard case .answer(let response) = step else { throw Unexpected() }
    #expect(response.status == .serviceUnavailable)
    #expect(
      handler.complete(record, with: response, at: Self.now, isShuttingDown: true).response?
        .closesConnection == true)
  }

  @Test func aClientThatHasGoneLeavesAnAccessLineAlone() throws {
    var handler = try makeHandler()
    let (record, _) = handler.begin(
      request("POST", "/stop/web"), from: Self.sender, at: Self.now, isShuttingDown: false)
    let completion = handler.complete(record, with: nil, at: Self.now, isShuttingDown: false)
    #expect(completion.response == nil && completion.auditLine == nil)
    #expect(completion.accessLine.text.contains(#""POST /stop/web" - 0 "#))
  }

  @Test func aHeaderIsRefusedBeforeItsBodyIsRead() throws {
    var handler = try makeHandler()
    func step(_ method: String, _ target: String, _ key: String?) -> RequestHandler.HeaderStep {
      let headers: Headers = ["Content-Length": "500000"]
      return handler.begin(
        header: request(method, target, key: key, headers), from: Self.sender, at: Self.now,
        isShuttingDown: false
      ).step
    }
    guard case .readBody = step("POST", "/add", Reception.key) else { throw Unexpected() }
    guard case .answer(let response, looksAtKeys: false) = step("POST", "/add", nil) else {
      throw Unexpected()
    }
    #expect(response.status == .unauthorized)
    guard case .answer(_, looksAtKeys: false) = step("GET", "/info", nil),
      case .answerHealth(isDetailed: false) = step("GET", "/health", nil)
    else { throw Unexpected() }
  }

  @Test func whatNeverBecameARequestHasAnAccessLine() {
    let line = RequestHandler.accessLine(ofRefused: nil, peer: "192.0.2.7", nil)
    #expect(line.text == #"192.0.2.7 "-" - 0 0.0ms key=-"#)
  }
}
