import HTTP
import Testing

/// What is waited for, and for how long, on a clock that the test moves.
struct TimeTests {
  private let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

  @Test func aConnectionThatNeverSendsIsClosedSilently() {
    let peer = Peer()
    #expect(peer.connection.deadline == peer.now + .seconds(75))
    peer.wait(.milliseconds(74_999))
    #expect(!peer.isClosed)
    peer.wait(.milliseconds(1))
    #expect(peer.isClosed)
    #expect(peer.sent.isEmpty)
  }

  @Test func theIdleTimeBeginsWithTheLastAnswer() {
    let peer = Peer()
    peer.feed(request)
    #expect(peer.connection.deadline == nil)
    peer.wait(.seconds(1000))
    #expect(!peer.isClosed)
    peer.respond(to: 0, Response(.ok))
    peer.clearSent()
    peer.wait(.milliseconds(74_999))
    #expect(!peer.isClosed)
    peer.wait(.milliseconds(1))
    #expect(peer.isClosed)
    #expect(peer.sent.isEmpty)
  }

  @Test func emptyLinesDoNotProlongIt() {
    let peer = Peer()
    for _ in 0..<100 {
      peer.wait(.seconds(1))
      peer.feed("\r\n")
    }
    #expect(peer.isClosed)
  }

  @Test func aHeaderThatDripsIsRefusedAfterTenSeconds() {
    let peer = Peer()
    peer.wait(.seconds(50))
    for byte in "GET / HTTP".utf8 {
      peer.feed([byte])
      #expect(peer.sent.isEmpty)
      peer.wait(.seconds(1))
    }
    #expect(peer.output.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
    #expect(peer.output.contains(#""message":"the request header was not complete after 10"#))
    #expect(peer.requests.isEmpty)
    peer.wait(.seconds(2))
    #expect(peer.isClosed)
  }

  @Test func theHeaderTimeIsThatOfTheSecondRequestAlone() {
    let peer = Peer(answer: Response.echo)
    peer.feed(request)
    peer.wait(.seconds(60))
    peer.feed("GET")
    #expect(peer.connection.deadline == peer.now + .seconds(10))
  }

  @Test(arguments: ["Content-Length: 10", "Transfer-Encoding: chunked"])
  func aBodyThatDripsIsRefusedAfterThirtySeconds(_ framing: String) {
    let peer = Peer()
    peer.feed("POST / HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n")
    peer.wait(.seconds(15))
    peer.feed("9")
    peer.wait(.milliseconds(14_999))
    #expect(peer.sent.isEmpty)
    peer.wait(.milliseconds(1))
    #expect(peer.output.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
    #expect(peer.output.contains(#""message":"the request body was not complete after 30"#))
  }

  @Test func earlierAnswersLeaveBeforeTheTimeout() {
    let peer = Peer()
    peer.feed(request + "GET /slow")
    peer.wait(.seconds(10))
    #expect(peer.sent.isEmpty)
    #expect(peer.connection.deadline == nil)
    peer.respond(to: 0, Response(.ok))
    #expect(peer.output.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(peer.output.contains("\r\n\r\nHTTP/1.1 408 "))
  }

  @Test func aCallBeforeTheDeadlineDoesNothing() {
    let peer = Peer()
    peer.feed("GET")
    peer.connection.deadlinePassed(at: peer.now + .milliseconds(9999))
    peer.takeActions()
    #expect(peer.sent.isEmpty)
    #expect(!peer.isClosed)
  }
}
