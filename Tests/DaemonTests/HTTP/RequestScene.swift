import API
import Glibc
import HTTP
import Supervision
import TestSupport
import Testing

@testable import ExeioDaemon
@testable import UV

/// A handler whose requests come by one connection.
final class RequestScene {
  static let key = "exeio_0123456789abcdef"

  let owners: OwnersScene
  let dispatcher: EventDispatcher
  let keys: NamedKeysFile
  let handler: RequestDispatcher
  let client: UV.Stream
  private(set) var connection: HTTPConnection?
  private var received: [UInt8] = []
  private var taken = 0
  var performed: [(routed: Routed, ticket: Ticket)] = []

  init(_ owners: OwnersScene) throws {
    self.owners = owners
    dispatcher = EventDispatcher(
      Supervisor(limitControllers: [], configDirectory: "conf"), clock: owners.context.clock)
    keys = NamedKeysFile(owners.configuration.keysFile)
    let router = Router(
      keys: KeyRing(main: APIKey(RequestScene.key), named: keys.source),
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
      stream, on: owners.loop,
      HTTPConnection.Settings(
        answers: AnswerBudget(),
        times: HTTPConnection.Times(now: owners.context.clock.monotonic), date: { "today" }),
      HTTPConnection.Handlers(
        judge: { [unowned handler] in handler.refuse($0, header: $1) },
        onRequest: { [unowned handler] in handler.handle($0, $1, $2) }))
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
    _ method: String, _ target: String, key: String? = RequestScene.key,
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
  func next(_ number: Int = 0) throws -> (routed: Routed, ticket: Ticket) {
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

/// Runs a test with a handler of requests and a client. The connection is one end of a pair of
/// sockets; nothing listens.
func withRequests(_ body: (RequestScene) throws -> Void) throws {
  _ = try withOwners { owners in
    let scene = try RequestScene(owners)
    try body(scene)
    scene.close()
  }
}
