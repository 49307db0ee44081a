import Glibc
import TestSupport
import Testing
import UV

/// The pid in the file of a lock is for messages: a disk that does not take it takes no lock away.
struct LockPIDTests {
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
