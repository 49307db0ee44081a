import HTTP
import Testing

/// What a request looks like once it has been handed out.
struct RequestTests {
  @Test(arguments: Pieces.allCases)
  func aRequestComesWithItsParts(pieces: Pieces) throws {
    let peer = Peer()
    peer.feed(
      "POST /input/web%201?a=1&b=x+y&c HTTP/1.1\r\nHost: localhost:8080\r\nX-One:  two \t\r\n"
        + "Content-Length: 5\r\nEmpty:\r\n\r\nhello", pieces: pieces)
    let request = try #require(peer.requests.first?.request)
    #expect(peer.requests.count == 1)
    #expect(request.method == "POST")
    #expect(request.target == "/input/web%201?a=1&b=x+y&c")
    #expect(request.path == "/input/web 1")
    #expect(request.pathSegments == ["input", "web 1"])
    #expect(request.query.map(\.name) == ["a", "b", "c"])
    #expect(request.query.map(\.value) == ["1", "x y", ""])
    #expect(request.headers["x-one"] == "two")
    #expect(request.headers["EMPTY"] == "")
    #expect(request.headers["absent"] == nil)
    #expect(request.headers.map(\.name) == ["Host", "X-One", "Content-Length", "Empty"])
    #expect(request.body == Array("hello".utf8))
    #expect(!request.isHTTP10)
    #expect(peer.sent.isEmpty)
  }

  @Test(arguments: Pieces.allCases)
  func aChunkedBodyComesWithoutItsFraming(pieces: Pieces) throws {
    let peer = Peer(answer: Response.echo)
    peer.feed(
      "POST /add HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
        + "5\r\nhello\r\n00A;name=\"value\"\r\n, 12345678\r\n0\r\nContent-Length: 3\r\nX: y\r\n\r\n"
        + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n", pieces: pieces)
    #expect(peer.requests.map(\.request.target) == ["/add", "/next"])
    let request = try #require(peer.requests.first?.request)
    #expect(request.body == Array("hello, 12345678".utf8))
    #expect(request.headers["X"] == nil)
    #expect(!peer.isClosed)
  }

  struct Target {
    let target: String
    let path: String
    let segments: [String]
    var method = "GET"
  }

  @Test(arguments: [
    Target(target: "/", path: "/", segments: []),
    Target(target: "/list", path: "/list", segments: ["list"]),
    Target(target: "/list/", path: "/list/", segments: ["list", ""]),
    Target(target: "//a", path: "//a", segments: ["", "a"]),
    Target(target: "/stop/a%2Fb", path: "/stop/a/b", segments: ["stop", "a/b"]),
    Target(target: "/stop/%c3%A9", path: "/stop/é", segments: ["stop", "é"]),
    Target(target: "/stop/é", path: "/stop/é", segments: ["stop", "é"]),
    Target(target: "/a+b?", path: "/a+b", segments: ["a+b"]),
    Target(target: "http://host:80/list?a=b", path: "/list", segments: ["list"]),
    Target(target: "HTTPS://host", path: "/", segments: []),
    Target(target: "*", path: "*", segments: [], method: "OPTIONS"),
  ])
  func aTargetIsDecoded(_ target: Target) throws {
    let peer = Peer()
    peer.feed("\(target.method) \(target.target) HTTP/1.1\r\nHost: a\r\n\r\n")
    let request = try #require(peer.requests.first?.request)
    #expect(request.target == target.target)
    #expect(request.path == target.path)
    #expect(request.pathSegments == target.segments)
  }

  @Test func everyMethodThatHTTPParserKnowsIsHandedOut() {
    for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "M-SEARCH"]
    {
      let peer = Peer()
      peer.feed("\(method) / HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(peer.requests.map(\.request.method) == [method])
    }
  }

  @Test(arguments: Pieces.allCases)
  func emptyLinesBeforeARequestAreSkipped(pieces: Pieces) {
    let peer = Peer(answer: Response.echo)
    peer.feed(
      "\r\n\r\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
      pieces: pieces)
    #expect(peer.requests.map(\.request.path) == ["/a", "/b"])
  }

  @Test func anUpgradeThatIsOfferedStopsNothing() {
    let peer = Peer(answer: Response.echo)
    peer.feed(
      "GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
        + "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n"
        + "POST /c HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"
        + "Content-Length: 2\r\n\r\nhiGET /d HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(peer.requests.map(\.request.path) == ["/a", "/b", "/c", "/d"])
    #expect(peer.requests[2].request.body == Array("hi".utf8))
    #expect(!peer.isClosed)
  }

  @Test func aRequestMadeForATestReadsItsTarget() {
    let request = Request(method: "GET", target: "/logs/a%20b?page=2")
    #expect(request.pathSegments == ["logs", "a b"])
    #expect(request.query.map(\.value) == ["2"])
  }
}
