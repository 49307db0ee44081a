import Glibc
import TestSupport
import Testing
import UV

struct LockFileTests {
  let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }

  @Test func theSecondOneLearnsWhoHasTheLock() throws {
    let path = directory.file("lock")
    let lock = try LockFile.acquire(path)
    #expect(throws: LockFile.Failure.heldBy(pid: SystemProcess.ownPID)) {
      try LockFile.acquire(path)
    }
    lock.release()
    lock.release()
    #expect(directory.names == ["lock"])
    let again = try LockFile.acquire(path)
    again.release()
  }

  @Test func aFileThatADeadProcessLeftDoesNotBlock() throws {
    let path = directory.file("lock")
    try Files.createNew(path, mode: 0o600, contents: Array("999999999\nand more\n".utf8))
    let lock = try LockFile.acquire(path)
    #expect(try Files.read(path, limit: 100) == Array("\(SystemProcess.ownPID)\n".utf8))
    lock.release()
  }

  @Test func aChildDoesNotKeepTheLock() throws {
    let path = directory.file("lock")
    try withScheduler { loop, scheduler in
      let lock = try LockFile.acquire(path)
      let scene = try Scene("cat", on: loop, scheduler)
      lock.release()
      try LockFile.acquire(path).release()
      scene.child.input.closeWhenDrained()
      try runLoop(loop) { scene.isOver }
      scene.child.close()
    }
  }

  @Test func aDirectoryThatIsNotThereIsAnErrorOfTheSystem() throws {
    let path = directory.file("none/lock")
    #expect(
      throws: LockFile.Failure.system(UVError(code: -ENOENT, operation: "open", subject: path))
    ) {
      try LockFile.acquire(path)
    }
  }
}
