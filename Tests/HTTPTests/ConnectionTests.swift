import HTTP
import Testing

/// Keeping the connection, pipelining, and how it ends.
struct ConnectionTests {
  private func get(_ path: String, _ lines: String = "") -> String {
    "GET \(path) HTTP/1.1\r\nHost: a\r\n\(lines)\r\n"
  }

  struct KeepAlive: CustomTestStringConvertible {
    let version: String
    let lines: String
    let keeps: Bool
    /// The `Connection` line of the answer.
    let says: String?
    var testDescription: String { "\(version) \(lines)" }
  }

  @Test(
    arguments: [
      KeepAlive(version: "1.1", lines: "", keeps: true, says: nil),
      KeepAlive(version: "1.1", lines: "Connection: keep-alive\r\n", keeps: true, says: nil),
      KeepAlive(version: "1.1", lines: "Connection: close\r\n", keeps: false, says: "close"),
      KeepAlive(version: "1.1", lines: "connection: x, CLOSE\r\n", keeps: false, says: "close"),
      KeepAlive(version: "1.0", lines: "", keeps: false, says: "close"),
      KeepAlive(
        version: "1.0", lines: "Connection: Keep-Alive\r\n", keeps: true, says: "keep-alive"),
      KeepAlive(version: "1.0", lines: "Connection: close\r\n", keeps: false, says: "close"),
      KeepAlive(version: "1.2", lines: "", keeps: true, says: nil),
    ], Pieces.allCases)
  func theConnectionIsKeptByTheRulesOfTheVersion(_ rule: KeepAlive, pieces: Pieces) {
    let peer = Peer(answer: Response.echo)
    peer.feed("GET /a HTTP/\(rule.version)\r\nHost: a\r\n\(rule.lines)\r\n", pieces: pieces)
    #expect(peer.requests.first?.request.isHTTP10 == (rule.version == "1.0"))
    #expect(peer.isClosed == !rule.keeps)
    #expect(peer.connection.wantsInput == rule.keeps)
    let lines = peer.output.split(separator: "\r\n").filter { $0.hasPrefix("Connection: ") }
    #expect(lines.map(String.init) == (rule.says.map { ["Connection: \($0)"] } ?? []))
    if rule.keeps {
      peer.feed(get("/b"))
      #expect(peer.requests.map(\.request.path) == ["/a", "/b"])
    }
  }

  @Test func nothingIsParsedAfterARequestThatAsksToClose() {
    let peer = Peer()
    peer.feed(get("/a", "Connection: close\r\n") + get("/b"))
    #expect(peer.requests.map(\.request.path) == ["/a"])
    #expect(!peer.connection.wantsInput)
    #expect(!peer.isClosed)
    peer.respond(to: 0, Response(.ok))
    #expect(peer.isClosed)
  }

  @Test func anAnswerMayEndTheConnection() {
    let peer = Peer()
    peer.feed(get("/a") + get("/b") + get("/c"))
    var last = Response(.ok)
    last.closesConnection = true
    peer.respond(to: 0, Response(.ok))
    peer.respond(to: 1, last)
    #expect(peer.requests.map(\.request.path) == ["/a", "/b"])
    #expect(peer.output.ranges(of: "HTTP/1.1 200").count == 2)
    #expect(peer.output.hasSuffix("Connection: close\r\n\r\n"))
    #expect(peer.isClosed)
  }

  @Test func requestsAfterTheLastAnswerAreNotHandedOut() {
    let peer = Peer { _ in
      var last = Response(.ok)
      last.closesConnection = true
      return last
    }
    peer.feed(get("/a") + get("/b") + get("/c"))
    #expect(peer.requests.map(\.request.path) == ["/a"])
    #expect(peer.isClosed)
  }

  @Test(arguments: ["GET", "POST"])
  func aRequestIsHandedOutWhenAllEarlierOnesAreAnswered(_ method: String) {
    let peer = Peer()
    peer.feed((0..<4).map { "\(method) /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
    for index in 0..<4 {
      #expect(peer.requests.map(\.request.path) == (0...index).map { "/\($0)" })
      peer.respond(to: index, .echo(peer.requests[index].request))
    }
    let bodies = peer.output.split(separator: "\r\n\r\n").dropFirst().map { $0.prefix(2) }
    #expect(bodies == ["/0", "/1", "/2", "/3"])
    #expect(!peer.isClosed)
  }

  @Test func answersToPipelinedRequestsLeaveInOnePiece() {
    let peer = Peer(answer: Response.echo)
    peer.feed((0..<20).map { get("/\($0)") }.joined())
    #expect(peer.output.ranges(of: "HTTP/1.1 200").count == 20)
    #expect(peer.sendCount == 1)
  }

  @Test func largeAnswersAreSentBeforeMoreIsAsked() {
    let peer = Peer { _ in Response(.ok, body: [UInt8](repeating: 1, count: 60_000)) }
    peer.feed((0..<20).map { get("/\($0)") }.joined())
    #expect(peer.sendCount == 10)
  }

  @Test func requestsBeyondTheLimitWaitForAnswers() {
    var limits = ServerLimits()
    limits.pipelined = 3
    let peer = Peer(limits: limits)
    peer.feed((0..<8).map { get("/\($0)") }.joined())
    for index in 0..<5 {
      #expect(!peer.connection.wantsInput)
      peer.respond(to: index, Response(.ok))
    }
    #expect(!peer.connection.wantsInput)
    peer.respond(to: 5, Response(.ok))
    #expect(peer.connection.wantsInput)
    for index in 6..<8 { peer.respond(to: index, Response(.ok)) }
    #expect(peer.requests.map(\.request.path) == (0..<8).map { "/\($0)" })
  }

  @Test func largeBodiesThatWaitForEarlierAnswersAreFew() {
    let peer = Peer()
    let body = String(repeating: "x", count: 100_000)
    let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + body
    peer.feed(get("/") + post)
    #expect(!peer.connection.wantsInput)
    peer.respond(to: 0, Response(.ok))
    #expect(peer.connection.wantsInput)
    #expect(peer.requests.last?.request.body.count == 100_000)
  }

  @Test func inputThatComesWhileNoneIsWantedIsKept() {
    var limits = ServerLimits()
    limits.pipelined = 1
    let peer = Peer(limits: limits)
    peer.feed(get("/0") + get("/1").prefix(10))
    peer.feed(String(get("/1").dropFirst(10)) + get("/2"))
    #expect(peer.requests.count == 1)
    peer.respond(to: 0, Response(.ok))
    peer.respond(to: 1, Response(.ok))
    peer.respond(to: 2, Response(.ok))
    #expect(peer.requests.map(\.request.path) == ["/0", "/1", "/2"])
  }

  @Test func aClientThatHasSentAllStillGetsItsAnswers() {
    var limits = ServerLimits()
    limits.pipelined = 1
    let peer = Peer(limits: limits)
    peer.feed(get("/0") + get("/1"))
    peer.end()
    #expect(!peer.connection.wantsInput)
    #expect(!peer.isClosed)
    peer.respond(to: 0, Response(.ok))
    #expect(peer.requests.count == 2)
    #expect(!peer.isClosed)
    peer.respond(to: 1, Response(.ok))
    #expect(peer.output.hasSuffix("Connection: close\r\n\r\n"))
    #expect(peer.isClosed)
  }

  @Test func anEndBetweenRequestsIsSilent() {
    let peer = Peer(answer: Response.echo)
    peer.feed(get("/"))
    peer.clearSent()
    peer.end()
    #expect(peer.isClosed)
    #expect(peer.sent.isEmpty)
  }

  @Test(arguments: ["GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"])
  func anEndWithinARequestIsRefused(_ part: String) {
    let peer = Peer(answer: Response.echo)
    peer.feed(part)
    peer.end()
    #expect(peer.requests.isEmpty)
    #expect(peer.output.hasPrefix("HTTP/1.1 400 "))
    #expect(peer.output.contains("not complete"))
    #expect(peer.isClosed)
  }

  @Test func closingGracefullyWhileIdleClosesAtOnce() {
    let peer = Peer(answer: Response.echo)
    peer.feed(get("/"))
    peer.clearSent()
    peer.beginClosing()
    #expect(peer.isClosed)
    #expect(peer.sent.isEmpty)
  }

  @Test func closingGracefullyLetsRequestsUnderWayFinish() {
    let peer = Peer()
    peer.feed(get("/0") + get("/1") + "GET /2 HTTP")
    peer.beginClosing()
    #expect(!peer.isClosed)
    #expect(!peer.connection.wantsInput)
    peer.feed("/1.1\r\nHost: a\r\n\r\n")
    peer.respond(to: 0, Response(.ok))
    #expect(!peer.output.contains("Connection: close"))
    peer.respond(to: 1, Response(.ok))
    #expect(peer.output.hasSuffix("Connection: close\r\n\r\n"))
    #expect(peer.isClosed)
    #expect(peer.requests.count == 2)
  }

  @Test(arguments: [
    "GET / HTTP/1.1\r\nHo", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc",
  ])
  func closingGracefullyDropsARequestThatIsNotWhole(_ part: String) {
    let peer = Peer()
    peer.feed(part)
    peer.beginClosing()
    #expect(peer.isClosed)
    #expect(peer.sent.isEmpty)
  }
}
