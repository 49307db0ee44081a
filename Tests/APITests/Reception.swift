import Basics
import Foundation
import HTTP
import Supervision
import Testing

@testable import API

/// A router with a key that the tests know, and short ways to ask it.
struct Reception {
  static let key = "exeio_0123456789abcdef"
  static let context = EntryContext(logDirectory: "/var/log/exeio", workingDirectory: "/srv")

  var router: Router

  /// - Parameters:
  ///   - named: The keys beside the main one; none unless they are given.
  ///   - limitControllers: The limits that the supervisor can keep.
  init(
    named: NamedKeySource = PaperKeys([]).source,
    limitControllers: Set<CgroupController> = Set(CgroupController.allCases)
  ) {
    router = Router(
      keys: KeyRing(main: APIKey(Self.key), named: named),
      info: ServerInfo(version: "1.2.3", url: "http://127.0.0.1:8080"))
    router.limitControllers = limitControllers
  }

  /// Asks with the right key, unless another or none is given.
  mutating func ask(
    _ method: String, _ target: String, _ body: String = "", key: String? = Self.key,
    peer: String = "127.0.0.1", at now: Duration = .zero, isShuttingDown: Bool = false
  ) -> Routed {
    ask(
      method, target, Array(body.utf8), key: key, peer: peer, at: now,
      isShuttingDown: isShuttingDown)
  }

  /// The same with other header fields.
  mutating func ask(
    _ method: String, _ target: String, headers: [(name: String, value: String)]
  ) -> Routed {
    request(method, target, headers: headers).routed
  }

  mutating func ask(
    _ method: String, _ target: String, _ body: [UInt8], key: String? = Self.key,
    peer: String = "127.0.0.1", at now: Duration = .zero, isShuttingDown: Bool = false
  ) -> Routed {
    request(
      method, target, body, key: key, peer: peer, at: now, isShuttingDown: isShuttingDown
    ).routed
  }

  /// As `ask`, with what the audit is told.
  mutating func request(
    _ method: String, _ target: String, _ body: [UInt8] = [], key: String? = Self.key,
    headers more: [(name: String, value: String)] = [], peer: String = "127.0.0.1",
    at now: Duration = .zero, isShuttingDown: Bool = false
  ) -> RoutedRequest {
    var headers = Headers()
    for field in more { headers.add(field.name, field.value) }
    if let key { headers.add("exeio-api-key", key) }
    let request = Request(method: method, target: target, headers: headers, body: body)
    return router.route(request, peer: peer, at: now, isShuttingDown: isShuttingDown)
  }

  /// What `/add` makes of a body.
  static func add(_ body: String) throws -> ProcessDefinition {
    var reception = Reception()
    guard case .command(.add(let definition)) = reception.ask("POST", "/add", body) else {
      throw Unexpected()
    }
    return definition
  }

  /// The message with which `/add` refuses a body.
  static func refusal(of body: String) throws -> String {
    var reception = Reception()
    let answer = try reception.ask("POST", "/add", body).answer
    #expect(answer.status == 400)
    return try answer.message
  }
}

struct Unexpected: Error {}

/// A response as a client sees it, its body read by a parser that is not ours.
struct Answer {
  let status: Int
  let headers: Headers
  let value: Any

  init(_ response: Response) throws {
    status = response.status.code
    headers = response.headers
    #expect(response.body.last == UInt8(ascii: "\n"))
    #expect(headers["Content-Type"] == "application/json")
    #expect(headers["Cache-Control"] == "no-store")
    #expect(headers["X-Content-Type-Options"] == "nosniff")
    #expect(headers["Referrer-Policy"] == "no-referrer")
    _ = try JSONReader.value(of: response.body)
    value = try JSONSerialization.jsonObject(with: Data(response.body))
  }

  var object: [String: Any] {
    get throws { try #require(value as? [String: Any]) }
  }

  var message: String {
    get throws { try #require(try object["message"] as? String) }
  }
}

extension Routed {
  /// The answer that was given at once.
  var answer: Answer {
    get throws {
      guard case .response(let response) = self else { throw Unexpected() }
      return try Answer(response)
    }
  }
}

extension ProcessEntry {
  /// A process that has not been started yet.
  init(_ definition: ProcessDefinition, status: ProcessStatus = .stopped) {
    self.init(
      definition: definition, status: status, pid: nil, runCount: 0, restartCount: 0, lastRun: nil,
      nextRun: nil, uptime: nil, lastExit: nil, error: nil)
  }
}
