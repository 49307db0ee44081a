import API
import Glibc
import HTTP
import Supervision
import TestSupport
import Testing

@testable import ExeioDaemon
@testable import UV

/// The way of a request in and of its answer out: filter, key and route, audit and access line. The
/// connection is one end of a pair of sockets; nothing listens.
struct RequestDispatcherTests {
  private static let key = "exeio_0123456789abcdef"

  /// A handler whose requests come by one connection.
  private final class Scene {
    let owners: OwnersScene
    let dispatcher: EventDispatcher
    let keys: NamedKeysFile
    let handler: RequestDispatcher
    let client: UV.Stream
    private var connection: HTTPConnection?
    private var received: [UInt8] = []
    private var taken = 0
    var performed: [(routed: Routed, context: RequestContext)] = []

    init(_ owners: OwnersScene) throws {
      self.owners = owners
      dispatcher = EventDispatcher(
        Supervisor(limitControllers: [], configDirectory: "conf"), clock: owners.context.clock)
      keys = NamedKeysFile(owners.configuration.keysFile)
      let router = Router(
        keys: KeyRing(main: APIKey(RequestDispatcherTests.key), named: keys.source),
        info: ServerInfo(version: "1.2.3", url: "http://127.0.0.1:8080"))
      handler = RequestDispatcher(
        owners.context,
        RequestDispatcher.Parts(
          dispatcher: dispatcher, namedKeys: keys, problems: owners.problems,
          heapTrimmer: owners.heapTrimmer),
        RequestHandler(
          router,
          RequestFilter(
            proxies: TrustedProxies(), hosts: AllowedHosts(),
            origins: try CrossOrigins("https://panel.example.org"))))
      var ends: [Int32] = [0, 0]
      let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
      try #require(socketpair(AF_UNIX, Int32(type), 0, &ends) == 0)
      client = try UV.Stream.adopting(ends[1], .pipe, peer: "server", on: owners.loop)
      let stream = try UV.Stream.adopting(ends[0], .pipe, peer: "192.0.2.7", on: owners.loop)
      let handler = handler
      connection = try HTTPConnection(
        stream, on: owners.loop, limits: ServerLimits(), answers: AnswerBudget(),
        times: HTTPConnection.Times(now: owners.context.clock.monotonic),
        refusal: { Response($0.status) }, date: { "today" },
        judge: { [unowned handler] in handler.refuse(header: $1, from: $0) },
        onAnswered: { _, _ in },
        onRequest: { [unowned handler] in handler.handle($2, $1, from: $0) }, onClosed: { _ in })
      handler.perform = { [unowned self] in performed.append(($0, $1)) }
      client.startReading { [unowned self] span in
        span.withUnsafeBytes { received.append(contentsOf: $0) }
      } onEnd: { _ in
      }
    }

    /// Whether the last key was right.
    var isTrusted: Bool { connection?.isTrusted == true }
    var isClosed: Bool { connection?.isClosed != false }

    func send(
      _ method: String, _ target: String, key: String? = RequestDispatcherTests.key,
      headers: String = "", body: String = ""
    ) {
      let key = key.map { "exeio-api-key: \($0)\r\n" } ?? ""
      let length = body.isEmpty ? "" : "Content-Length: \(body.utf8.count)\r\n"
      let text =
        "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n\(key)\(headers)\(length)\r\n\(body)"
      client.write(Array(text.utf8))
    }

    /// The bytes of the next answer, for which the loop turns; its body has a length.
    func answer() throws -> String {
      var answer: String?
      try owners.wait {
        let text = String(decoding: received[taken...], as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n")?.upperBound else { return false }
        let field = text[..<end].split(separator: "\r\n").first {
          $0.lowercased().hasPrefix("content-length:")
        }
        let length = field.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
        guard text[end...].utf8.count >= length else { return false }
        answer = String(text[..<end]) + String(text[end...].prefix(length))
        return true
      }
      let text = try #require(answer)
      taken += text.utf8.count
      return text
    }

    /// What was asked for, for which the loop turns.
    func next(_ number: Int = 0) throws -> (routed: Routed, context: RequestContext) {
      try owners.wait { performed.count > number }
      return performed[number]
    }

    func close() {
      performed = []
      client.close()
      connection?.close()
      connection = nil
      handler.perform = { _, _ in }
    }
  }

  private func withScene(_ body: (Scene) throws -> Void) throws {
    _ = try withOwners { owners in
      let scene = try Scene(owners)
      try body(scene)
      scene.close()
    }
  }

  @Test func aRightKeyIsHandedOnAndAnswered() throws {
    try withScene { scene in
      scene.send("POST", "/start/web")
      let (routed, context) = try scene.next()
      guard case .command(.start(id: "web")) = routed else {
        return #expect(Bool(false), "\(routed)")
      }
      #expect(
        scene.isTrusted && context.record.key == KeyName.main
          && context.record.client == "192.0.2.7")
      #expect(context.record.received == .seconds(1000))
      scene.handler.answer(context, with: Response(.ok, body: Array("done".utf8)))
      let answer = try scene.answer()
      #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.hasSuffix("\r\n\r\ndone"))
      #expect(!answer.contains("Connection: close"))
      let line = "Audit: POST /start/web by key '\(KeyName.main)' from 192.0.2.7: 200"
      #expect(try scene.owners.supervisorLines().contains { $0.hasSuffix(line) })
    }
  }

  @Test func aWrongKeyIsRefusedAndCounted() throws {
    try withScene { scene in
      scene.send("GET", "/list", key: "wrong")
      #expect(try scene.answer().hasPrefix("HTTP/1.1 401 "))
      scene.send("POST", "/stop/web", key: nil)
      #expect(try scene.answer().hasPrefix("HTTP/1.1 401 "))
      #expect(scene.performed.isEmpty && scene.handler.wrongKeyCount == 1 && !scene.isTrusted)
      let lines = try scene.owners.supervisorLines()
      #expect(lines.contains { $0.contains("warning: Audit: GET /list with a wrong key from") })
      #expect(lines.contains { $0.contains("Audit: POST /stop/web without a key from") })
      #expect(!lines.contains { $0.contains("wrong\"") })
    }
  }

  /// The body of a request that is refused is not read.
  @Test func aBodyIsJudgedByItsHeader() throws {
    try withScene { scene in
      scene.send(
        "POST", "/add", key: "wrong",
        headers: "Content-Length: 100000\r\nExpect: 100-continue\r\n")
      let answer = try scene.answer()
      #expect(answer.hasPrefix("HTTP/1.1 401 "))
      #expect(scene.performed.isEmpty)
    }
  }

  @Test func aRouteWithoutAKeyIsAnsweredHere() throws {
    try withScene { scene in
      scene.send("GET", "/info", key: nil)
      let answer = try scene.answer()
      #expect(answer.hasPrefix("HTTP/1.1 200 ") && answer.contains("1.2.3"))
      scene.send("GET", "/nowhere")
      #expect(try scene.answer().hasPrefix("HTTP/1.1 404 "))
      #expect(scene.performed.isEmpty)
    }
  }

  @Test func aPageOfAnotherSiteNeedsAGrant() throws {
    try withScene { scene in
      let allowed = "Origin: https://panel.example.org\r\n"
      scene.send("GET", "/list", headers: allowed)
      let (_, context) = try scene.next()
      scene.handler.answer(context, with: Response(.ok))
      #expect(
        try scene.answer().lowercased()
          .contains("access-control-allow-origin: https://panel.example.org\r\n"))
      scene.send("POST", "/stop/web", headers: "Origin: https://evil.example.org\r\n")
      let refused = try scene.answer()
      #expect(refused.hasPrefix("HTTP/1.1 403 "))
      #expect(!refused.lowercased().contains("access-control-allow-origin"))
      #expect(scene.performed.count == 1)
    }
  }

  @Test func everyAnswerOfAShutdownClosesItsConnection() throws {
    try withScene { scene in
      scene.dispatcher.send(.shutdownRequested)
      #expect(scene.dispatcher.isShuttingDown)
      scene.send("GET", "/list")
      let answer = try scene.answer()
      #expect(answer.hasPrefix("HTTP/1.1 503 "))
      #expect(answer.lowercased().contains("connection: close\r\n"))
    }
  }

  /// A key that was just added works for the first request that comes with it.
  @Test func aNamedKeyWaitsForALookAtItsFile() throws {
    try withScene { scene in
      try scene.keys.follow(on: scene.owners.loop, clock: scene.owners.context.clock)
      let key = NamedKey.text(
        name: "ci", random: [UInt8](repeating: 7, count: NamedKey.randomByteCount))
      let setting = KeyHash.setting(salt: [UInt8](repeating: 1, count: KeyHash.saltByteCount))
      let record = KeyRecord(
        name: "ci", role: .read, hash: try Crypt.hash(key, setting: setting), created: .zero)
      scene.send("GET", "/list", key: key)
      #expect(try scene.answer().hasPrefix("HTTP/1.1 401 "))
      try Files.createNew(
        scene.owners.configuration.keysFile, mode: 0o600, contents: KeysFile.render([record]))
      scene.send("GET", "/list", key: key)
      let (_, context) = try scene.next()
      #expect(context.record.key == "ci")
      scene.handler.answer(context, with: Response(.ok))
      #expect(try scene.answer().hasPrefix("HTTP/1.1 200 "))
      // Its role is that of the file.
      scene.send("POST", "/stop/web", key: key)
      #expect(try scene.answer().hasPrefix("HTTP/1.1 403 "))
      scene.keys.close()
    }
  }

  @Test func aClientThatDoesNotWaitIsLetGo() throws {
    try withScene { scene in
      scene.send("POST", "/restart/web")
      let (_, context) = try scene.next()
      scene.handler.abandon(context)
      #expect(scene.isClosed)
      // There is nothing that could be audited: what it asked for has no answer.
      #expect(try !scene.owners.supervisorLines().contains { $0.contains("Audit") })
    }
  }
}
