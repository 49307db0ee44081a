import HTTP
import Testing

/// `Expect: 100-continue` (RFC 9110, 10.1.1).
struct ContinueTests {
  private let interim = "HTTP/1.1 100 Continue\r\n\r\n"

  private func post(_ length: Int, _ version: String = "1.1") -> String {
    "POST /add HTTP/\(version)\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: \(length)\r\n\r\n"
  }

  @Test(arguments: Pieces.allCases)
  func aClientThatWaitsIsToldToSendItsBody(pieces: Pieces) {
    let peer = Peer(answer: Response.echo)
    peer.feed(post(5), pieces: pieces)
    #expect(peer.output == interim)
    #expect(peer.requests.isEmpty)
    peer.clearSent()
    peer.feed("hello", pieces: pieces)
    #expect(peer.requests.map(\.request.body) == [Array("hello".utf8)])
    #expect(peer.output.hasPrefix("HTTP/1.1 200 OK\r\n"))
  }

  @Test func aChunkedBodyIsWaitedForToo() {
    let peer = Peer(answer: Response.echo)
    peer.feed(
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n")
    #expect(peer.output == interim)
    peer.feed("1\r\na\r\n0\r\n\r\n")
    #expect(peer.requests.count == 1)
  }

  @Test func aClientThatDoesNotWaitIsNotTold() {
    let peer = Peer(answer: Response.echo)
    peer.feed(post(5) + "h")
    peer.feed("ello")
    #expect(peer.requests.count == 1)
    #expect(peer.output.hasPrefix("HTTP/1.1 200 OK\r\n"))
  }

  @Test func aBodyThatIsTooLargeIsNotAskedFor() {
    let peer = Peer(answer: Response.echo)
    peer.feed(post(1_048_577))
    #expect(peer.output.hasPrefix("HTTP/1.1 413 "))
    #expect(!peer.output.contains("100 Continue"))
  }

  @Test func aRequestWithoutABodyIsNotTold() {
    let peer = Peer(answer: Response.echo)
    peer.feed(post(0))
    #expect(peer.output.hasPrefix("HTTP/1.1 200 OK\r\n"))
  }

  @Test func itMeansNothingInHTTP10() {
    let peer = Peer(answer: Response.echo)
    peer.feed(post(5, "1.0"))
    #expect(peer.sent.isEmpty)
    peer.feed("hello")
    #expect(peer.output.hasPrefix("HTTP/1.1 200 OK\r\n"))
  }

  @Test func earlierAnswersLeaveBeforeIt() {
    let peer = Peer()
    peer.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\n" + post(5))
    #expect(peer.sent.isEmpty)
    #expect(peer.connection.deadline == nil)
    peer.wait(.seconds(100))
    peer.respond(to: 0, Response(.ok))
    #expect(peer.output.hasSuffix("\r\n\r\n" + interim))
    #expect(peer.connection.deadline == peer.now + .seconds(30))
    peer.feed("hello")
    #expect(peer.requests.count == 2)
  }

  @Test func aClientThatStopsWaitingIsNotToldLater() {
    let peer = Peer()
    peer.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\n" + post(5))
    peer.feed("hel")
    #expect(peer.connection.deadline == peer.now + .seconds(30))
    peer.respond(to: 0, Response(.ok))
    peer.feed("lo")
    #expect(peer.requests.count == 2)
    #expect(!peer.output.contains("100 Continue"))
  }
}
