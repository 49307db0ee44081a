import HTTP
import Testing

/// What an answer looks like on the wire.
struct ResponseTests {
  private func wire(
    _ response: Response, method: String = "GET", date: String? = nil
  ) -> String {
    let peer = Peer()
    peer.feed("\(method) / HTTP/1.1\r\nHost: a\r\n\r\n")
    peer.respond(to: 0, response, date: date)
    return peer.output
  }

  @Test func anAnswerInFull() {
    let response = Response(
      .created, headers: ["Content-Type": "application/json", "X-A": "b"], body: Array("{}".utf8))
    #expect(
      wire(response, date: "Sun, 06 Nov 1994 08:49:37 GMT")
        == "HTTP/1.1 201 Created\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        + "Content-Type: application/json\r\nX-A: b\r\nContent-Length: 2\r\n\r\n{}")
  }

  @Test func eachAnswerIsToldOnceItIsWritten() {
    let peer = Peer()
    var told: [String] = []
    peer.connection.onAnswered = { told.append("\($0) \($1.code)") }
    peer.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\nDELETE / HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(told == [])
    peer.respond(to: 0, Response(.ok))
    #expect(told == ["GET 200"])
    peer.respond(to: 1, Response(.methodNotAllowed))
    #expect(told == ["GET 200", "DELETE 405"])
    peer.feed("what?\r\n\r\n")
    #expect(told == ["GET 200", "DELETE 405", " 400"])
  }

  @Test func answersAreCountedByMethodAndClass() {
    var counts = RequestCounts()
    #expect(counts == RequestCounts())
    for (method, status) in [
      ("GET", Status.ok), ("GET", Status(code: 304, reason: "")), ("POST", .created),
      ("POST", .serviceUnavailable),
      ("HEAD", .notFound), ("get", .ok), ("", .badRequest), ("X", Status(code: 999, reason: "")),
    ] {
      counts.count(method: method, status)
    }
    let rows = RequestCounts.Method.allCases.map { method in
      RequestCounts.classes.map { counts[method, $0] }
    }
    #expect(rows == [[1, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 1], [1, 0, 1, 0]])
  }

  @Test func anEmptyBodyHasALength() {
    #expect(wire(Response(.ok)) == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
  }

  @Test func theAnswerToHEADHasTheHeadersOfGETAndNoBody() {
    let response = Response(.ok, headers: ["X": "y"], body: Array("hello".utf8))
    let full = wire(response)
    #expect(full.hasSuffix("\r\n\r\nhello"))
    #expect(wire(response, method: "HEAD") == String(full.dropLast(5)))
  }

  @Test func aStatusWithoutABodyHasNeitherBodyNorLength() {
    #expect(
      wire(Response(.noContent, body: [1])) == "HTTP/1.1 204 No Content\r\n\r\n")
  }

  @Test func whatTheConnectionWritesItselfIsNotTakenFromTheHeaders() {
    let response = Response(
      .ok,
      headers: [
        "content-length": "99", "Connection": "keep-alive", "Transfer-Encoding": "chunked",
        "DATE": "today", "X": "y",
      ])
    #expect(
      wire(response, date: "now")
        == "HTTP/1.1 200 OK\r\nDate: now\r\nX: y\r\nContent-Length: 0\r\n\r\n")
  }

  @Test func noValueCanBeginALineOfItsOwn() {
    var headers = Headers([("A", "b\r\nSet-Cookie: c"), ("D", "e\0f\u{7f}\tg")])
    headers.set("A", "h\ni")
    let status = Status(code: 299, reason: "Fine\r\nX: y")
    #expect(
      wire(Response(status, headers: headers), date: "x\r\ny")
        == "HTTP/1.1 299 Fine  X: y\r\nDate: x  y\r\nA: h i\r\nD: e f \tg\r\nContent-Length: 0\r\n\r\n"
    )
  }

  @Test func headersAreFoundWithoutRegardToCase() {
    var headers: Headers = ["A": "1", "b": "2", "a": "3"]
    #expect(headers["a"] == "1")
    #expect(headers.values("A") == ["1", "3"])
    headers.set("a", "4")
    #expect(headers.map(\.value) == ["4", "2"])
    headers.set("C", "5")
    headers.add("c", "6")
    #expect(headers.values("C") == ["5", "6"])
    #expect(headers == ["a": "4", "B": "2", "c": "5", "C": "6"])
    #expect(headers != ["a": "4"])
  }

  @Test(
    arguments: [
      (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
      (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
      (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
      (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
      (1_709_251_200, "Fri, 01 Mar 2024 00:00:00 GMT"),
      (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
      (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
    ] as [(Int64, String)])
  func aDateIsInTheFormOfHTTP(_ date: (seconds: Int64, text: String)) {
    #expect(httpDate(secondsSinceEpoch: date.seconds) == date.text)
  }

  @Test func aRefusalIsJSONWhateverItSays() {
    let body = Response.refusal(.badRequest, "a \"b\" \\ \n c").body
    #expect(
      String(decoding: body, as: UTF8.self)
        == #"{"success":false,"message":"a \"b\" \\   c"}"#)
  }
}
