import API
import HTTP
import Testing

@Suite struct KeyTests {
  private func status(_ headers: Headers) throws -> Int {
    var reception = Reception()
    let request = Request(method: "GET", target: "/list", headers: headers)
    switch reception.router.route(request, peer: "p", at: .zero, isShuttingDown: false).routed {
    case .list: return 200
    case .response(let response): return try Answer(response).status
    default: throw Unexpected()
    }
  }

  @Test func aKeyMatchesItselfOnly() {
    let key = APIKey("secret-key")
    #expect(key.matches("secret-key"))
    for candidate in [
      "", "s", "secret-ke", "secret-keyy", "secret-keY", "Secret-key", "xecret-key",
      "secret-keysecret-key", "secret-key\0", " secret-key", "secret-kez",
    ] {
      #expect(!key.matches(candidate), "\(candidate)")
    }
  }

  @Test func keysAreComparedByBytesAndNotAsText() {
    #expect(APIKey("caf\u{E9}").matches("caf\u{E9}"))
    #expect(!APIKey("caf\u{E9}").matches("cafe\u{301}"))
  }

  @Test func everyOtherKeyOfTheSameLengthIsWrong() {
    let right = Array("k3y".utf8)
    let key = APIKey("k3y")
    for place in right.indices {
      for bit in 0..<7 {
        var other = right
        other[place] ^= 1 << UInt8(bit)
        #expect(!key.matches(String(decoding: other, as: UTF8.self)))
      }
    }
  }

  @Test func anEmptyKeyLetsNobodyIn() {
    #expect(!APIKey("").matches(""))
    #expect(!APIKey("").matches("x"))
  }

  /// 256 lengths apart, a difference in length must not vanish in a byte.
  @Test func lengthsAreComparedWhole() {
    #expect(!APIKey("a").matches(String(repeating: "a", count: 257)))
    #expect(!APIKey(String(repeating: "a", count: 257)).matches("a"))
  }

  @Test(arguments: [
    ("exeio-api-key", Reception.key), ("EXEIO-API-KEY", Reception.key),
    ("Authorization", "Bearer \(Reception.key)"), ("authorization", "bearer \(Reception.key)"),
    ("Authorization", "BEARER   \(Reception.key)"),
  ])
  func theKeyComesInEitherHeader(name: String, value: String) throws {
    #expect(try status([name: value]) == 200)
  }

  @Test(arguments: [
    ("Authorization", "Basic \(Reception.key)"), ("Authorization", Reception.key),
    ("Authorization", "Bearer"), ("Authorization", "Bearer "), ("Authorization", ""),
    ("X-API-Key", Reception.key), ("exeio-api-key", ""),
    ("Authorization", "Bearer\(Reception.key)"), ("exeio-api-key", "Bearer \(Reception.key)"),
  ])
  func anythingElseIsNoKey(name: String, value: String) throws {
    #expect(try status([name: value]) == 401)
  }

  @Test func theHeaderOfTheOriginalGoesFirst() throws {
    let bearer = ("Authorization", "Bearer \(Reception.key)")
    #expect(try status(Headers([bearer, ("exeio-api-key", "wrong")])) == 401)
    #expect(
      try status(Headers([("Authorization", "Basic abc"), ("exeio-api-key", Reception.key)])) == 200
    )
    #expect(try status(Headers([bearer, ("exeio-api-key", "")])) == 200)
  }

  @Test func oneRequestIsOneGuess() throws {
    let headers = Headers([("exeio-api-key", "wrong"), ("exeio-api-key", Reception.key)])
    #expect(try status(headers) == 401)
  }

  @Test func aRefusalSaysHowToSendTheKey() throws {
    var reception = Reception()
    for (key, reason) in [(nil, "no API key"), ("x", "wrong API key")] {
      let answer = try reception.ask("GET", "/list", key: key).answer
      #expect(answer.headers["WWW-Authenticate"] == "Bearer")
      #expect(try answer.object["success"] as? Bool == false)
      #expect(
        try answer.message
          == "\(reason): send it as header 'exeio-api-key: KEY' or 'Authorization: Bearer KEY'")
    }
  }
}
