import API
import HTTP
import Supervision
import TestSupport
import Testing

@testable import ExeioDaemon
@testable import UV

/// The way of a request in and of its answer out: filter, key and route, audit and access line. The
/// connection is one end of a pair of sockets; nothing listens.
struct RequestDispatcherTests {
  @Test func aRightKeyIsHandedOnAndAnswered() throws {
    try withRequests { scene in
      scene.send("POST", "/start/web")
      let (routed, ticket) = try scene.next()
      guard case .command(.start(id: "web")) = routed else {
        return #expect(Bool(false), "\(routed)")
      }
      let record = scene.handler[ticket].record
      #expect(
        scene.isTrusted && record.key == KeyName.main && record.client == "192.0.2.7")
      #expect(record.received == .seconds(1000))
      #expect(scene.handler.pendingCount == 1)
      scene.handler.answer(ticket, with: Response(.ok, body: Array("done".utf8)))
      let answer = try scene.answer()
      #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.hasSuffix("\r\n\r\ndone"))
      #expect(!answer.contains("Connection: close"))
      #expect(scene.handler.pendingCount == 0)
      let line = "Audit: POST /start/web by key '\(KeyName.main)' from 192.0.2.7: 200"
      #expect(try scene.owners.supervisorLines().contains { $0.hasSuffix(line) })
    }
  }

  @Test func aWrongKeyIsRefusedAndCounted() throws {
    try withRequests { scene in
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
    try withRequests { scene in
      scene.send(
        "POST", "/add", key: "wrong",
        headers: "Content-Length: 100000\r\nExpect: 100-continue\r\n")
      let answer = try scene.answer()
      #expect(answer.hasPrefix("HTTP/1.1 401 "))
      #expect(scene.performed.isEmpty)
    }
  }

  @Test func aRouteWithoutAKeyIsAnsweredHere() throws {
    try withRequests { scene in
      scene.send("GET", "/info", key: nil)
      let answer = try scene.answer()
      #expect(answer.hasPrefix("HTTP/1.1 200 ") && answer.contains("1.2.3"))
      scene.send("GET", "/nowhere")
      #expect(try scene.answer().hasPrefix("HTTP/1.1 404 "))
      #expect(scene.performed.isEmpty)
    }
  }

  @Test func aPageOfAnotherSiteNeedsAGrant() throws {
    try withRequests { scene in
      let allowed = "Origin: https://panel.example.org\r\n"
      scene.send("GET", "/list", headers: allowed)
      let (_, ticket) = try scene.next()
      scene.handler.answer(ticket, with: Response(.ok))
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
    try withRequests { scene in
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
    try withRequests { scene in
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
      let (_, ticket) = try scene.next()
      #expect(scene.handler[ticket].record.key == "ci")
      scene.handler.answer(ticket, with: Response(.ok))
      #expect(try scene.answer().hasPrefix("HTTP/1.1 200 "))
      // Its role is that of the file.
      scene.send("POST", "/stop/web", key: key)
      #expect(try scene.answer().hasPrefix("HTTP/1.1 403 "))
      scene.keys.close()
    }
  }

  @Test func aClientThatDoesNotWaitIsLetGo() throws {
    try withRequests { scene in
      scene.send("POST", "/restart/web")
      let (_, ticket) = try scene.next()
      scene.handler.abandon(ticket)
      #expect(scene.isClosed && scene.handler.pendingCount == 0)
      // There is nothing that could be audited: what it asked for has no answer.
      #expect(try !scene.owners.supervisorLines().contains { $0.contains("Audit") })
    }
  }
}
