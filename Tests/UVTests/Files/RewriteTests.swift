import Foundation
import Glibc
import TestSupport
import Testing
import UV

/// A file that is given other contents and nothing else.
struct RewriteTests {
  private let directory: TemporaryDirectory
  private var path: String { directory.file("f") }

  init() throws {
    directory = try TemporaryDirectory()
  }

  private func rewrite(_ text: String) throws(UVError) {
    var old: (status: FileStatus, bytes: [UInt8])?
    do throws(UVError) {
      old = try Files.readRegular(path, limit: 1 << 20)
    } catch {
      #expect(error.code == .noSuchFileOrDirectory)
    }
    try Files.rewrite(path, with: Array(text.utf8), over: old)
  }

  private func status() throws -> FileStatus { try Files.status(of: path) }

  private func text(of path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  @Test func aNewOneIsForItsOwnerAlone() throws {
    try rewrite("a")
    #expect(try status().mode == 0o600)
    #expect(try text(of: path) == "a")
  }

  @Test func theModeStays() throws {
    try rewrite("a")
    #expect(chmod(path, 0o640) == 0)
    try rewrite("b")
    #expect(try status().mode == 0o640)
    #expect(try text(of: path) == "b")
    #expect(!FileManager.default.fileExists(atPath: path + ".bak"))
  }

  @Test(.enabled(if: geteuid() == 0, "only root gives files away"))
  func theOwnerAndTheGroupStay() throws {
    try rewrite("a")
    #expect(chown(path, 12345, 54321) == 0)
    try rewrite("b")
    #expect(try status().owner == 12345)
    #expect(try status().group == 54321)
  }

  /// A file that is mounted by itself cannot be renamed.
  @Test(.enabled(if: geteuid() == 0, "only root mounts"))
  func whatIsMountedIsWrittenInPlaceAfterABackup() throws {
    try "old".write(toFile: directory.file("host"), atomically: false, encoding: .utf8)
    try "below".write(toFile: path, atomically: false, encoding: .utf8)
    guard mount(directory.file("host"), path, nil, UInt(MS_BIND), nil) == 0 else {
      // A container may have no right to mount.
      #expect(errno == EPERM || errno == EACCES)
      return
    }
    defer { #expect(umount(path) == 0) }
    let inode = try status().inode
    try rewrite("new and longer")
    #expect(try text(of: directory.file("host")) == "new and longer")
    try rewrite("n")
    #expect(try text(of: path) == "n")
    #expect(try text(of: path + ".bak") == "new and longer")
    #expect(try status().inode == inode)
  }

  private func writeForcedBackup() throws(UVError) {
    try Files.writeForcedBackup(of: path, try Files.readRegular(path, limit: 1 << 20))
  }

  @Test func whatIsOverwrittenByOrderIsKeptUnderANameOfItsOwn() throws {
    try "first".write(toFile: path, atomically: false, encoding: .utf8)
    #expect(chmod(path, 0o640) == 0)
    try writeForcedBackup()
    #expect(try text(of: path + ".forced.bak") == "first")
    #expect(try Files.status(of: path + ".forced.bak").mode == 0o640)
    // A link in the way is not written through.
    #expect(symlink(path, path + ".forced.bak.1") == 0)
    try "second".write(toFile: path, atomically: false, encoding: .utf8)
    try writeForcedBackup()
    #expect(try text(of: path + ".forced.bak") == "first")
    #expect(try text(of: path + ".forced.bak.2") == "second")
    for number in 3..<Files.mostForcedBackups {
      try "".write(toFile: "\(path).forced.bak.\(number)", atomically: false, encoding: .utf8)
    }
    #expect {
      try writeForcedBackup()
    } throws: {
      ($0 as? UVError)?.code == .fileExists
    }
    #expect(try text(of: path + ".forced.bak") == "first")
    #expect(try text(of: path) == "second")
  }

  @Test func whatIsNoFileIsNotWaitedFor() throws {
    #expect(mkfifo(path, 0o600) == 0)
    let found = try Files.readRegular(path, limit: 10)
    #expect(!found.status.isRegular && found.bytes.isEmpty)
  }

  /// `keys.json`, which `exeio key` writes on the spot.
  @Test(.enabled(if: geteuid() == 0, "only root gives files away"))
  func aFileInADirectoryKeepsOwnerGroupAndMode() throws {
    let held = try Directory(directory.path)
    try held.replace("f", with: [1])
    #expect(chown(path, 12345, 54321) == 0)
    #expect(chmod(path, 0o600) == 0)
    try held.replace("f", with: [2])
    #expect(try status().owner == 12345)
    #expect(try status().group == 54321)
    #expect(try status().mode == 0o600)
  }
}
