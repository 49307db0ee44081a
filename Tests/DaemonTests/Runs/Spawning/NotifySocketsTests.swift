import Glibc
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// The sockets on which runs tell of themselves: where each is, and whose its name is.
struct NotifySocketsTests {
  private let directory: TemporaryDirectory
  private var place: String { directory.file("notify") }

  init() throws { directory = try TemporaryDirectory() }

  private let web = ProcessDefinition(id: "web", command: "true")

  private func open(
    _ definition: ProcessDefinition, _ sockets: NotifySockets, _ loop: Loop,
    onMessages: @escaping ([NotifyMessage]) -> Void = { _ in }
  ) throws -> NotifyListener {
    var results: [Result<NotifyListener, UVError>] = []
    sockets.open(for: definition, onMessages: onMessages) { results.append($0) }
    try runLoop(loop) { !results.isEmpty }
    #expect(results.count == 1)
    return try #require(results.first).get()
  }

  private func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  @Test func itIsAFileThatNoOtherUserGetsAt() throws {
    try withLoop { loop in
      let sockets = NotifySockets(on: loop, directory: place)
      var texts: [String] = []
      let listener = try open(web, sockets, loop) { messages in
        texts += messages.map { String(decoding: $0.bytes, as: UTF8.self) }
      }
      #expect(listener.name == "\(Files.resolvingLinks(place))/web")
      #expect(try Files.status(of: place).mode & 0o777 == 0o700)
      try NotifySocket(listener.name).send("READY=1")
      try runLoop(loop) { !texts.isEmpty }
      #expect(texts == ["READY=1"])
      listener.close()
      try runLoop(loop) { !exists(listener.name) }
    }
  }

  /// The file of the run before may not have been removed yet.
  @Test func aNameIsTakenUntilItsFileHasBeenRemoved() throws {
    try withLoop { loop in
      let sockets = NotifySockets(on: loop, directory: place)
      let first = try open(web, sockets, loop)
      let second = try open(web, sockets, loop)
      let third = try open(web, sockets, loop)
      #expect(second.name == "\(first.name)~2" && third.name == "\(first.name)~3")
      #expect(exists(first.name) && exists(second.name) && exists(third.name))
      second.close()
      // It has not been removed in this turn.
      let fourth = try open(web, sockets, loop)
      #expect(fourth.name == "\(first.name)~4")
      try runLoop(loop) { !exists(second.name) }
      _ = try turn(loop, for: .milliseconds(20))
      let again = try open(web, sockets, loop)
      #expect(again.name == second.name)
      for listener in [first, third, fourth, again] { listener.close() }
    }
  }

  @Test func theRunOfAnotherUserHasANameThatCannotBeGuessed() throws {
    try withLoop { loop in
      let sockets = NotifySockets(on: loop, directory: place)
      var definition = web
      definition.execution.user = "nobody"
      var names: Set<String> = []
      for _ in 0..<2 {
        var result: Result<NotifyListener, UVError>?
        sockets.open(for: definition, onMessages: { _ in }) { result = $0 }
        // Nothing of it waits for a disk.
        let listener = try #require(result).get()
        #expect(listener.name.hasPrefix("@exeio/") && listener.name.utf8.count == 7 + 32)
        names.insert(listener.name)
        listener.close()
      }
      #expect(names.count == 2 && !exists(place))
    }
  }

  @Test func aPathThatIsTooLongForASocketIsAvoided() throws {
    try withLoop { loop in
      let place = Files.resolvingLinks(directory.path)
      // With a name of three bytes it is as long as it may be, and with one of four too long.
      let name = String(repeating: "d", count: 107 - 4 - 1 - place.utf8.count)
      let sockets = NotifySockets(on: loop, directory: "\(place)/\(name)")
      let fits = try open(web, sockets, loop)
      #expect(fits.name == "\(place)/\(name)/web" && fits.name.utf8.count == 107)
      let long = try open(ProcessDefinition(id: "webs", command: "true"), sockets, loop)
      #expect(long.name.hasPrefix("@exeio/"))
      fits.close()
      long.close()
    }
  }

  @Test func whatAKilledDaemonHasLeftIsRemovedFirst() throws {
    try withLoop { loop in
      try Files.createDirectories(place, mode: 0o700)
      let binding = try NotifyListener.Binding("\(place)/old")
      try Files.createNew("\(place)/file", mode: 0o600, contents: [])
      #expect(exists("\(place)/old"))
      let sockets = NotifySockets(on: loop, directory: place)
      let listener = try open(web, sockets, loop)
      #expect(!exists("\(place)/old") && exists("\(place)/file"))
      // Those of this daemon stay.
      let other = try open(ProcessDefinition(id: "other", command: "true"), sockets, loop)
      #expect(exists(listener.name) && exists(other.name))
      binding.close(on: loop)
      listener.close()
      other.close()
    }
  }

  @Test func allThatWaitForTheDirectoryHearThatItCannotBeMadeAndTheNextOneTriesAgain() throws {
    try withLoop { loop in
      try Files.createNew(place, mode: 0o600, contents: [])
      let sockets = NotifySockets(on: loop, directory: place)
      var failures = 0
      for _ in 0..<3 {
        sockets.open(for: web, onMessages: { _ in }) { result in
          if case .failure = result { failures += 1 }
        }
      }
      try runLoop(loop) { failures == 3 }
      try #require(unlink(place) == 0)
      let listener = try open(web, sockets, loop)
      #expect(listener.name.hasSuffix("/web"))
      listener.close()
    }
  }
}
