import API
import HTTP
import Supervision
import Testing

/// What a request is refused with before its body is read, and how bodies may be encoded.
struct HeaderRefusalTests {
  private func answer(
    _ method: String, _ target: String, key: String? = Reception.key, encoding: String? = nil
  ) throws -> Answer? {
    var reception = Reception()
    var headers = Headers()
    if let key { headers.add("exeio-api-key", key) }
    if let encoding { headers.add("Content-Encoding", encoding) }
    let routed = reception.router.route(
      header: Request(method: method, target: target, headers: headers), peer: "192.0.2.1",
      at: .zero, isShuttingDown: false
    ).routed
    return try routed?.answer
  }

  @Test func theHeaderIsEnoughForMostRefusals() throws {
    #expect(try answer("POST", "/add", key: nil)?.status == 401)
    #expect(try answer("POST", "/add", key: "wrong", encoding: "gzip")?.status == 401)
    #expect(try answer("POST", "/nowhere")?.status == 404)
    #expect(try answer("PUT", "/add")?.status == 405)
    #expect(try answer("POST", "/add", encoding: "gzip")?.status == 415)
    #expect(try answer("POST", "/add") == nil)
    // The body of a route that needs no key is not read either.
    #expect(try answer("GET", "/info", key: nil)?.status == 200)
    var reception = Reception()
    let health = reception.router.route(
      header: Request(method: "GET", target: "/health"), peer: "192.0.2.1", at: .zero,
      isShuttingDown: false)
    guard case .health(isDetailed: false) = health.routed else {
      Issue.record("\(health)")
      return
    }
  }

  /// The look at the file of keys comes when the body is there: a large one is not read for a key
  /// that may be none.
  @Test(arguments: [
    (["Content-Length": "65536"], true), (["Content-Length": "65537"], false),
    (["Content-Length": "1048576"], false), (["Transfer-Encoding": "chunked"], false), ([:], true),
  ])
  func aLargeBodyOfAKeyThatIsNotKnownIsNotRead(fields: [String: String], isRead: Bool) throws {
    var reception = Reception()
    var headers = Headers()
    headers.add("exeio-api-key", PaperKeys.key("guess"))
    for (name, value) in fields { headers.add(name, value) }
    let routed = reception.router.route(
      header: Request(method: "POST", target: "/add", headers: headers), peer: "192.0.2.1",
      at: .zero, isShuttingDown: false
    ).routed
    #expect(try routed?.answer.status == (isRead ? nil : 401))
  }

  @Test func aCompressedBodyIsNamedAsWhatItIs() throws {
    let answer = try #require(try answer("POST", "/add", encoding: "gzip"))
    #expect(
      try answer.message
        == #"the body has the Content-Encoding "gzip", which is not supported: send it without one"#
    )
    #expect(answer.headers["Accept-Encoding"] == "identity")
    #expect(try self.answer("POST", "/add", encoding: "Identity") == nil)
  }

  @Test func aByteOrderMarkIsPassedOver() throws {
    let definition = try Reception.add("\u{FEFF}{\"id\": \"a\", \"command\": \"b\"}")
    #expect(definition.id == "a")
    #expect(
      try Reception.refusal(of: "\u{FEFF}")
        == "the body is empty, but POST /add needs a JSON object")
  }
}
