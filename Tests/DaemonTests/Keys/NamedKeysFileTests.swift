import API
import Glibc
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// The keys of `keys.json` as requests see them: what is read at each look, and what holds while
/// there is no answer.
struct NamedKeysFileTests {
  /// A file of keys that is followed on the loop of the owners.
  private final class Scene {
    let owners: OwnersScene
    let keys: NamedKeysFile
    let path: String
    var reports: [String] = []
    var uses: [String?] = []

    init(_ owners: OwnersScene, at path: String) throws {
      self.owners = owners
      self.path = path
      keys = NamedKeysFile(path)
      keys.report = { [unowned self] in reports.append("\($0.rawValue): \($1)") }
      keys.onUse = { [unowned self] in uses.append($0) }
    }

    /// Has the file looked at, and says what a check of a key hears then: the names, `unusable`, or
    /// nil where nothing has changed.
    func look() throws -> [String]? {
      var isDone = false
      keys.look { isDone = true }
      try owners.wait { isDone }
      return change()
    }

    func change() -> [String]? {
      switch keys.source.changes() {
      case .records(let records): records.map(\.name)
      case .unusable: ["unusable"]
      case nil: nil
      }
    }

    func write(_ names: String..., mode: mode_t = 0o600) throws {
      let hash = "$7$46..../....iO/aFVy29NfudogP$WUWyYNQOXVeyaIL.tpyS868UIaDaBQiGRRVYstrXNgC"
      let records = names.map {
        KeyRecord(name: $0, role: .read, hash: hash, created: .seconds(1_769_855_445))
      }
      try write(KeysFile.render(records), mode: mode)
    }

    func write(_ bytes: [UInt8], mode: mode_t = 0o600) throws {
      try Files.createNew("\(path).new", mode: UInt32(mode), contents: bytes)
      try #require(rename("\(path).new", path) == 0)
    }
  }

  private func withScene(_ body: (Scene) throws -> Void) throws {
    try withOwners { owners in
      let scene = try Scene(owners, at: owners.configuration.keysFile)
      try scene.keys.follow(on: owners.loop, clock: owners.context.clock)
      try body(scene)
      scene.keys.close()
    }
  }

  @Test func eachLookFindsWhatIsThereThen() throws {
    try withScene { scene in
      #expect(try scene.look() == [])
      #expect(try scene.look() == nil)
      try scene.write("ci", "deploy")
      #expect(try scene.look() == ["ci", "deploy"])
      #expect(try scene.look() == nil)
      try scene.write("ci")
      #expect(try scene.look() == ["ci"])
      try Files.remove(scene.path)
      #expect(try scene.look() == [])
      #expect(scene.uses == [nil, nil, nil, nil])
      #expect(scene.reports.map { $0.suffix(3) } == [": 2", ": 1", ": 0"])
    }
  }

  /// What is broken may be mended without a trace, but a client must not be able to have it read
  /// all the time.
  @Test func aFileThatCannotBeUsedIsReadAgainASecondLater() throws {
    try withScene { scene in
      try scene.write("ci")
      #expect(try scene.look() == ["ci"])
      try scene.write(Array("[".utf8))
      #expect(try scene.look() == ["unusable"])
      #expect(scene.reports.last?.hasPrefix("error: No named key works: ") == true)
      scene.owners.clock.pass(.milliseconds(999))
      #expect(try scene.look() == nil)
      #expect(scene.uses.count == 2)
      scene.owners.clock.pass(.milliseconds(1))
      #expect(try scene.look() == ["unusable"])
      #expect(scene.uses.count == 3 && scene.reports.count == 2, "it is said once")
      // One that has changed is read at once.
      try scene.write("ci")
      #expect(try scene.look() == ["ci"])
      #expect(scene.uses.last == .some(nil))
    }
  }

  @Test(arguments: [0o604, 0o602] as [mode_t])
  func aFileThatOthersSeeIsNotTrusted(mode: mode_t) throws {
    try withScene { scene in
      try scene.write("ci")
      #expect(chmod(scene.path, mode) == 0)
      #expect(try scene.look() == ["unusable"])
      #expect(scene.reports.last?.contains("chmod 640") == true)
    }
  }

  @Test func theFirstLookIsAtTheStart() throws {
    try withOwners { owners in
      let scene = try Scene(owners, at: owners.configuration.keysFile)
      try scene.write("ci")
      scene.keys.take(try NamedKeysFile.readAtStart(scene.path, at: owners.context.now))
      // Nothing is looked at before the loop turns.
      #expect(try scene.look() == ["ci"])
      try scene.write(Array("{".utf8))
      #expect(throws: StartError.self) {
        try NamedKeysFile.readAtStart(scene.path, at: owners.context.now)
      }
      #expect(scene.keys.mistakes().contains { $0.contains(scene.path) })
    }
  }

  @Test(.enabled(if: HangingFiles.isPossible, "a file system of fuse(4) cannot be mounted here"))
  func whatWasReadLastHoldsForAWhileWhereThereIsNoAnswer() throws {
    let files = try HangingFiles()
    defer { files.end() }
    try withOwners { owners in
      let scene = try Scene(owners, at: "\(files.path)/keys.json")
      try scene.write("ci")
      try scene.keys.follow(on: owners.loop, clock: owners.context.clock)
      #expect(try scene.look() == ["ci"])
      // The kernel asks for the status of a file again when what it knows is a second old.
      try files.hang(.stat, .open)
      var done = 0
      scene.keys.look(within: .milliseconds(10)) { done += 1 }
      _ = try turn(owners.loop, for: .milliseconds(100))
      if done == 0 {
        owners.clock.pass(.milliseconds(10))
        try owners.wait { done == 1 }
      }
      // From now on each is answered at once with what is known.
      while true {
        done = 0
        scene.keys.look(within: .milliseconds(10)) { done += 1 }
        if done == 1 { break }
        owners.clock.pass(.milliseconds(10))
        try owners.wait { done == 1 }
      }
      #expect(scene.change() == nil)
      owners.clock.pass(.seconds(30))
      scene.keys.look {}
      #expect(scene.change() == ["unusable"])
      let path = "\(files.path)/keys.json"
      #expect(
        scene.uses.last
          == "'\(path)' cannot be looked at: its file system does not answer")
      try files.goOn()
      // The file is what it was.
      try owners.wait { scene.uses.last == .some(nil) }
      #expect(scene.change() == ["ci"])
      scene.keys.close()
    }
  }

  @Test func whoeverWaitsAtTheEndGoesOn() throws {
    try withScene { scene in
      var isDone = false
      scene.keys.look { isDone = true }
      #expect(!isDone)
      scene.keys.close()
      #expect(isDone)
    }
  }

  @Test func aLookThatIsUnderWayAtTheEndIsNotTold() throws {
    try withOwners { owners in
      let scene = try Scene(owners, at: owners.configuration.keysFile)
      try scene.write("ci")
      try scene.keys.follow(on: owners.loop, clock: owners.context.clock)
      scene.keys.look {}
      scene.keys.close()
      // What comes after it in the same place of the pool is over after it.
      var isOver = false
      PoolWork.run(
        on: owners.loop, .ownFiles(directory: Files.parent(of: scene.path))
      ) {
      } then: {
        isOver = true
      }
      try owners.wait { isOver }
      #expect(scene.reports.isEmpty)
      #expect(scene.uses.isEmpty)
      #expect(scene.change() == nil)
    }
  }
}
