import Glibc
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// The sockets of processes: bound once, kept from run to run, and closed when they are not wanted
/// any more.
struct ListenSocketsTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func definition(_ id: String, _ addresses: [String]) -> ProcessDefinition {
    var definition = ProcessDefinition(id: id, command: "true")
    definition.execution.listen = addresses
    return definition
  }

  private func withSockets(_ body: (ListenSockets, Loop) throws -> Void) throws {
    try withLoop { loop in
      let sockets = ListenSockets(on: loop)
      try body(sockets, loop)
      sockets.closeAll()
    }
  }

  /// What a run gets.
  private func get(
    _ id: String, _ addresses: [String], _ sockets: ListenSockets, _ loop: Loop
  ) throws -> ListenSockets.Answer {
    var answers: [ListenSockets.Answer] = []
    sockets.sockets(for: definition(id, addresses), owner: Identity()) { answers.append($0) }
    try runLoop(loop) { !answers.isEmpty }
    #expect(answers.count == 1)
    return answers[0]
  }

  /// Whether a connection to an address is taken.
  private func answers(_ address: String, _ loop: Loop) throws -> Bool {
    var result: Result<UV.Stream, UVError>?
    if address.hasPrefix("/") {
      UV.Stream.connect(unix: address, on: loop) { result = $0 }
    } else {
      let port = try #require(address.split(separator: ":").last.flatMap { UInt16($0) })
      try connect(toPort: port, on: loop) { result = $0 }
    }
    try runLoop(loop) { result != nil }
    if case .success(let stream)? = result {
      stream.close()
      return true
    }
    return false
  }

  @Test func aProcessWithoutAnyHasThemAtOnce() throws {
    try withSockets { sockets, _ in
      var count: Int?
      sockets.sockets(for: definition("web", []), owner: Identity()) {
        count = (try? $0.get())?.count
      }
      #expect(count == 0)
    }
  }

  @Test func theNextRunHasTheSameSockets() throws {
    try withSockets { sockets, loop in
      let addresses = ["127.0.0.1:\(try unusedPort())", directory.file("web.sock")]
      let first = try get("web", addresses, sockets, loop).get()
      #expect(first.map(\.address) == addresses)
      for address in addresses { #expect(try answers(address, loop)) }
      let second = try get("web", addresses.reversed(), sockets, loop).get()
      #expect(second.map(\.address) == addresses.reversed())
      #expect(second[0] === first[1] && second[1] === first[0])
    }
  }

  /// Copies share them: `web.0` and `web.1` are of one service.
  @Test func copiesHaveTheSameSockets() throws {
    try withSockets { sockets, loop in
      var web = definition("web", [directory.file("web.sock")])
      web.instances = 2
      var all: [BoundSocket] = []
      for number in 0..<2 {
        sockets.sockets(for: web.copy(number), owner: Identity()) { all += (try? $0.get()) ?? [] }
      }
      try runLoop(loop) { all.count == 2 }
      #expect(all[0] === all[1])
    }
  }

  @Test func whatIsNotWantedAnyMoreIsClosedFirst() throws {
    try withSockets { sockets, loop in
      let (file, port) = (directory.file("web.sock"), "127.0.0.1:\(try unusedPort())")
      let first = try get("web", [file, port], sockets, loop).get()
      let second = try get("web", [port], sockets, loop).get()
      #expect(second.count == 1 && second[0] === first[1])
      #expect(access(file, F_OK) != 0)
      #expect(try answers(port, loop))
      #expect(try get("web", [], sockets, loop).get().isEmpty)
      #expect(try !answers(port, loop))
    }
  }

  /// What was bound for a start that fails is not kept; what was there before is.
  @Test func whatCannotBeBoundIsNamedAndNothingNewIsKept() throws {
    try withSockets { sockets, loop in
      let kept = directory.file("kept.sock")
      let first = try get("web", [kept], sockets, loop).get()
      let new = directory.file("new.sock")
      let wrong = "\(directory.path)/none/x.sock"
      guard case .failure(let refusal) = try get("web", [kept, new, wrong], sockets, loop) else {
        return #expect(Bool(false), "a socket is bound in no directory")
      }
      #expect(refusal.description == "listen '\(wrong)': No such file or directory")
      #expect(access(new, F_OK) != 0)
      let second = try get("web", [kept], sockets, loop).get()
      #expect(second.count == 1 && second[0] === first[0])
    }
  }

  @Test func anAddressThatAnotherOneHasIsRefused() throws {
    try withSockets { sockets, loop in
      let address = "127.0.0.1:\(try unusedPort())"
      _ = try get("web", [address], sockets, loop).get()
      guard case .failure(let refusal) = try get("other", [address], sockets, loop) else {
        return #expect(Bool(false), "it is bound twice")
      }
      #expect(refusal.description == "listen '\(address)': Address already in use")
    }
  }

  /// `[::]` would take the connections to IPv4 addresses, too.
  @Test func bothFamiliesHaveAPortSideBySide() throws {
    try withSockets { sockets, loop in
      let port = try unusedPort()
      let addresses = ["[::]:\(port)", "127.0.0.1:\(port)"]
      #expect(try get("web", addresses, sockets, loop).get().count == 2)
      // Alone it takes both, so the one that does not is bound again.
      let alone = try get("web", ["[::]:\(port)"], sockets, loop).get()
      #expect(alone.count == 1)
      #expect(try answers("127.0.0.1:\(port)", loop))
    }
  }

  @Test func thoseOfAProcessThatIsRemovedAreClosed() throws {
    try withSockets { sockets, loop in
      let (web, other) = (directory.file("web.sock"), directory.file("other.sock"))
      var isBound = false
      sockets.sockets(for: definition("web", [web]), owner: Identity()) { _ in isBound = true }
      // It is being bound by now.
      sockets.close("web")
      _ = try get("other", [other], sockets, loop).get()
      try runLoop(loop) { isBound && access(web, F_OK) != 0 }
      #expect(access(other, F_OK) == 0)
      // The path is free again.
      #expect(try get("other", [other, web], sockets, loop).get().count == 2)
    }
    #expect(directory.names.isEmpty)
  }
}
