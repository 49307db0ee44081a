import Glibc
import HTTP
import TestSupport
import Testing

@testable import ExeioDaemon
@testable import UV

/// How long a client is waited for, by a clock of the test. The connection is one end of a pair of
/// sockets.
struct HTTPConnectionTests {
  /// A connection, and the client at its other end.
  private final class Scene {
    let loop: Loop
    let client: UV.Stream
    let budget = AnswerBudget()
    var connection: HTTPConnection?
    var requests: [(id: RequestID, request: HTTP.Request)] = []
    var answered: [Status] = []
    var closed = 0
    /// How often a stream had room, and how often its client had gone.
    var rooms = 0
    var gone = 0
    var now = Duration.seconds(1000)
    var received: [UInt8] = []
    var hasEnded = false

    init(on loop: Loop) throws {
      self.loop = loop
      var ends: [Int32] = [0, 0]
      let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
      try #require(socketpair(AF_UNIX, Int32(type), 0, &ends) == 0)
      client = try UV.Stream.adopting(ends[1], .pipe, peer: "server", on: loop)
      let stream = try UV.Stream.adopting(ends[0], .pipe, peer: "192.0.2.7", on: loop)
      var times = HTTPConnection.Times { [unowned self] in now }
      times.look = .milliseconds(5)
      times.linger = .milliseconds(20)
      connection = try HTTPConnection(
        stream, on: loop,
        HTTPConnection.Settings(answers: budget, times: times, date: { "today" }),
        HTTPConnection.Handlers(
          onRequest: { [unowned self] in requests.append(($1, $2)) },
          onAnswered: { [unowned self] in answered.append($1) },
          onClosed: { [unowned self] _ in closed += 1 }))
    }

    func send(_ text: String) { client.write(Array(text.utf8)) }

    func read() {
      client.startReading { [unowned self] span in
        span.withUnsafeBytes { received.append(contentsOf: $0) }
      } onEnd: { [unowned self] _ in
        hasEnded = true
      }
    }

    /// Waits for the next request, and answers it with so many bytes.
    func answer(_ count: Int) throws {
      let number = answered.count
      try runLoop(loop) { requests.count > number }
      connection?.respond(
        to: requests[number].id,
        with: Response(.ok, body: [UInt8](repeating: 120, count: count)))
    }

    func close() {
      client.close()
      connection?.close()
      connection = nil
    }
  }

  private func withScene(_ body: (Scene) throws -> Void) throws {
    _ = try withLoop { loop in
      let scene = try Scene(on: loop)
      try body(scene)
      scene.close()
      return scene
    }
  }

  private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

  @Test func aClientThatReadsNothingIsClosedAfterAMinute() throws {
    try withScene { scene in
      scene.send(Self.get)
      try scene.answer(16 << 20)
      try runLoop(scene.loop) { scene.budget.unread > 1 << 20 }
      #expect(scene.connection?.unreadSince == .seconds(1000))
      // It is looked at time and again.
      scene.now += .milliseconds(59_999)
      _ = try turn(scene.loop, for: .milliseconds(50))
      #expect(scene.closed == 0)
      scene.now += .milliseconds(1)
      try runLoop(scene.loop, limit: .seconds(30)) { scene.closed == 1 }
      #expect(scene.connection?.isClosed == true && scene.budget.unread == 0)
    }
  }

  // MARK: Answers in pieces

  /// Begins the answer to a request in pieces.
  private func beginStream(_ scene: Scene, _ request: String) throws -> RequestID {
    scene.send(request)
    try runLoop(scene.loop) { scene.requests.count == 1 }
    let id = scene.requests[0].id
    let hasBegun = scene.connection?.beginStream(
      for: id, with: Response(.ok), onRoom: { scene.rooms += 1 }, onGone: { scene.gone += 1 })
    #expect(hasBegun == true)
    return id
  }

  /// More that is sent is no sign that the client takes something.
  @Test func aClientThatTakesNothingOfAStreamIsClosedThoughMoreIsSent() throws {
    try withScene { scene in
      let id = try beginStream(scene, Self.get)
      scene.connection?.send([UInt8](repeating: 120, count: 4 << 20), to: id)
      try runLoop(scene.loop) { scene.budget.unread > 1 << 20 }
      #expect((scene.connection?.streamRoom ?? 0) < 0)
      for _ in 0..<5 {
        scene.now += .milliseconds(11_999)
        scene.connection?.send([120], to: id)
        _ = try turn(scene.loop, for: .milliseconds(20))
        #expect(scene.closed == 0)
      }
      scene.now += .milliseconds(5)
      try runLoop(scene.loop, limit: .seconds(30)) { scene.closed == 1 }
      #expect(scene.gone == 1)
    }
  }

  /// Nothing is read behind a request that is the last one.
  @Test(arguments: ["Connection: close\r\n", ""])
  func aClientThatLeavesAStreamIsNoticed(fields: String) throws {
    try withScene { scene in
      let id = try beginStream(scene, "GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
      scene.connection?.send([120], to: id)
      scene.client.close()
      try runLoop(scene.loop, limit: .seconds(30)) { scene.gone == 1 }
      #expect(scene.closed == 1)
      scene.connection?.send([120], to: id)
      scene.connection?.endStream(id)
    }
  }

  @Test func aReaderOfAStreamMakesRoomAndTheConnectionIsKept() throws {
    try withScene { scene in
      let id = try beginStream(scene, Self.get)
      scene.connection?.send([UInt8](repeating: 120, count: 4 << 20), to: id)
      scene.read()
      try runLoop(scene.loop) { scene.rooms > 0 && scene.received.count > 4 << 20 }
      #expect((scene.connection?.streamRoom ?? 0) > 0)
      scene.connection?.endStream(id)
      #expect(scene.connection?.isExpendable == true)
      scene.send(Self.get)
      try runLoop(scene.loop) { scene.requests.count == 2 }
      #expect(scene.gone == 0 && scene.closed == 0)
    }
  }

  /// However slow it is.
  @Test func aClientThatReadsALittleGetsAnotherMinute() throws {
    try withScene { scene in
      scene.send(Self.get)
      try scene.answer(32 << 20)
      try runLoop(scene.loop) { scene.budget.unread > 1 << 20 }
      scene.read()
      for round in 1...3 {
        scene.now += .seconds(59)
        scene.client.resumeReading()
        try runLoop(scene.loop) { scene.received.count >= round << 20 }
        scene.client.stopReading()
        _ = try turn(scene.loop, for: .milliseconds(50))
        #expect(scene.closed == 0 && scene.budget.unread > 0)
      }
      scene.client.resumeReading()
      try runLoop(scene.loop) { scene.received.count > 32 << 20 && scene.budget.unread == 0 }
      #expect(scene.connection?.unreadSince == nil && scene.closed == 0)
    }
  }

  /// The header of a request must come within its time, and an idle connection may stay as long as
  /// it likes by ours.
  @Test func aClientThatDoesNotFinishItsHeaderIsAnsweredAndClosed() throws {
    try withScene { scene in
      scene.read()
      scene.send("GET / HTTP/1.1\r\nHo")
      _ = try turn(scene.loop, for: .milliseconds(20))
      #expect(scene.closed == 0 && scene.requests.isEmpty)
      scene.now += .seconds(1000)
      // The timer is that of the loop: what comes next has it looked at.
      scene.send("st: a\r\n")
      scene.client.shutdownWriting { _ in }
      try runLoop(scene.loop) { scene.closed == 1 }
      #expect(scene.requests.isEmpty)
    }
  }

  @Test func requestsAreAnsweredInTheirOrder() throws {
    try withScene { scene in
      scene.read()
      scene.send(Self.get + "GET /b HTTP/1.1\r\nHost: a\r\n\r\n")
      try scene.answer(3)
      #expect(scene.connection?.isExpendable == true || scene.requests.count == 2)
      try scene.answer(2)
      try runLoop(scene.loop) {
        String(decoding: scene.received, as: UTF8.self).hasSuffix("\r\nxx")
      }
      #expect(scene.requests.map(\.request.target) == ["/", "/b"])
      let text = String(decoding: scene.received, as: UTF8.self)
      #expect(text.contains("Date: today\r\n") && text.contains("\r\n\r\nxxxHTTP/1.1 200 OK\r\n"))
    }
  }

  /// What was sent is not thrown away by a reset, and a client that keeps its end open is not
  /// waited for long.
  @Test func aClientThatHasEverythingHasAMomentToClose() throws {
    try withScene { scene in
      scene.read()
      scene.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      try scene.answer(3)
      try runLoop(scene.loop) { scene.hasEnded }
      #expect(String(decoding: scene.received, as: UTF8.self).hasSuffix("xxx"))
      try runLoop(scene.loop) { scene.closed == 1 }
    }
  }

  @Test func theEndOfTheServerEndsAnIdleConnectionAtOnce() throws {
    try withScene { scene in
      scene.read()
      scene.connection?.beginClosing()
      #expect(scene.closed == 1)
      scene.connection?.beginClosing()
      scene.connection?.close()
      #expect(scene.closed == 1)
    }
  }

  @Test func theEndOfTheServerWaitsForTheAnswer() throws {
    try withScene { scene in
      scene.read()
      scene.send(Self.get)
      try runLoop(scene.loop) { scene.requests.count == 1 }
      scene.connection?.beginClosing()
      _ = try turn(scene.loop, for: .milliseconds(20))
      #expect(scene.closed == 0)
      try scene.answer(3)
      try runLoop(scene.loop) { scene.closed == 1 && scene.hasEnded }
      #expect(String(decoding: scene.received, as: UTF8.self).hasSuffix("xxx"))
    }
  }

  @Test func aClientThatGoesIsGone() throws {
    try withScene { scene in
      scene.send(Self.get)
      try runLoop(scene.loop) { scene.requests.count == 1 }
      #expect(scene.connection?.isClientGone == false)
      scene.client.close()
      try runLoop(scene.loop) { scene.connection?.isClientGone == true }
    }
  }
}
