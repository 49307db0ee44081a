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

  /// A child between its fork and its command has copies of all descriptors: here, a duplicate
  /// stands for one.
  @Test(arguments: [false, true])
  func aCopyOfTheDescriptorDoesNotKeepTheLock(ofDirectory: Bool) throws {
    let path = ofDirectory ? directory.path : directory.file("lock")
    let acquire = {
      ofDirectory ? try LockFile.acquire(directory: path) : try LockFile.acquire(path)
    }
    let lock = try acquire()
    let descriptor = try #require(
      (3..<1024).first { number in
        var target = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/fd/\(number)", &target, target.count)
        return count > 0 && target.prefix(count).elementsEqual(path.utf8CString.dropLast())
      })
    let copy = dup(Int32(descriptor))
    defer { close(copy) }
    #expect(throws: LockFile.Failure.self) { try acquire() }
    lock.release()
    try acquire().release()
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
