import API
import HTTP
import Testing

/// The named keys: which is right, what a check costs, and what a change of the file does.
@Suite struct KeyRingTests {
  private func status(_ reception: inout Reception, _ key: String) throws -> Int {
    let routed = reception.ask("GET", "/list", key: key, peer: "\(UInt64.random(in: 0 ... .max))")
    if case .list = routed { return 200 }
    return try routed.answer.status
  }

  @Test func aNamedKeyIsRightAndTheMainKeyStays() throws {
    let keys = PaperKeys([PaperKeys.record("deploy", .admin), PaperKeys.record("ci", .read)])
    var reception = Reception(named: keys.source)
    #expect(try status(&reception, PaperKeys.key("deploy")) == 200)
    #expect(try status(&reception, PaperKeys.key("ci")) == 200)
    #expect(try status(&reception, PaperKeys.key("deploy", digit: "1")) == 401)
    #expect(try status(&reception, PaperKeys.key("other")) == 401)
    #expect(try status(&reception, Reception.key) == 200)
  }

  @Test func theKeySaysWhoItIs() {
    var reception = Reception(named: PaperKeys([PaperKeys.record("ci", .read)]).source)
    let named = reception.request("GET", "/list", key: PaperKeys.key("ci")).subject.key
    #expect(named == .right(Caller(name: "ci", role: .read)))
    let main = reception.request("GET", "/list").subject.key
    #expect(main == .right(Caller(name: "default", role: .admin)))
  }

  @Test func aKeyThatWasRightOnceCostsNoHash() throws {
    let keys = PaperKeys([PaperKeys.record("ci", .read), PaperKeys.record("deploy", .admin)])
    var reception = Reception(named: keys.source)
    for _ in 0..<5 { #expect(try status(&reception, PaperKeys.key("ci")) == 200) }
    #expect(keys.hashCount == 1)
    for _ in 0..<5 { #expect(try status(&reception, PaperKeys.key("deploy")) == 200) }
    #expect(keys.hashCount == 2)
  }

  @Test func everyGuessCostsOneHashWhetherThereIsSuchAName() throws {
    let keys = PaperKeys([PaperKeys.record("ci", .read), PaperKeys.record("deploy", .admin)])
    var reception = Reception(named: keys.source)
    #expect(try status(&reception, PaperKeys.key("ci")) == 200)
    var expected = 1
    for name in ["ci", "deploy", "nobody", "default"] {
      for _ in 0..<3 {
        #expect(try status(&reception, PaperKeys.key(name, digit: "f")) == 401)
        expected += 1
        #expect(keys.hashCount == expected, "\(name)")
      }
    }
  }

  @Test(arguments: [
    "wrong", "exeio_ci_0", "exeio_ci_" + String(repeating: "0", count: 63),
    "exeio_ci_" + String(repeating: "0", count: 65),
    "exeio_ci_" + String(repeating: "A", count: 64),
    "exeio_CI_" + String(repeating: "0", count: 64), "exeio__" + String(repeating: "0", count: 64),
    "exeio_c_i_" + String(repeating: "0", count: 64), "exeio_" + String(repeating: "0", count: 64),
    "Exeio_ci_" + String(repeating: "0", count: 64), String(repeating: "_", count: 200),
    "exeio_" + String(repeating: "a", count: 65) + "_" + String(repeating: "0", count: 64),
  ])
  func whatHasNotTheFormOfANamedKeyCostsNoHash(key: String) throws {
    let keys = PaperKeys([PaperKeys.record("ci", .read)])
    var reception = Reception(named: keys.source)
    #expect(try status(&reception, key) == 401)
    #expect(keys.hashCount == 0 && keys.lookCount == 0)
  }

  @Test func whoeverHasToWaitCostsNoHash() throws {
    let keys = PaperKeys([PaperKeys.record("ci", .read)])
    var reception = Reception(named: keys.source)
    for _ in 0..<40 { _ = reception.ask("GET", "/list", key: PaperKeys.key("ci", digit: "1")) }
    #expect(keys.hashCount == 11)
    #expect(try reception.ask("GET", "/list", key: PaperKeys.key("ci")).answer.status == 429)
  }

  @Test func whereThereAreNoNamedKeysAGuessCostsNoHash() throws {
    let keys = PaperKeys([])
    var reception = Reception(named: keys.source)
    #expect(try status(&reception, PaperKeys.key("ci")) == 401)
    #expect(keys.hashCount == 0)
  }

  @Test func theMainKeyNeverAsksForTheFile() throws {
    let keys = PaperKeys([])
    var reception = Reception(named: keys.source)
    #expect(try status(&reception, Reception.key) == 200)
    #expect(keys.lookCount == 0)
  }

  @Test func theMainKeyMayLookLikeANamedOne() throws {
    let main = PaperKeys.key("ci")
    let keys = PaperKeys([PaperKeys.record("ci", .read, digit: "1")])
    var router = Router(
      keys: KeyRing(main: APIKey(main), named: keys.source),
      info: ServerInfo(version: "1", url: "u"))
    let request = Request(method: "POST", target: "/shutdown", headers: ["exeio-api-key": main])
    let routed = router.route(request, peer: "p", at: .zero, isShuttingDown: false)
    #expect(try RouterTests.outcome(routed.routed) == "shut down")
  }

  @Test func aRemovedKeyIsWrongAtOnceAndAnAddedOneRight() throws {
    let keys = PaperKeys([PaperKeys.record("old", .read)])
    var reception = Reception(named: keys.source)
    #expect(try status(&reception, PaperKeys.key("old")) == 200)
    keys.change = .records([PaperKeys.record("new", .read)])
    #expect(try status(&reception, PaperKeys.key("old")) == 401)
    #expect(try status(&reception, PaperKeys.key("new")) == 200)
  }

  @Test func aKeyThatWasMadeAnewIsAnotherOne() throws {
    let keys = PaperKeys([PaperKeys.record("ci", .admin)])
    var reception = Reception(named: keys.source)
    #expect(try status(&reception, PaperKeys.key("ci")) == 200)
    keys.change = .records([PaperKeys.record("ci", .read, digit: "7")])
    #expect(try status(&reception, PaperKeys.key("ci")) == 401)
    let subject = reception.request("GET", "/list", key: PaperKeys.key("ci", digit: "7")).subject
    #expect(subject.key == .right(Caller(name: "ci", role: .read)))
  }

  @Test func whileTheFileCannotBeUsedOnlyTheMainKeyWorksAndNobodyHasToWait() throws {
    let keys = PaperKeys([PaperKeys.record("ci", .read)])
    var reception = Reception(named: keys.source)
    #expect(try status(&reception, PaperKeys.key("ci")) == 200)
    keys.change = .unusable
    for _ in 0..<30 {
      let answer = try reception.ask("GET", "/list", key: PaperKeys.key("ci"), peer: "p").answer
      #expect(answer.status == 401)
      #expect(try answer.message.hasPrefix("the named keys cannot be checked at present"))
    }
    #expect(try RouterTests.outcome(reception.ask("GET", "/list", peer: "p")) == "list")
    keys.change = .records([PaperKeys.record("ci", .read)])
    #expect(try status(&reception, PaperKeys.key("ci")) == 200)
  }

  @Test func aSystemThatCannotHashLetsNobodyIn() throws {
    let keys = PaperKeys([PaperKeys.record("ci", .read)])
    keys.canHash = false
    var reception = Reception(named: keys.source)
    #expect(try status(&reception, PaperKeys.key("ci")) == 401)
    keys.canHash = true
    #expect(try status(&reception, PaperKeys.key("ci")) == 200)
  }
}
