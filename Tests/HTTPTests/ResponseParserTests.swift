import HTTP
import TestSupport
import Testing

/// The client's side.
struct ResponseParserTests {
  private func read(
    _ text: String, _ pieces: Pieces, methods: [String] = [], ends: Bool = false
  ) throws -> (responses: [Response], parser: ResponseParser) {
    let parser = ResponseParser()
    for method in methods { parser.expectResponse(to: method) }
    for piece in pieces.cut(Array(text.utf8)) { try parser.receive(piece.span.bytes) }
    if ends { try parser.receiveEnd() }
    var responses: [Response] = []
    while let response = parser.nextResponse() { responses.append(response) }
    return (responses, parser)
  }

  @Test(arguments: Pieces.allCases)
  func responsesComeOneAfterTheOther(pieces: Pieces) throws {
    let (responses, parser) = try read(
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nEmpty:\r\nX: y\r\n\r\nhello"
        + "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        + "HTTP/1.1 201 Made \r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nT: u\r\n\r\n"
        + "HTTP/1.1 204 No Content\r\n\r\n", pieces)
    #expect(responses.map(\.status.code) == [200, 404, 201, 204])
    #expect(responses[1].status.reason == "Not Found")
    #expect(
      responses[0].headers
        == ["Content-Type": "text/plain", "Content-Length": "5", "Empty": "", "X": "y"])
    #expect(
      responses.map { String(decoding: $0.body, as: UTF8.self) } == ["hello", "", "abcde", ""])
    #expect(responses[2].headers == ["Transfer-Encoding": "chunked"])
    #expect(parser.keepsAlive)
    #expect(responses.allSatisfy { !$0.closesConnection })
  }

  @Test(arguments: Pieces.allCases)
  func theResponseToHEADHasNoBody(pieces: Pieces) throws {
    let (responses, _) = try read(
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
      pieces, methods: ["HEAD", "GET"])
    #expect(responses.map(\.body) == [[], Array("a".utf8)])
    #expect(responses[0].headers["content-length"] == "5")
  }

  @Test(arguments: Pieces.allCases)
  func interimResponsesAreSkipped(pieces: Pieces) throws {
    let (responses, _) = try read(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", pieces,
      methods: ["HEAD"])
    #expect(responses.map(\.status.code) == [200])
  }

  @Test(arguments: Pieces.allCases)
  func aResponseWithoutALengthEndsWithTheConnection(pieces: Pieces) throws {
    let (responses, parser) = try read(
      "HTTP/1.0 200 OK\r\n\r\nall the rest", pieces, ends: true)
    #expect(responses.map(\.body) == [Array("all the rest".utf8)])
    #expect(!parser.keepsAlive)
  }

  @Test func aServerThatClosesSaysSo() throws {
    let (responses, parser) = try read(
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", .whole, ends: true)
    #expect(responses.map(\.closesConnection) == [true])
    #expect(!parser.keepsAlive)
  }

  @Test(arguments: [
    "SSH-2.0-OpenSSH\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", "HTTP/1.1 200",
    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\nmore",
  ])
  func whatIsNotAResponseIsAnError(_ text: String) {
    for pieces in Pieces.allCases {
      #expect(throws: ResponseParserError.self) { try read(text, pieces, ends: true) }
    }
  }

  @Test func aBodyBeyondTheLimitIsAnError() throws {
    let parser = ResponseParser(bodyBytes: 3)
    #expect(throws: ResponseParserError.self) {
      try parser.receive(
        Array("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd".utf8).span.bytes)
    }
    #expect(!parser.keepsAlive)
  }

  @Test(arguments: 0..<50)
  func itReadsWhatAServerConnectionWrites(seed: UInt64) throws {
    var random = SeededRandom(seed: 4000 + seed)
    let stream = RequestStream(count: 10, using: &random)
    let peer = Peer { request in
      Response(.ok, headers: ["X-Target": request.target], body: request.body)
    }
    peer.feed(stream.bytes)
    let parser = ResponseParser()
    for request in stream.requests { parser.expectResponse(to: request.method) }
    var rest = peer.sent[...]
    while !rest.isEmpty {
      let piece = Array(rest.prefix(1 + random.below(60)))
      rest = rest.dropFirst(piece.count)
      try parser.receive(piece.span.bytes)
    }
    for request in stream.requests {
      let response = try #require(parser.nextResponse())
      #expect(response.headers["X-Target"] == request.target)
      #expect(response.body == (request.method == "HEAD" ? [] : request.body))
    }
    #expect(parser.nextResponse() == nil)
  }

  @Test func theStatusIsKnownAsSoonAsTheHeaderIsThereWhateverTheBodyDoes() throws {
    let parser = ResponseParser(bodyBytes: 10)
    parser.expectResponse(to: "GET")
    #expect(parser.latestStatus == nil)
    try parser.receive(
      Array("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Busy\r\nX: y\r\n".utf8).span.bytes)
    #expect(parser.latestStatus == nil)
    #expect(throws: ResponseParserError.self) {
      try parser.receive(Array("\r\nendless, without a length".utf8).span.bytes)
    }
    #expect(parser.latestStatus == 503)
    #expect(parser.nextResponse() == nil)
  }
}
