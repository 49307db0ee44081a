import Glibc
import TestSupport
import Testing
import UV

/// A file that is replaced is on the disk before it has the name, and the name before the call
/// returns: after a crash of the machine there are the old contents or the new ones.
@Suite(.enabled(if: HangingFiles.isPossible, "a file system of fuse(4) cannot be mounted here"))
struct ReplaceSyncTests {
  /// What replaces files.
  enum Way: CaseIterable {
    /// `processes.json`.
    case rewrite
    /// `keys.json`.
    case directory
    /// The backup before an order that is forced: it has its name from the start.
    case forcedBackup

    /// The file that it writes beside `f`.
    var name: String { self == .forcedBackup ? "f.forced.bak" : "f" }

    /// What the file holds while what is written is not yet on the disk.
    func unsynced(old: String, new: String) -> String {
      self == .forcedBackup ? new : old
    }

    /// Writes the file.
    func write(_ text: String, in path: String) throws(UVError) {
      let old = try Files.readRegular("\(path)/f", limit: 1000)
      let bytes = Array(text.utf8)
      switch self {
      case .rewrite: try Files.rewrite("\(path)/f", with: bytes, over: old)
      case .directory: try Directory(path).replace("f", with: bytes)
      case .forcedBackup: try Files.writeForcedBackup(of: "\(path)/f", (old.status, bytes))
      }
    }
  }

  @Test(arguments: Way.allCases, [HangingFiles.Operation.sync, .syncDirectory])
  func itWaitsForTheDisk(_ way: Way, _ operation: HangingFiles.Operation) throws {
    let files = try HangingFiles()
    defer { files.end() }
    let path = files.path
    try Files.createNew("\(files.behind)/f", mode: 0o600, contents: Array("old".utf8))
    var text: String {
      get throws {
        let file = "\(files.behind)/\(way.name)"
        return String(decoding: try Files.read(file, limit: 1000), as: UTF8.self)
      }
    }
    try withLoop { loop in
      var result: UVError??
      try files.hang(operation)
      PoolWork.run(on: loop, .ownFiles(directory: path)) { () -> UVError? in
        do throws(UVError) {
          try way.write("new", in: path)
          return nil
        } catch {
          return error
        }
      } then: {
        result = .some($0)
      }
      try files.waitUntilHeld(operation)
      loop.run(.noWait)
      #expect(result == nil)
      let expected = operation == .sync ? way.unsynced(old: "old", new: "new") : "new"
      #expect(try text == expected)
      try files.goOn()
      try runLoop(loop) { result != nil }
      #expect(try #require(result) == nil)
      #expect(try text == "new")
    }
  }
}
