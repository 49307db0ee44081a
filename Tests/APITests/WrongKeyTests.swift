import API
import HTTP
import Testing

@Suite struct WrongKeyTests {
  private var reception = Reception()

  /// The status of `/list`, 200 where it is let through.
  private mutating func status(
    _ key: String?, peer: String = "10.0.0.1", at now: Duration = .zero
  ) throws -> Int {
    let routed = reception.ask("GET", "/list", key: key, peer: peer, at: now)
    if case .list = routed { return 200 }
    return try routed.answer.status
  }

  @Test mutating func theEleventhWrongKeyInARowHasToWait() throws {
    for _ in 1...10 { #expect(try status("wrong") == 401) }
    let answer = try reception.ask("GET", "/list", key: "wrong", peer: "10.0.0.1").answer
    #expect(answer.status == 429)
    #expect(answer.headers["Retry-After"] == "60")
    #expect(
      try answer.message == "more than 10 wrong API keys in a row: try again in 60 s")
  }

  @Test mutating func theRightKeyWaitsAsWellAndOthersDoNot() throws {
    for _ in 1...11 { _ = try status("wrong") }
    #expect(try status(Reception.key) == 429)
    #expect(try status(nil) == 429)
    #expect(try status(Reception.key, peer: "10.0.0.2") == 200)
    #expect(try status("wrong", peer: "10.0.0.2") == 401)
    let info = try reception.ask("GET", "/info", key: nil, peer: "10.0.0.1").answer
    #expect(info.status == 200)
  }

  @Test mutating func theRightKeyAfterTenWrongOnesEndsTheRow() throws {
    for _ in 1...3 {
      for _ in 1...10 { #expect(try status("wrong") == 401) }
      #expect(try status(Reception.key) == 200)
    }
  }

  /// A client with a key that may do little must not guess the one that may do all, at full speed,
  /// by sending their own in between.
  @Test(arguments: [Role.read, .operate])
  func aKeyThatMayNotDoEverythingDoesNotEndTheRow(role: Role) throws {
    var reception = Reception(named: PaperKeys([PaperKeys.record("own", role)]).source)
    for guess in 1...11 {
      let own = reception.ask("GET", "/list", key: PaperKeys.key("own"))
      guard case .list = own else { throw Unexpected() }
      let status = try reception.ask("GET", "/list", key: "wrong").answer.status
      #expect(status == (guess == 11 ? 429 : 401))
    }
  }

  @Test func aNamedKeyThatMayDoEverythingEndsTheRow() throws {
    var reception = Reception(named: PaperKeys([PaperKeys.record("own", .admin)]).source)
    for _ in 1...30 {
      let own = reception.ask("GET", "/list", key: PaperKeys.key("own"))
      guard case .list = own else { throw Unexpected() }
      #expect(try reception.ask("GET", "/list", key: "wrong").answer.status == 401)
    }
  }

  @Test mutating func theWaitEndsSixtySecondsAfterTheLastWrongKey() throws {
    for second in 1...11 { _ = try status("wrong", at: .seconds(second)) }
    #expect(try status(Reception.key, at: .seconds(70.999)) == 429)
    let answer = try reception.ask(
      "GET", "/list", key: "wrong", peer: "10.0.0.1", at: .seconds(69.5)
    ).answer
    #expect(answer.headers["Retry-After"] == "2")
    #expect(try status(Reception.key, at: .seconds(71)) == 200)
  }

  @Test mutating func whoeverAsksWhileWaitingDoesNotWaitLonger() throws {
    for _ in 1...11 { _ = try status("wrong") }
    for second in 1..<60 { #expect(try status("wrong", at: .seconds(second)) == 429) }
    #expect(try status("wrong", at: .seconds(60)) == 401)
  }

  @Test mutating func wrongKeysFarApartAreNoRow() throws {
    for minute in 0..<30 { #expect(try status("wrong", at: .seconds(60 * minute)) == 401) }
  }

  @Test mutating func aMissingKeyIsNotAWrongOne() throws {
    for _ in 1...10 { _ = try status("wrong") }
    for _ in 1...100 { #expect(try status(nil) == 401) }
    #expect(try status(Reception.key) == 200)
  }

  @Test mutating func aKeyForAnUnknownRouteIsAGuessToo() throws {
    for _ in 1...10 { _ = reception.ask("GET", "/nowhere", key: "wrong", peer: "10.0.0.1") }
    #expect(try status("wrong") == 429)
  }

  @Test mutating func manyAddressesPushOutTheOldest() throws {
    for _ in 1...11 { _ = try status("wrong", peer: "first") }
    for number in 1...2_000 { _ = try status("wrong", peer: "peer \(number)") }
    #expect(try status(Reception.key, peer: "first") == 429)
    for number in 2_001...5_000 { _ = try status("wrong", peer: "peer \(number)") }
    #expect(try status(Reception.key, peer: "first") == 200)
    for _ in 1...9 { #expect(try status("wrong", peer: "peer 5000") == 401) }
    #expect(try status("wrong", peer: "peer 5000") == 429)
  }
}
