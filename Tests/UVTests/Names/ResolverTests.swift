import Glibc
import Synchronization
import TestSupport
import Testing

@testable import UV

/// Look-ups on a real loop, with a name server of the test's own.
struct ResolverTests {
  let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }

  /// What a test has at hand.
  private struct Scene {
    let loop: Loop
    let server: FakeNameServer
    let resolver: Resolver

    /// What comes of a look-up: the addresses, or why there are none.
    func result(of name: String) throws -> [String] {
      var result: Result<[SocketAddress], UVError>?
      _ = try resolver.lookUp(name) { result = $0 }
      #expect(result == nil, "it is told from the loop")
      try runLoop(loop) { result != nil }
      switch result {
      case .success(let addresses): return addresses.map(\.host)
      case .failure(let error): return ["\(error)"]
      case nil: return []
      }
    }
  }

  private func write(_ name: String, _ text: String) throws {
    let new = directory.file("new")
    try Files.createNew(new, mode: 0o600, contents: Array(text.utf8))
    try #require(rename(new, directory.file(name)) == 0)
  }

  /// - Parameter body: what it leaves on the loop fails the test.
  private func withScene(
    resolvConf: String = "nameserver 127.0.0.1", hosts: String = "", nsswitch: String = "",
    times: Resolver.Times = Resolver.Times(), _ body: (Scene) throws -> Void
  ) throws {
    try write("resolv.conf", resolvConf)
    try write("hosts", hosts)
    try write("nsswitch.conf", nsswitch)
    let files = NameFiles(
      resolvConf: directory.file("resolv.conf"), nsswitch: directory.file("nsswitch.conf"),
      hosts: directory.file("hosts"))
    try withLoop { loop in
      let server = try FakeNameServer(on: loop)
      let resolver = Resolver(on: loop, port: server.port, times: times) { files.read(after: $0) }
      defer { server.close() }
      let before = loop.openHandles.filter { !$0.contains("closing") }.count
      try body(Scene(loop: loop, server: server, resolver: resolver))
      // The streams that the server has accepted are the test's.
      let after = loop.openHandles.filter { !$0.contains("closing") && $0 != "tcp" }.count
      #expect(after <= before, "a look-up has left something: \(loop.openHandles)")
    }
  }

  @Test func aNameHasAllItsAddresses() throws {
    try withScene { (scene) throws in
      scene.server.replies["web.test"] = .addresses(["192.0.2.2", "2001:db8::1", "192.0.2.1"])
      let found = try scene.result(of: "web.test")
      #expect(Set(found) == ["2001:db8::1", "192.0.2.2", "192.0.2.1"])
      // The order of the server is that of the addresses of a kind.
      #expect(found.filter { $0.contains(".") } == ["192.0.2.2", "192.0.2.1"])
      #expect(Set(scene.server.questions) == ["web.test A", "web.test AAAA"])
    }
  }

  @Test func anotherNameIsFollowed() throws {
    try withScene { (scene) throws in
      scene.server.replies["web.test"] = .alias("host.test", .addresses(["192.0.2.1"]))
      scene.server.replies["lost.test"] = .alias("nowhere.test", .nothing)
      #expect(try scene.result(of: "web.test") == ["192.0.2.1"])
      #expect(
        try scene.result(of: "lost.test") == ["resolve 'lost.test': the name has no address"])
    }
  }

  @Test func whyThereIsNoAddressIsSaid() throws {
    var times = Resolver.Times()
    times.firstTimeout = 20
    try withScene(times: times) { (scene) throws in
      scene.server.replies["empty.test"] = .nothing
      scene.server.replies["broken.test"] = .error(2)
      scene.server.replies["refused.test"] = .error(5)
      scene.server.replies["silent.test"] = .silence
      #expect(try scene.result(of: "none.test") == ["resolve 'none.test': no such name"])
      #expect(
        try scene.result(of: "empty.test") == ["resolve 'empty.test': the name has no address"])
      for name in ["broken.test", "refused.test"] {
        #expect(
          try scene.result(of: name) == ["resolve '\(name)': the name server failed (127.0.0.1)"])
      }
      #expect(
        try scene.result(of: "silent.test")
          == ["resolve 'silent.test': the name server did not answer (127.0.0.1)"])
      #expect(try scene.result(of: "no name") == ["resolve 'no name': not the name of a host"])
    }
  }

  @Test func aShortNameIsLookedForInTheDomains() throws {
    try withScene(resolvConf: "nameserver 127.0.0.1\nsearch one.test two.test") { (scene) throws in
      scene.server.replies["db.one.test"] = .error(2)
      scene.server.replies["db.two.test"] = .addresses(["192.0.2.1"])
      scene.server.replies["empty.one.test"] = .nothing
      #expect(try scene.result(of: "db") == ["192.0.2.1"])
      // What may be different the next time, or is there without an address, is told rather than
      // that there is none.
      #expect(try scene.result(of: "empty") == ["resolve 'empty': the name has no address"])
      #expect(try scene.result(of: "no") == ["resolve 'no': no such name"])
      let asked = scene.server.questions.filter { $0.hasPrefix("no") && $0.hasSuffix(" A") }
      #expect(asked == ["no.one.test A", "no.two.test A", "no A"])
    }
  }

  @Test func aServerThatFailsIsFollowedByTheNext() throws {
    try withScene(resolvConf: "nameserver 127.0.0.1\nnameserver 127.0.0.2") { (scene) throws in
      let second = try FakeNameServer(
        on: scene.loop, address: "127.0.0.2", port: scene.server.port)
      defer { second.close() }
      second.otherwise = .addresses(["192.0.2.1"])
      scene.server.otherwise = .error(2)
      #expect(try scene.result(of: "web.test") == ["192.0.2.1"])
      scene.server.otherwise = .silence
      #expect(try scene.result(of: "web.test") == ["192.0.2.1"])
      scene.server.close()
      #expect(try scene.result(of: "web.test") == ["192.0.2.1"])
    }
  }

  @Test func whatDoesNotFitIsAskedOverTCP() throws {
    try withScene { (scene) throws in
      let many = (1...60).map { "192.0.2.\($0)" }
      scene.server.replies["many.test"] = .truncated(.addresses(many))
      #expect(try scene.result(of: "many.test") == many)
      #expect(scene.server.questions.contains("many.test A TCP"))
    }
  }

  @Test func aServerThatSaysNothingOfIPv6IsNotWaitedFor() throws {
    try withScene { (scene) throws in
      scene.server.replies["web.test"] = .silenceForIPv6(.addresses(["192.0.2.1"]))
      let start = Clock.monotonicTime
      #expect(try scene.result(of: "web.test") == ["192.0.2.1"])
      #expect(Clock.monotonicTime - start < .seconds(1), "the first try lasts a second")
    }
  }

  @Test func numbersAndLocalhostAreNotAskedFor() throws {
    try withScene(hosts: "192.0.2.1 localhost") { (scene) throws in
      for host in ["127.0.0.1", "::1", "localhost", "web.localhost"] {
        var begun = 0
        var result: Result<[SocketAddress], UVError>?
        _ = try scene.resolver.lookUp(host) {
          begun += 1
        } then: {
          result = $0
        }
        // No file is waited for.
        #expect(begun == 1)
        try runLoop(scene.loop) { result != nil }
        #expect(try result?.get().contains { ["127.0.0.1", "::1"].contains($0.host) } == true)
      }
      #expect(try scene.result(of: "name.invalid") == ["resolve 'name.invalid': no such name"])
      #expect(scene.server.questions.isEmpty)
    }
  }

  @Test func theFileOfHostsGoesFirst() throws {
    try withScene(hosts: "192.0.2.7 web.test\n") { (scene) throws in
      scene.server.otherwise = .addresses(["192.0.2.1"])
      #expect(try scene.result(of: "WEB.test") == ["192.0.2.7"])
      #expect(scene.server.questions.isEmpty)
    }
    try withScene(hosts: "192.0.2.7 web.test\n", nsswitch: "hosts: dns files") { (scene) throws in
      scene.server.replies["web.test"] = .addresses(["192.0.2.1"])
      #expect(try scene.result(of: "web.test") == ["192.0.2.1"])
      scene.server.replies["web.test"] = .noSuchName
      #expect(try scene.result(of: "web.test") == ["192.0.2.7"])
    }
  }

  @Test func filesThatWereChangedCount() throws {
    var times = Resolver.Times()
    times.freshness = .zero
    try withScene(times: times) { (scene) throws in
      let second = try FakeNameServer(
        on: scene.loop, address: "127.0.0.2", port: scene.server.port)
      defer { second.close() }
      scene.server.otherwise = .addresses(["192.0.2.1"])
      second.otherwise = .addresses(["192.0.2.2"])
      #expect(try scene.result(of: "web.test") == ["192.0.2.1"])
      try write("resolv.conf", "nameserver 127.0.0.2")
      #expect(try scene.result(of: "web.test") == ["192.0.2.2"])
      try write("hosts", "192.0.2.3 web.test")
      #expect(try scene.result(of: "web.test") == ["192.0.2.3"])
    }
  }

  /// A shutdown gives all look-ups up: nothing that a server does not say keeps the loop.
  @Test func lookUpsThatWereGivenUpLeaveNothingOnTheLoop() throws {
    try withScene { (scene) throws in
      scene.server.otherwise = .silence
      let before = scene.loop.openHandles.sorted()
      for turns in 0..<4 {
        let lookUps = try (0..<20).map { number in
          try scene.resolver.lookUp("web\(number).test") { _ in Issue.record("it was given up") }
        }
        let asked = scene.server.questions.count
        if turns > 0 { try runLoop(scene.loop) { scene.server.questions.count >= asked + 40 } }
        for lookUp in lookUps { lookUp.cancel() }
        for lookUp in lookUps { lookUp.cancel() }
        for _ in 0..<5 { scene.loop.run(.noWait) }
        #expect(scene.loop.openHandles.sorted() == before)
      }
    }
  }

  @Test func namesWhoseServerIsSilentHoldNoOtherUp() throws {
    try withScene { (scene) throws in
      scene.server.otherwise = .silence
      scene.server.replies["web.test"] = .addresses(["192.0.2.1"])
      let dead = try (0..<300).map { number in
        try scene.resolver.lookUp("dead\(number).test") { _ in Issue.record("it was given up") }
      }
      let start = Clock.monotonicTime
      #expect(try scene.result(of: "web.test") == ["192.0.2.1"])
      #expect(Clock.monotonicTime - start < .seconds(5))
      for lookUp in dead { lookUp.cancel() }
    }
  }

  /// What is sent in one go is more than a socket holds until it is read, at the server and here.
  @Test func noneOfManyQuestionsIsLost() throws {
    var times = Resolver.Times()
    times.firstTimeout = 60_000
    try withScene(times: times) { (scene) throws in
      scene.server.otherwise = .addresses(["192.0.2.1"])
      var found = 0
      for number in 0..<1_000 {
        _ = try scene.resolver.lookUp("web\(number).test") { found += (try? $0.get().count) ?? 0 }
      }
      try runLoop(scene.loop) { found == 1_000 }
      #expect(Set(scene.server.questions).count == 2_000)
      #expect(scene.server.questions.count == 2_000, "a question was asked twice")
    }
  }

  @Test func whatIsNotSentYetIsGivenUpToo() throws {
    try withScene { (scene) throws in
      scene.server.otherwise = .addresses(["192.0.2.1"])
      #expect(try scene.result(of: "web.test") == ["192.0.2.1"])
      let lookUps = try (0..<200).map { number in
        try scene.resolver.lookUp("web\(number).test") { _ in Issue.record("it was given up") }
      }
      for lookUp in lookUps { lookUp.cancel() }
      #expect(try scene.result(of: "next.test") == ["192.0.2.1"])
      #expect(!scene.server.questions.contains("web199.test A"))
    }
  }

  @Test func aLookUpMayGiveAnotherOneUpOrBeginOneWhenItEnds() throws {
    try withScene { (scene) throws in
      scene.server.otherwise = .addresses(["192.0.2.1"])
      var lookUps: [LookUp] = []
      var (told, next): (Int, [String]) = (0, [])
      for number in 0..<10 {
        lookUps.append(
          try scene.resolver.lookUp("web\(number).test") { _ in
            told += 1
            for lookUp in lookUps { lookUp.cancel() }
            do {
              _ = try scene.resolver.lookUp("next.test") {
                next += (try? $0.get().map(\.host)) ?? []
              }
            } catch {
              Issue.record("\(error)")
            }
          })
      }
      try runLoop(scene.loop) { !next.isEmpty }
      #expect(told == 1 && next == ["192.0.2.1"])
    }
  }

  /// The files are read on the pool, which may be busy or hang with its disk.
  @Test func thePoolIsWaitedForAndDoesNotCount() throws {
    let latch = Latch()
    let hosts = HostsFile(Array("192.0.2.1 web.test".utf8))
    let contents = NameFiles.Contents(
      configuration: NameConfiguration(resolvConf: "", nsswitch: ""), hosts: hosts)
    var times = Resolver.Times()
    times.interval = .milliseconds(20)
    times.freshness = .zero
    try withLoop { loop in
      let resolver = Resolver(on: loop, times: times) { _ in
        latch.pass()
        return contents
      }
      var (begun, results): (Int, [Result<[SocketAddress], UVError>]) = (0, [])
      // The first reading hangs. What waits for it has not begun, and ends by the reading's own
      // limit.
      _ = try resolver.lookUp("web.test") {
        begun += 1
      } then: {
        results.append($0)
      }
      try runLoop(loop) { results.count == 1 }
      #expect(begun == 0)
      #expect {
        try results[0].get()
      } throws: {
        "\($0)" == "resolve 'web.test': the files of name resolution in /etc cannot be read now"
      }
      // No second thread is taken, and what is given up is forgotten.
      let second = try resolver.lookUp("web.test") {
        begun += 1
      } then: {
        results.append($0)
      }
      second.cancel()
      #expect(latch.passed == 1)
      latch.open()
      try runLoop(loop) { latch.isPassed }
      // A later one may hang: what was read before counts.
      _ = try resolver.lookUp("web.test") {
        begun += 1
      } then: {
        results.append($0)
      }
      try runLoop(loop) { results.count == 2 }
      #expect(begun == 1)
      #expect(try results[1].get().map(\.host) == ["192.0.2.1"])
      latch.open()
    }
  }

  @Test func aHostToListenOnIsLookedUpAtOnce() throws {
    #expect(try SocketAddress.resolve("127.0.0.1", port: 7).map(\.description) == ["127.0.0.1:7"])
    #expect(
      try SocketAddress.resolve("localhost", port: 7).contains { $0.description == "127.0.0.1:7" })
    #expect {
      try SocketAddress.resolve("no-such-host.invalid", port: 7)
    } throws: {
      "\($0)" == "resolve 'no-such-host.invalid': no such name"
    }
  }
}

/// Holds threads of the pool.
private final class Latch: Sendable {
  private let ends: [Int32]
  private let count = Atomic(0)
  private let done = Atomic(false)

  init() {
    var ends: [Int32] = [-1, -1]
    _ = pipe(&ends)
    self.ends = ends
  }

  deinit {
    for end in ends { Glibc.close(end) }
  }

  var passed: Int { count.load(ordering: .relaxed) }
  var isPassed: Bool { done.load(ordering: .relaxed) }

  func pass() {
    count.wrappingAdd(1, ordering: .relaxed)
    var byte: UInt8 = 0
    _ = read(ends[0], &byte, 1)
    done.store(true, ordering: .relaxed)
  }

  func open() {
    var byte: UInt8 = 1
    _ = write(ends[1], &byte, 1)
  }
}
