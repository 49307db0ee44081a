import Glibc
import TestSupport
import Testing
import UV

/// Files that are changed on the spot, in a directory that another user may own.
struct DirectoryTests {
  private let temporary: TemporaryDirectory
  private let directory: Directory

  init() throws {
    temporary = try TemporaryDirectory()
    directory = try Directory(temporary.path)
  }

  private func text(_ name: String) throws -> String {
    String(decoding: try directory.read(name, limit: 1000).bytes, as: UTF8.self)
  }

  @Test func aFileIsReplacedWholeAndNothingStaysBehind() throws {
    try directory.replace("f", with: Array("one".utf8))
    #expect(try text("f") == "one")
    try directory.replace("f", with: Array("two".utf8))
    #expect(try text("f") == "two")
    #expect(temporary.names == ["f"])
  }

  @Test func whatACrashLeftBehindIsNoHindrance() throws {
    try Files.createNew(temporary.file("f.tmp"), mode: 0o600, contents: [1, 2, 3])
    try directory.replace("f", with: Array("one".utf8))
    #expect(try text("f") == "one")
    #expect(temporary.names == ["f"])
  }

  @Test func nobodyElseCanReadTheFile() throws {
    try directory.replace("f", with: [1])
    let lock = try directory.lock("f.lock", patience: .zero)
    defer { lock.release() }
    for name in ["f", "f.lock"] {
      #expect(try Files.status(of: temporary.file(name)).mode & 0o027 == 0, "\(name)")
    }
  }

  /// Root gives the file to the user who owns the directory: the daemon's.
  @Test(.enabled(if: geteuid() == 0))
  func rootGivesTheFileToTheOwnerOfTheDirectory() throws {
    #expect(chown(temporary.path, 1234, 4321) == 0)
    try directory.replace("f", with: [1])
    let lock = try directory.lock("f.lock", patience: .zero)
    defer { lock.release() }
    for name in ["f", "f.lock"] {
      let status = try Files.status(of: temporary.file(name))
      #expect(status.owner == 1234 && status.group == 4321 && status.mode == 0o640, "\(name)")
    }
  }

  @Test func aLinkIsNotFollowedButReplaced() throws {
    try Files.createNew(temporary.file("victim"), mode: 0o600, contents: Array("safe".utf8))
    for name in ["f", "f.tmp", "f.lock"] {
      #expect(symlink("victim", temporary.file(name)) == 0)
    }
    #expect(throws: UVError(code: -ELOOP, operation: "open", subject: temporary.file("f"))) {
      try directory.read("f", limit: 10)
    }
    #expect(throws: LockFile.Failure.self) { try directory.lock("f.lock", patience: .zero) }
    try directory.replace("f", with: Array("new".utf8))
    #expect(try text("f") == "new")
    #expect(try text("victim") == "safe")
  }

  @Test func theLockIsHadByOneAtATime() throws {
    let lock = try directory.lock("l", patience: .zero)
    #expect(throws: LockFile.Failure.heldBy(pid: nil)) {
      try directory.lock("l", patience: .milliseconds(20))
    }
    lock.release()
    try directory.lock("l", patience: .zero).release()
  }

  @Test func whatIsNoDirectoryIsAnError() {
    #expect(throws: UVError.self) { try Directory(temporary.file("missing")) }
    #expect(throws: UVError(code: -ENOENT, operation: "open", subject: temporary.file("x"))) {
      try directory.read("x", limit: 1)
    }
  }
}
