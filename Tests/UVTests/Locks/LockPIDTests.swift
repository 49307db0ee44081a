import Glibc
import TestSupport
import Testing
import UV

/// The pid in the file of a lock is for messages: a disk that does not take it takes no lock away.
struct LockPIDTests {
  /// What root would write through, or wait for.
  @Test func aLinkOrAFIFOInThePlaceOfTheFileIsRefused() throws {
    let directory = try TemporaryDirectory()
    let victim = directory.file("victim")
    try Files.createNew(victim, mode: 0o600, contents: Array("precious".utf8))
    try #require(symlink(victim, directory.file("symbolic")) == 0)
    try #require(link(victim, directory.file("hard")) == 0)
    try #require(symlink(directory.file("none"), directory.file("dangling")) == 0)
    try #require(mkfifo(directory.file("fifo"), 0o600) == 0)
    for name in ["symbolic", "hard", "dangling", "fifo"] {
      #expect(throws: LockFile.Failure.self, "\(name)") {
        try LockFile.acquire(directory.file(name))
      }
    }
    #expect(try Files.read(victim, limit: 100) == Array("precious".utf8))
    #expect(access(directory.file("none"), F_OK) != 0)
  }

  @Test(.enabled(if: access("/dev/full", W_OK) == 0))
  func aPIDThatCannotBeWrittenLeavesTheLock() throws {
    let lock = try LockFile.acquire("/dev/full")
    defer { lock.release() }
    #expect(lock.unwritten?.operation == "write")
    #expect(throws: LockFile.Failure.self) { try LockFile.acquire("/dev/full") }
  }

  @Test func aPIDIsWrittenAgainOnceTheDiskTakesIt() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("lock")
    let lock = try LockFile.acquire(path)
    defer { lock.release() }
    #expect(lock.unwritten == nil)
    #expect(truncate(path, 0) == 0)
    lock.writePID(path)
    #expect(try Files.read(path, limit: 32) == Array("\(getpid())\n".utf8))
  }
}
