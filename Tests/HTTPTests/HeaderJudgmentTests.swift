import HTTP
import Testing

/// Requests that are refused for their header, so that their bodies take no memory, and the budget
/// of bodies.
struct HeaderJudgmentTests {
  /// Refuses each request with a body.
  private func refusingPeer() -> Peer {
    let peer = Peer(answer: Response.echo)
    peer.connection.judgeHeader = { _ in (Response(.unauthorized), "a date") }
    return peer
  }

  private func post(_ length: Int, _ lines: String = "") -> String {
    "POST /add HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\(lines)\r\n"
  }

  private let next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"

  @Test(arguments: Pieces.allCases)
  func aSmallBodyIsSkippedAndTheConnectionKept(pieces: Pieces) {
    let peer = refusingPeer()
    peer.feed(post(5), pieces: pieces)
    #expect(peer.output == "HTTP/1.1 401 Unauthorized\r\nDate: a date\r\nContent-Length: 0\r\n\r\n")
    peer.clearSent()
    peer.feed("hello" + next, pieces: pieces)
    #expect(peer.requests.map(\.request.path) == ["/next"])
    #expect(peer.output.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(!peer.isClosed)
  }

  @Test(arguments: [
    "Content-Length: 65537\r\n", "Transfer-Encoding: chunked\r\n",
    "Content-Length: 5\r\nExpect: 100-continue\r\n", "Content-Length: 5\r\nConnection: close\r\n",
  ])
  func whereTheNextRequestIsFarOrUncertainTheConnectionEnds(_ lines: String) {
    let peer = refusingPeer()
    peer.feed("POST /add HTTP/1.1\r\nHost: a\r\n\(lines)\r\n")
    #expect(peer.output.hasPrefix("HTTP/1.1 401 "))
    #expect(peer.output.contains("\r\nConnection: close\r\n"))
    #expect(!peer.output.contains("100 Continue"))
    // Reading on keeps the client's bytes from turning the answer into a reset.
    #expect(peer.connection.wantsInput && !peer.isClosed)
    peer.feed(next)
    #expect(peer.requests.isEmpty)
    peer.wait(.seconds(2))
    #expect(peer.isClosed)
  }

  @Test func aBodyThatIsSkippedIsNotWaitedForWithoutEnd() {
    let peer = refusingPeer()
    peer.feed(post(5) + "he")
    peer.clearSent()
    peer.wait(.seconds(30))
    #expect(peer.isClosed)
    #expect(peer.sent.isEmpty)
  }

  @Test func theRefusalWaitsForEarlierAnswers() {
    let peer = Peer()
    peer.connection.judgeHeader = { _ in (Response(.unauthorized), "a date") }
    peer.feed(next + post(5) + "hello" + next)
    #expect(peer.sent.isEmpty)
    peer.respond(to: 0, Response(.ok))
    #expect(peer.output.ranges(of: "HTTP/1.1 ").count == 2)
    #expect(peer.requests.count == 2)
  }

  @Test func aRequestWithoutABodyIsNotJudgedTwice() {
    let peer = refusingPeer()
    peer.feed(next + post(0))
    #expect(peer.requests.count == 2)
  }

  @Test func largeBodiesOfAllConnectionsTogetherAreBounded() {
    let budget = ByteBudget(limit: 150_000)
    let peers = (0..<4).map { _ in Peer() }
    for peer in peers { peer.connection.bodyBudget = budget }
    peers[0].feed(post(100_000))
    #expect(budget.used == 100_000)
    peers[1].feed(post(100_000))
    #expect(peers[1].output.hasPrefix("HTTP/1.1 503 "))
    peers[2].feed(post(60_000) + String(repeating: "x", count: 60_000))
    #expect(peers[2].requests.count == 1)
    peers[0].feed([UInt8](repeating: 120, count: 100_000))
    #expect(peers[0].requests.first?.request.body.count == 100_000)
    #expect(budget.used == 0)
    peers[3].feed(post(100_000))
    #expect(budget.used == 100_000)
    peers[3].wait(.seconds(40))
    #expect(peers[3].output.hasPrefix("HTTP/1.1 408 "))
    #expect(budget.used == 0)
  }

  @Test(arguments: [50_000, 100_000])
  func aClientThatHasGoneKeepsNoRoomForWhatWasNotHandedOut(_ sent: Int) {
    let budget = ByteBudget(limit: 150_000)
    let peer = Peer()
    peer.connection.bodyBudget = budget
    peer.feed(next + post(100_000) + String(repeating: "x", count: sent))
    #expect(peer.requests.count == 1)
    #expect(budget.used == 100_000)
    peer.connection.abandon()
    #expect(budget.used == 0)
    #expect(!peer.connection.wantsInput)
    #expect(peer.connection.deadline == nil)
    // The answer goes nowhere, and nothing that stood behind the request is handed out.
    peer.respond(to: 0, Response(.ok))
    peer.feed(next)
    #expect(peer.requests.count == 1)
    #expect(peer.sent.isEmpty)
  }
}
