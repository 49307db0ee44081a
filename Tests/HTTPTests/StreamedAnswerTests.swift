import HTTP
import Testing

/// Answers whose bodies come in pieces.
struct StreamedAnswerTests {
  private static let head = Response(.ok, headers: ["Content-Type": "text/event-stream"])

  private func begun(_ request: String) -> (peer: Peer, id: RequestID) {
    let peer = Peer()
    peer.feed(request)
    let id = peer.requests[0].id
    peer.connection.beginStream(for: id, with: Self.head, date: "today", at: peer.now)
    peer.takeActions()
    return (peer, id)
  }

  private func send(_ text: String, _ peer: Peer, _ id: RequestID) {
    peer.connection.send(Array(text.utf8), to: id)
    peer.takeActions()
  }

  private func end(_ peer: Peer, _ id: RequestID) {
    peer.connection.endStream(id, at: peer.now)
    peer.takeActions()
  }

  private static let get = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"

  @Test func piecesAreChunksAndTheConnectionIsKept() {
    let (peer, id) = begun(Self.get)
    #expect(
      peer.output
        == "HTTP/1.1 200 OK\r\nDate: today\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    peer.clearSent()
    send("one", peer, id)
    // An empty chunk would be the end.
    send("", peer, id)
    send(String(repeating: "x", count: 17), peer, id)
    #expect(peer.output == "3\r\none\r\n11\r\n\(String(repeating: "x", count: 17))\r\n")
    peer.clearSent()
    end(peer, id)
    #expect(peer.output == "0\r\n\r\n" && !peer.isClosed && peer.connection.wantsInput)
    peer.feed(Self.get)
    #expect(peer.requests.count == 2)
  }

  @Test func aClientReadsWhatWasSent() throws {
    let (peer, id) = begun(Self.get)
    for piece in ["one\n", "two\n"] { send(piece, peer, id) }
    end(peer, id)
    let parser = ResponseParser()
    parser.expectResponse(to: "GET")
    try parser.receive(peer.sent.span.bytes)
    let response = try #require(parser.nextResponse())
    #expect(response.body == Array("one\ntwo\n".utf8) && parser.keepsAlive)
  }

  /// HTTP/1.0 has no chunks: the end of the connection is that of the answer.
  @Test(arguments: ["", "Connection: keep-alive\r\n"])
  func anOldClientGetsThePlainBytesUpToTheEnd(lines: String) {
    let (peer, id) = begun("GET /a HTTP/1.0\r\n\(lines)\r\n")
    #expect(peer.output.contains("Connection: close\r\n"))
    #expect(!peer.output.contains("Transfer-Encoding") && !peer.output.contains("Content-Length"))
    peer.clearSent()
    send("one", peer, id)
    #expect(peer.output == "one" && !peer.isClosed)
    end(peer, id)
    #expect(peer.output == "one" && peer.isClosed)
  }

  @Test func headHasNoBody() {
    let (peer, id) = begun("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(peer.output.hasSuffix("Transfer-Encoding: chunked\r\n\r\n"))
    peer.clearSent()
    send("one", peer, id)
    end(peer, id)
    #expect(peer.output.isEmpty && !peer.isClosed && peer.connection.wantsInput)
  }

  @Test func theNextRequestWaitsForTheEnd() {
    let (peer, id) = begun(Self.get + "GET /b HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(peer.requests.map(\.request.path) == ["/a"])
    send("one", peer, id)
    #expect(peer.requests.count == 1)
    end(peer, id)
    #expect(peer.requests.map(\.request.path) == ["/a", "/b"])
    peer.clearSent()
    peer.respond(to: 1, Response(.ok))
    #expect(peer.output.hasPrefix("HTTP/1.1 200 OK\r\n"))
  }

  @Test func aStreamHasNoDeadline() {
    let (peer, id) = begun(Self.get)
    peer.wait(.seconds(100_000))
    #expect(!peer.isClosed)
    end(peer, id)
    peer.wait(peer.connection.limits.idleTime)
    #expect(peer.isClosed)
  }

  @Test func aConnectionThatIsToEndDoesSoAfterTheStream() {
    let (closing, first) = begun(Self.get)
    closing.beginClosing()
    send("one", closing, first)
    #expect(!closing.isClosed)
    end(closing, first)
    #expect(closing.isClosed && closing.output.hasSuffix("3\r\none\r\n0\r\n\r\n"))
    let (asked, second) = begun("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    #expect(asked.output.contains("Connection: close\r\n"))
    end(asked, second)
    #expect(asked.isClosed)
  }

  @Test func whatComesAfterTheEndOfTheConnectionGoesNowhere() {
    let (peer, id) = begun(Self.get)
    peer.clearSent()
    peer.connection.abandon()
    send("one", peer, id)
    end(peer, id)
    #expect(peer.sent.isEmpty && !peer.isClosed)
  }

  @Test func anAnswerIsCountedWhenItBegins() {
    let peer = Peer()
    var answered: [Status] = []
    peer.connection.onAnswered = { answered.append($1) }
    peer.feed(Self.get)
    let id = peer.requests[0].id
    peer.connection.beginStream(for: id, with: Self.head, date: nil, at: peer.now)
    #expect(answered == [.ok])
    peer.connection.endStream(id, at: peer.now)
    #expect(answered == [.ok])
  }
}
