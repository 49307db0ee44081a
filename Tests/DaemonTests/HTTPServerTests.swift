import ExeioDaemon
import Glibc
import HTTP
import Supervision
import TestSupport
import Testing
import UV

/// What becomes of connections whose clients do not read, do not speak, or do not go.
struct HTTPServerTests {
  /// A server on a Unix socket, which answers each request with so many bytes, and its clients.
  private final class Scene {
    let loop: Loop
    /// What the connections take the time from; their timers go on.
    let clock = OwnersScene.TestClock()
    let server: HTTPServer
    let directory: TemporaryDirectory
    var clients: [UV.Stream] = []
    /// How many bytes each client has got, whether it has come to the end.
    var received: [Int: Int] = [:]
    var ended: Set<Int> = []
    var answerSize = 0
    var isTrusting = true
    var released = 0

    init(
      _ loop: Loop, maxConnections: Int = 100, pages: Int = 64 << 20
    ) throws {
      self.loop = loop
      directory = try TemporaryDirectory()
      var times = HTTPConnection.Times(now: { [clock] in clock.now.monotonic })
      times.stall = .seconds(60)
      times.look = .milliseconds(50)
      server = try HTTPServer(
        on: loop, maxConnections: maxConnections, times: times,
        answers: AnswerBudget(pages: pages, others: 2 * pages),
        refusal: { Response($0.status) }, date: { "" })
      try server.listen(socketPath: directory.file("s"))
      server.onRequest = { [weak self] connection, id, _ in
        guard let self else { return }
        connection.isTrusted = isTrusting
        connection.respond(
          to: id, with: Response(.ok, body: [UInt8](repeating: 120, count: answerSize)))
      }
      server.onReleased = { [weak self] in self?.released += $0 }
    }

    /// Connects a client and asks once; it reads only if it is told to.
    func connect(asks: Bool = true, reads: Bool) throws {
      let number = clients.count
      var result: Result<UV.Stream, UVError>?
      UV.Stream.connect(unix: directory.file("s"), on: loop) { result = $0 }
      try runLoop(loop) { result != nil }
      let stream = try #require(try result?.get())
      clients.append(stream)
      if asks { stream.write(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)) }
      if reads {
        stream.startReading { [weak self] in
          self?.received[number, default: 0] += $0.byteCount
        } onEnd: { [weak self] _ in
          self?.ended.insert(number)
        }
      }
    }

    func close() throws {
      for client in clients { client.close() }
      try server.close(grace: .seconds(10))
    }
  }

  @Test func aClientThatReadsNothingIsClosedAfterAWhile() throws {
    try withLoop { loop in
      let scene = try Scene(loop)
      scene.answerSize = 4 << 20
      try scene.connect(reads: false)
      try runLoop(loop) { scene.server.answers.unread > 0 }
      scene.clock.pass(.milliseconds(59_999))
      _ = try turn(loop, for: .milliseconds(200))
      #expect(scene.server.connectionCount == 1)
      scene.clock.pass(.milliseconds(1))
      try runLoop(loop) { scene.server.connectionCount == 0 }
      #expect(scene.server.answers.unread == 0)
      // What it held is told, so that the memory is given back.
      #expect(scene.released > 2 << 20)
      try scene.close()
    }
  }

  @Test func aConnectionWithSomethingUnreadHoldsTheEndUpNoLongerThanTheGrace() throws {
    try withLoop { loop in
      let scene = try Scene(loop)
      scene.answerSize = 4 << 20
      try scene.connect(reads: false)
      try runLoop(loop) { scene.server.answers.unread > 0 }
      let began = Clock.monotonicTime
      try scene.server.close(grace: .milliseconds(200))
      try runLoop(loop) { scene.server.connectionCount == 0 }
      let time = Clock.monotonicTime - began
      #expect(time >= .milliseconds(200) && time < .seconds(30))
      for client in scene.clients { client.close() }
    }
  }

  @Test func aConnectionThatHasItsLastAnswerDoesNotHoldTheEndUp() throws {
    try withLoop { loop in
      let scene = try Scene(loop)
      scene.server.onRequest = { connection, id, _ in
        var last = Response(.ok)
        last.closesConnection = true
        connection.respond(to: id, with: last)
      }
      // It keeps its own end open.
      try scene.connect(reads: true)
      try runLoop(loop) { scene.ended == [0] }
      try scene.server.close(grace: .seconds(100))
      #expect(scene.server.connectionCount == 0)
      for client in scene.clients { client.close() }
    }
  }

  @Test func whoDoesNotReadIsClosedWhileOthersWaitForTheMemory() throws {
    try withLoop { loop in
      let scene = try Scene(loop, pages: 6 << 20)
      scene.answerSize = 4 << 20
      for _ in 0..<2 { try scene.connect(reads: false) }
      try runLoop(loop) { !scene.server.answers.hasRoomForPages }
      // As long as no reader waits, they are let be.
      var isWaited = false
      var hasRoom = false
      scene.server.hasWaitingReaders = { isWaited }
      scene.server.answers.onRoomForPages = { hasRoom = true }
      isWaited = true
      scene.clock.pass(.seconds(5))
      try runLoop(loop) { hasRoom }
      #expect(scene.server.connectionCount == 1)
      try scene.close()
    }
  }

  @Test func theOldestSilentConnectionWithoutAKeyGoesForANewcomer() throws {
    try withLoop { loop in
      let scene = try Scene(loop, maxConnections: 3)
      scene.answerSize = 1
      // The first one has a right key; the second one is silent; the third one asks without a key.
      try scene.connect(reads: true)
      try runLoop(loop) { scene.received[0] != nil }
      try scene.connect(asks: false, reads: true)
      try runLoop(loop) { scene.server.connectionCount == 2 }
      scene.clock.pass(.milliseconds(1))
      scene.isTrusting = false
      try scene.connect(reads: true)
      try runLoop(loop) { scene.received[2] != nil }
      scene.clock.pass(.milliseconds(1))
      try scene.connect(reads: true)
      try runLoop(loop) { scene.received[3] != nil }
      #expect(scene.ended == [1])
      scene.isTrusting = true
      try scene.connect(reads: true)
      try runLoop(loop) { scene.received[4] != nil }
      #expect(scene.ended == [1, 2])
      try scene.close()
    }
  }

  @Test func connectionsWithARightKeyAreNotClosedForANewcomer() throws {
    try withLoop { loop in
      let scene = try Scene(loop, maxConnections: 2)
      scene.answerSize = 1
      for number in 0..<2 {
        try scene.connect(reads: true)
        try runLoop(loop) { scene.received[number] != nil }
      }
      try scene.connect(asks: false, reads: true)
      try runLoop(loop) { scene.ended == [2] }
      #expect(scene.received[2] ?? 0 > 1)
      try scene.close()
    }
  }

  @Test func aThousandRoundsLeaveNothing() throws {
    try withLoop { loop in
      let scene = try Scene(loop)
      scene.answerSize = 128 << 10
      func round() throws {
        let number = scene.clients.count
        try scene.connect(reads: true)
        try runLoop(loop) { scene.received[number] ?? 0 > 128 << 10 }
        scene.clients[number].close()
        try runLoop(loop) { scene.server.connectionCount == 0 }
      }
      func residentBytes() throws -> Int {
        SystemProcess.trimHeap()
        return try SystemProcess.ownUsage().residentBytes
      }
      for _ in 0..<50 { try round() }
      let before = try residentBytes()
      for _ in 0..<1000 { try round() }
      #expect(scene.server.answers.unread == 0)
      #expect(scene.released >= 1000 * (16 << 10))
      // Other tests of this process have their own ups and downs, and AddressSanitizer keeps what
      // was freed for a while.
      let isSanitized = getenv("EXEIO_SANITIZED") != nil
      #expect(try isSanitized || residentBytes() - before < 64 << 20)
      try scene.close()
    }
  }

  /// A request under way may take as long as a stop does.
  @Test func aClientThatGoesGivesBackTheRoomOfWhatItSentBehindASlowRequest() throws {
    try withLoop { loop in
      let scene = try Scene(loop)
      var underWay: [HTTPConnection] = []
      scene.server.onRequest = { connection, id, request in
        if request.path == "/" {
          connection.respond(to: id, with: Response(.ok))
        } else {
          underWay.append(connection)
        }
      }
      // It leaves an answer unread, so that its end is a reset and not the end of what it sends.
      try scene.connect(reads: false)
      let slow = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"
      // The room for a whole body is taken for one that comes in chunks.
      let post =
        "POST /next HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
      scene.clients[0].write(Array((slow + String(repeating: post, count: 4)).utf8))
      try runLoop(loop) { underWay.count == 1 }
      #expect(scene.released == 0)
      scene.clients[0].close()
      try runLoop(loop) { scene.server.connectionCount == 0 }
      #expect(underWay.count == 1)
      #expect(scene.released >= 4 << 20)
      // A connection holds its server, which has the closure that holds this.
      underWay = []
      try scene.close()
    }
  }

  /// Nothing is read behind a large body until the request before it is answered.
  @Test func aClientThatGoesWhileItIsNotReadFromIsClosed() throws {
    try withLoop { loop in
      let scene = try Scene(loop)
      var underWay: [HTTPConnection] = []
      scene.server.onRequest = { connection, _, _ in underWay.append(connection) }
      try scene.connect(reads: false)
      try runLoop(loop) { underWay.count == 1 }
      var isSent = false
      let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(1 << 20)\r\n\r\n"
      scene.clients[0].write(Array(head.utf8) + [UInt8](repeating: 120, count: 1 << 20)) {
        #expect($0 == nil)
        isSent = true
      }
      try runLoop(loop) { isSent }
      // It is looked at, and stays as long as its client does.
      var isLater = false
      let timer = try Timer(on: loop)
      timer.start(after: .milliseconds(200)) { isLater = true }
      try runLoop(loop) { isLater }
      timer.close()
      #expect(scene.server.connectionCount == 1)
      #expect(scene.released == 0)
      scene.clients[0].close()
      try runLoop(loop) { scene.server.connectionCount == 0 }
      #expect(scene.released >= 1 << 20)
      underWay = []
      try scene.close()
    }
  }
}
