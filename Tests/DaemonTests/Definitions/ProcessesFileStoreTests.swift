import API
import Glibc
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// `processes.json` as the daemon writes it: never over what another hand has put there, and never
/// waited for longer than its time.
struct ProcessesFileStoreTests {
  /// A store of a file.
  private final class Scene {
    let owners: OwnersScene
    let store: ProcessesFileStore
    let path: String

    init(_ owners: OwnersScene, at path: String) throws {
      self.owners = owners
      self.path = path
      store = try ProcessesFileStore(path, on: owners.loop, clock: owners.context.clock)
    }

    /// Why it was not written; nil where it was.
    func save(_ text: String) throws -> String? {
      var outcome: ProcessesFileStore.Failure??
      store.save(Array(text.utf8)) { outcome = .some($0) }
      try owners.wait { outcome != nil }
      return try #require(outcome)?.description
    }

    func look(isForced: Bool) throws -> String? {
      var outcome: ProcessesFileStore.Failure??
      store.look(isForced: isForced) { outcome = .some($0) }
      try owners.wait { outcome != nil }
      return try #require(outcome)?.description
    }

    var text: String {
      get throws { String(decoding: try Files.read(path, limit: 1000), as: UTF8.self) }
    }

    var mode: UInt32 {
      get throws { try Files.status(of: path).mode & 0o777 }
    }

    func put(_ text: String) throws {
      try? Files.remove(path)
      try Files.createNew(path, mode: 0o600, contents: Array(text.utf8))
    }
  }

  private func withScene(_ body: (Scene) throws -> Void) throws {
    try withOwners { owners in
      let scene = try Scene(owners, at: owners.configuration.processesFile)
      try body(scene)
      scene.store.close()
    }
  }

  /// Environments may hold secrets.
  @Test func aNewFileIsForTheDaemonAloneAndOneThatIsThereKeepsItsMode() throws {
    try withScene { scene in
      #expect(!scene.store.wasThere)
      let failure = try scene.save("[1]")
      #expect(failure == nil)
      #expect(try scene.text == "[1]" && scene.mode == 0o600)
      #expect(scene.store.wasThere)
      for mode in [0o640, 0o600, 0o604] as [mode_t] {
        #expect(chmod(scene.path, mode) == 0)
        #expect(try scene.save("[\(mode)]") == nil)
        #expect(try scene.mode == mode && scene.text == "[\(mode)]")
      }
    }
  }

  @Test func theFileBehindALinkIsWritten() throws {
    try withScene { scene in
      let other = scene.owners.directory.file("other.json")
      try Files.createNew(other, mode: 0o640, contents: Array("[]".utf8))
      try #require(symlink(other, scene.path) == 0)
      scene.store.note(Array("[]".utf8))
      #expect(try scene.save("[1]") == nil)
      #expect(String(decoding: try Files.read(other, limit: 100), as: UTF8.self) == "[1]")
      #expect(try Files.status(of: other).mode & 0o777 == 0o640)
      var target = [CChar](repeating: 0, count: 4096)
      #expect(readlink(scene.path, &target, 4095) == other.utf8.count)
    }
  }

  @Test func whatAnotherHandHasPutThereIsKept() throws {
    try withScene { scene in
      #expect(try scene.save("[]") == nil)
      try scene.put("[7]")
      let reason = "'\(scene.path)' was changed and is not reloaded: "
      #expect(try scene.save("[1]")?.hasPrefix(reason) == true)
      #expect(try scene.look(isForced: false)?.hasPrefix(reason) == true)
      #expect(try scene.text == "[7]")
      // Once it has been read, it is known.
      let note = scene.store.note(Array("[7]".utf8))
      #expect(try scene.look(isForced: false) == nil)
      // A reload that did not take effect changes nothing.
      scene.store.restore(note)
      #expect(try scene.save("[1]")?.hasPrefix(reason) == true)
      try Files.remove(scene.path)
      #expect(try scene.save("[1]")?.contains("is missing: put it back") == true)
      #expect(access(scene.path, F_OK) != 0)
    }
  }

  @Test func aForcedOrderKeepsABackupAndOverwritesOnce() throws {
    try withScene { scene in
      #expect(try scene.save("[]") == nil)
      try scene.put("[7]")
      #expect(try scene.look(isForced: true) == nil)
      let backup = Files.forcedBackup(of: scene.path, number: 0)
      #expect(String(decoding: try Files.read(backup, limit: 100), as: UTF8.self) == "[7]")
      #expect(try scene.save("[1]") == nil)
      #expect(try scene.text == "[1]")
      // That was for this content, once.
      try scene.put("[7]")
      #expect(try scene.save("[2]") != nil)
      #expect(try scene.look(isForced: true) == nil)
      scene.store.keepAll()
      #expect(try scene.save("[2]") != nil)
      #expect(try scene.text == "[7]")
    }
  }

  @Test func whatIsNoFileIsNotWritten() throws {
    try withScene { scene in
      try #require(mkfifo(scene.path, 0o600) == 0)
      #expect(try scene.save("[]") == "read '\(scene.path)': Invalid argument")
    }
  }

  /// After a crash of the machine there is the old file or the new one, and what a client was told
  /// to be saved is the new one.
  @Test(.enabled(if: HangingFiles.isPossible, "a file system of fuse(4) cannot be mounted here"))
  func aSaveIsOnTheDiskBeforeItIsTold() throws {
    let files = try HangingFiles()
    defer { files.end() }
    try withOwners { owners in
      let scene = try Scene(owners, at: "\(files.path)/processes.json")
      var text: String {
        get throws {
          let name = "\(files.behind)/processes.json"
          return String(decoding: try Files.read(name, limit: 1000), as: UTF8.self)
        }
      }
      #expect(try scene.save("[1]") == nil)
      var outcome: ProcessesFileStore.Failure??
      try files.hang(.sync)
      scene.store.save(Array("[2]".utf8)) { outcome = .some($0) }
      try files.waitUntilHeld(.sync)
      owners.loop.run(.noWait)
      #expect(try text == "[1]" && outcome == nil)
      try files.goOn()
      try owners.wait { outcome != nil }
      #expect(try #require(outcome) == nil && text == "[2]")
      outcome = nil
      try files.hang(.syncDirectory)
      scene.store.save(Array("[3]".utf8)) { outcome = .some($0) }
      try files.waitUntilHeld(.syncDirectory)
      owners.loop.run(.noWait)
      #expect(try text == "[3]" && outcome == nil)
      try files.goOn()
      try owners.wait { outcome != nil }
      #expect(try #require(outcome) == nil)
      scene.store.close()
    }
  }

  @Test(.enabled(if: HangingFiles.isPossible, "a file system of fuse(4) cannot be mounted here"))
  func aDiskThatHangsIsWaitedForNoLongerThanItsTime() throws {
    let files = try HangingFiles()
    defer { files.end() }
    try withOwners { owners in
      let scene = try Scene(owners, at: "\(files.path)/processes.json")
      try files.hang(.create, .open)
      var failures: [String?] = []
      let words = "write '\(scene.path)': its file system does not answer"
      for text in ["[1]", "[2]"] {
        scene.store.save(Array(text.utf8)) { failures.append($0?.description) }
      }
      try files.waitUntilHeld(.create)
      // Its time is that of the clock, and less at the end of the daemon.
      owners.clock.pass(.milliseconds(4999))
      scene.store.hurry()
      _ = try turn(owners.loop, for: .milliseconds(20))
      #expect(failures.isEmpty)
      owners.clock.pass(.seconds(5))
      // What is told is that the second one was not begun, too.
      scene.store.hurry()
      scene.store.save(Array("[3]".utf8)) { failures.append($0?.description) }
      try owners.wait { failures.count == 2 }
      #expect(failures == [words, words])
      try files.goOn()
      // The one that hung is written, the one behind it is not, and the last one is.
      try owners.wait { failures.count == 3 }
      #expect(failures[2] == nil)
      #expect(try scene.text == "[3]")
      scene.store.close()
    }
  }
}
