import HTTP
import Testing

/// What is not taken: the answer says why, and the connection ends.
struct RefusalTests {
  struct Case: CustomTestStringConvertible {
    let name: String
    let input: String
    let status: Int
    /// A piece of the message.
    let says: String
    var testDescription: String { name }

    init(_ name: String, _ input: String, _ status: Int = 400, says: String) {
      self.name = name
      self.input = input
      self.status = status
      self.says = says
    }

    /// A request with these header lines after the one for `Host`.
    static func header(
      _ name: String, _ lines: String, _ status: Int = 400, says: String, method: String = "GET"
    ) -> Case {
      Case(
        name, "\(method) / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\n", status, says: says)
    }

    static func chunked(_ name: String, _ body: String, _ status: Int = 400, says: String) -> Case {
      Case(
        name, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(body)", status,
        says: says)
    }
  }

  static let requestLines = [
    Case("garbage", "\u{16}\u{03}\u{01}\u{02}\r\n\r\n", says: "request line"),
    Case("blank first", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", says: "request line"),
    Case("two blanks", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", says: "request line"),
    Case("tab", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", says: "request line"),
    Case("blank in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", says: "request line"),
    Case("blank at the end", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", says: "request line"),
    Case("no version", "GET /\r\nHost: a\r\n\r\n", says: "request line"),
    Case("long version", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", says: "request line"),
    Case("short version", "GET / HTTP/1\r\nHost: a\r\n\r\n", says: "request line"),
    Case("lower case version", "GET / http/1.1\r\nHost: a\r\n\r\n", says: "request line"),
    Case("ICE", "SOURCE / ICE/1.0\r\nHost: a\r\n\r\n", says: "request line"),
    Case("line ends with LF", "GET / HTTP/1.1\nHost: a\r\n\r\n", says: "request line"),
    Case("bare CR", "GET / HTTP/1.1\rHost: a\r\n\r\n", says: "CR"),
    Case("bare CR before it", "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", says: "CR"),
    Case("bare LF before it", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", says: "request line"),
    Case("NUL in the target", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", says: "request line"),
    Case("fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", says: "request line"),
    Case("no path", "GET list HTTP/1.1\r\nHost: a\r\n\r\n", says: "malformed"),
    Case("star", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", says: "begins with '/'"),
    Case("unknown method", "FETCH / HTTP/1.1\r\nHost: a\r\n\r\n", 501, says: "method"),
    Case("longer method", "GETS / HTTP/1.1\r\nHost: a\r\n\r\n", 501, says: "method"),
    Case("lower case method", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 501, says: "method"),
    Case("endless method", String(repeating: "A", count: 40), says: "request line"),
    Case("CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 501, says: "CONNECT"),
    Case("version 0.9", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505, says: "HTTP/1.1"),
    Case("version 2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, says: "HTTP/1.1"),
    Case("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, says: "HTTP/1.1"),
    Case("bad escape", "GET /a%2 HTTP/1.1\r\nHost: a\r\n\r\n", says: "escape"),
    Case("worse escape", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", says: "escape"),
    Case("signed escape", "GET /%+1 HTTP/1.1\r\nHost: a\r\n\r\n", says: "escape"),
    Case("not UTF-8", "GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n", says: "UTF-8"),
    Case("overlong UTF-8", "GET /%C0%AF HTTP/1.1\r\nHost: a\r\n\r\n", says: "UTF-8"),
    Case("surrogate", "GET /%ED%A0%80 HTTP/1.1\r\nHost: a\r\n\r\n", says: "UTF-8"),
    Case("bad query", "GET /?a=%f HTTP/1.1\r\nHost: a\r\n\r\n", says: "query"),
    Case("query not UTF-8", "GET /?%ff HTTP/1.1\r\nHost: a\r\n\r\n", says: "query"),
  ]

  static let headers = [
    Case("no Host", "GET / HTTP/1.1\r\n\r\n", says: "no Host"),
    .header("second Host", "Host: a", says: "more than one Host"),
    Case("bad Host", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", says: "bad Host"),
    Case("path in Host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", says: "bad Host"),
    .header("both lengths", "Content-Length: 3\r\nTransfer-Encoding: chunked", says: "both"),
    .header("both, reversed", "Transfer-Encoding: chunked\r\nContent-Length: 3", says: "both"),
    .header(
      "two lengths", "Content-Length: 3\r\nContent-Length: 4", says: "more than one Content-Length"),
    .header(
      "equal lengths", "Content-Length: 3\r\ncontent-length: 3",
      says: "more than one Content-Length"),
    .header("length list", "Content-Length: 3, 3", says: "bad Content-Length"),
    .header("length signed", "Content-Length: +3", says: "bad Content-Length"),
    .header("length negative", "Content-Length: -3", says: "bad Content-Length"),
    .header("length hexadecimal", "Content-Length: 0x3", says: "bad Content-Length"),
    .header("length fraction", "Content-Length: 3.0", says: "bad Content-Length"),
    .header("length with blank", "Content-Length: 3 4", says: "bad Content-Length"),
    .header("length empty", "Content-Length:", says: "bad Content-Length"),
    .header("length blank", "Content-Length:   ", says: "bad Content-Length"),
    .header("coding gzip", "Transfer-Encoding: gzip", says: "Transfer-Encoding"),
    .header("coding list", "Transfer-Encoding: gzip, chunked", says: "Transfer-Encoding"),
    .header("coding twice", "Transfer-Encoding: chunked, chunked", says: "Transfer-Encoding"),
    .header("coding identity", "Transfer-Encoding: identity", says: "Transfer-Encoding"),
    .header("coding quoted", "Transfer-Encoding: \"chunked\"", says: "Transfer-Encoding"),
    .header("coding with more", "Transfer-Encoding: chunkedfoo", says: "Transfer-Encoding"),
    .header("coding empty", "Transfer-Encoding:", says: "Transfer-Encoding"),
    .header(
      "two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
      says: "more than one Transfer-Encoding"),
    Case(
      "coding in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", says: "HTTP/1.0"),
    .header("bare CR in a value", "X: a\rb", says: "CR"),
    .header("bare LF", "X: a\nY: b", says: "LF"),
    .header("NUL in a value", "X: a\0b", says: "control character"),
    .header("DEL in a value", "X: a\u{7f}b", says: "control character"),
    .header("bell in a value", "X: \u{07}", says: "control character"),
    .header("NUL in a name", "X\0Y: a", says: "header name"),
    .header("control character in a name", "X\u{01}: a", says: "header name"),
    .header("not ASCII in a name", "Xé: a", says: "header name"),
    .header("brackets in a name", "X[]: a", says: "header name"),
    .header("folded", "X: a\r\n b", says: "folding"),
    .header("folded by tab", "X: a\r\n\tb", says: "folding"),
    Case("blank before all", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", says: "folding"),
    .header("blank before the colon", "Content-Length : 3", says: "colon"),
    .header("tab before the colon", "X\t: 3", says: "colon"),
    .header("blank in a name", "X Y: 3", says: "blank in a header name"),
    .header("no colon", "XY", says: "without a colon"),
    .header("no name", ": a", says: "without a name"),
    .header("unknown expectation", "Expect: tea", 417, says: "100-continue"),
    .header("more expectations", "Expect: 100-continue, tea", 417, says: "100-continue"),
    Case("CR X at the end", "GET / HTTP/1.1\r\nHost: a\r\n\rX", says: "CR"),
    Case("LF at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n", says: "without a colon"),
  ]

  static let chunks = [
    Case.chunked("no size", "\r\nhello\r\n0\r\n\r\n", says: "chunk size"),
    .chunked("not hexadecimal", "g\r\n", says: "chunk size"),
    .chunked("signed", "+5\r\nhello\r\n", says: "chunk size"),
    .chunked("0x", "0x5\r\nhello\r\n", says: "chunk size"),
    .chunked("blank first", " 5\r\nhello\r\n", says: "chunk size"),
    .chunked("blank after", "5 \r\nhello\r\n", says: "chunk size"),
    .chunked("endless size", "0000000000000005\r\nhello\r\n", says: "chunk size"),
    .chunked("overflow", "ffffffffffffffff\r\n", says: "chunk size"),
    .chunked("size ends with LF", "5\nhello\r\n", says: "chunk size"),
    .chunked("size ends with CR X", "5\rXhello\r\n", says: "CR"),
    .chunked("extension ends with LF", "5;a\nhello\r\n", says: "chunk extension"),
    .chunked("NUL in an extension", "5;\0\r\nhello\r\n", says: "chunk extension"),
    .chunked(
      "endless extension", "5;\(String(repeating: "a", count: 300))\r\n", says: "chunk extension"),
    .chunked("chunk ends with XX", "5\r\nhelloXX0\r\n\r\n", says: "where its size says"),
    .chunked("chunk ends with X LF", "5\r\nhelloX\n0\r\n\r\n", says: "where its size says"),
    .chunked("chunk ends with LF", "5\r\nhello\n0\r\n\r\n", says: "where its size says"),
    .chunked("chunk ends with CR X", "5\r\nhello\rX0\r\n\r\n", says: "where its size says"),
    .chunked("chunk is longer", "5\r\nhello!\r\n0\r\n\r\n", says: "where its size says"),
    .chunked("trailer folded", "0\r\nX: a\r\n b\r\n\r\n", says: "folding"),
    .chunked("trailer with bare CR", "0\r\nX: a\rb\r\n\r\n", says: "CR"),
    .chunked("trailer ends with LF", "0\r\nX: a\r\n\n", says: "without a colon"),
    .chunked("trailer ends with CR X", "0\r\nX: a\r\n\rX", says: "CR"),
  ]

  @Test(arguments: requestLines + headers + chunks, Pieces.allCases)
  func itIsAnsweredAndTheConnectionEnds(_ refusal: Case, pieces: Pieces) throws {
    let peer = Peer(answer: Response.echo)
    peer.feed(refusal.input, pieces: pieces)
    peer.feed("GET /never HTTP/1.1\r\nHost: a\r\n\r\n", pieces: pieces)
    peer.wait(.seconds(2))
    #expect(peer.requests.isEmpty)
    #expect(peer.output.hasPrefix("HTTP/1.1 \(refusal.status) "), "\(peer.output)")
    let body = try #require(peer.output.split(separator: "\r\n\r\n").last)
    #expect(body.hasPrefix(#"{"success":false,"message":""#) && body.hasSuffix("\"}"))
    #expect(body.contains(refusal.says), "\(body)")
    #expect(peer.output.contains("\r\nConnection: close\r\n"))
    #expect(peer.output.contains("\r\nContent-Type: application/json\r\n"))
    #expect(peer.output.contains("\r\nContent-Length: \(body.utf8.count)\r\n"))
    #expect(peer.isClosed)
  }

  @Test(arguments: Pieces.allCases)
  func requestsBeforeItAreAnsweredFirst(pieces: Pieces) {
    let peer = Peer()
    peer.feed("GET /a HTTP/1.1\r\nHost: a\r\n\r\nnonsense\r\n\r\n", pieces: pieces)
    #expect(peer.requests.map(\.request.path) == ["/a"])
    #expect(peer.sent.isEmpty)
    #expect(!peer.isClosed)
    peer.respond(to: 0, Response(.ok))
    #expect(peer.output.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(peer.output.contains("\r\n\r\nHTTP/1.1 400 Bad Request\r\n"))
    #expect(peer.output.ranges(of: "Connection: close").count == 1)
    #expect(peer.isClosed)
  }

  @Test func theAPIMayWordIt() {
    let peer = Peer()
    peer.connection.makeErrorResponse = { request in
      Response(request.status, headers: ["X": "y"], body: Array("no: \(request.message)".utf8))
    }
    peer.feed("GET / HTTP/1.1\r\n\r\n")
    #expect(peer.output.contains("\r\nX: y\r\n"))
    #expect(peer.output.hasSuffix("\r\n\r\nno: no Host header"))
  }

  @Test(arguments: [
    ("nonsense\r\n", nil, nil), ("GET\t/", nil, nil), ("GET /a b\r\n", "GET", "/a"),
    ("GET /\(String(repeating: "a", count: 9000))", "GET", nil),
    ("POST /a?b HTTP/1.1\r\n\r\n", "POST", "/a?b"),
    ("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n", "POST", "/a"),
    ("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx", "POST", "/a"),
  ])
  func theAPIHearsWhatWasAskedForAsFarAsItCame(_ input: String, method: String?, target: String?) {
    let peer = Peer { _ in Response(.ok) }
    var heard: [RefusedRequest] = []
    peer.connection.makeErrorResponse = { request in
      heard.append(request)
      return Response(request.status)
    }
    peer.feed("GET /before HTTP/1.1\r\nHost: a\r\n\r\n")
    peer.feed(input)
    #expect(heard.count == 1)
    #expect(heard.first?.method == method)
    #expect(heard.first?.target == target)
    #expect(heard.first?.age == .zero)
  }

  @Test func theAPIHearsHowLongARequestTook() {
    let peer = Peer()
    var ages: [Duration] = []
    peer.connection.makeErrorResponse = { request in
      ages.append(request.age)
      return Response(request.status)
    }
    peer.wait(.seconds(3))
    peer.feed("GET / HT")
    peer.wait(.seconds(30))
    #expect(ages == [peer.connection.limits.headerTime])
  }

  @Test func aRefusedHEADHasNoBody() {
    let peer = Peer()
    peer.feed("HEAD / HTTP/1.1\r\n\r\n")
    #expect(peer.output.hasPrefix("HTTP/1.1 400 "))
    #expect(peer.output.hasSuffix("\r\n\r\n"))
  }
}
