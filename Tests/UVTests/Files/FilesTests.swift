import Glibc
import TestSupport
import Testing
import UV

struct FilesTests {
  let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }

  @Test func directoriesAreMadeAllTheWayAndMayBeThereAlready() throws {
    let path = directory.file("a/b/c")
    try Files.createDirectories(path, mode: 0o700)
    try Files.createDirectories(path, mode: 0o700)
    #expect(try Files.status(of: path).isDirectory)
    #expect(try Files.status(of: path).mode == 0o700)
  }

  @Test func aFileInTheWayOfADirectoryIsNamed() throws {
    let path = directory.file("x")
    try Files.createNew(path, mode: 0o600, contents: [])
    #expect {
      try Files.createDirectories(path + "/y", mode: 0o700)
    } throws: { error in
      (error as? UVError)?.code == .notDirectory && (error as? UVError)?.subject == path
    }
  }

  @Test func createNewNeverOverwrites() throws {
    let path = directory.file("key")
    try Files.createNew(path, mode: 0o600, contents: Array("k".utf8))
    #expect {
      try Files.createNew(path, mode: 0o600, contents: [])
    } throws: {
      ($0 as? UVError)?.code == .fileExists
    }
    #expect(try Files.read(path, limit: 1) == Array("k".utf8))
    #expect(try Files.status(of: path).mode == 0o600)
  }

  @Test func readRefusesWhatIsOverTheLimit() throws {
    let path = directory.file("big")
    let contents = [UInt8](repeating: 65, count: 200_000)
    try Files.createNew(path, mode: 0o600, contents: contents)
    #expect(try Files.read(path, limit: 200_000) == contents)
    #expect {
      try Files.read(path, limit: 199_999)
    } throws: {
      ($0 as? UVError)?.name == "EFBIG"
    }
    try Files.remove(path)
    #expect(throws: UVError.self) { try Files.read(path, limit: 1) }
    #expect(throws: UVError.self) { try Files.remove(path) }
  }

  /// No process has the other end of the FIFO: a call that opens it as a plain file waits for ever.
  @Test(.timeLimit(.minutes(1)))
  func whatIsNoRegularFileIsNeitherReadNorWaitedFor() throws {
    let fifo = directory.file("fifo")
    #expect(mkfifo(fifo, 0o600) == 0)
    for (path, kind) in [
      (fifo, "a FIFO"), (directory.path, "a directory"), ("/dev/zero", "a device"),
    ] {
      let file = try Files.readRegular(path, limit: 10)
      #expect(file.bytes.isEmpty && !file.status.isRegular)
      #expect(file.status.kind == kind)
    }
  }

  @Test func aRegularFileIsReadAndItsStatusTellsAChange() throws {
    let path = directory.file("f")
    try Files.createNew(path, mode: 0o640, contents: [1, 2])
    let file = try Files.readRegular(path, limit: 2)
    #expect(file.bytes == [1, 2])
    #expect(file.status == (try Files.status(of: path)))
    #expect(file.status.isRegular && file.status.mode == 0o640 && file.status.owner == geteuid())
    // The clock of a file system may tick only every few milliseconds.
    repeat {
      #expect(chmod(path, 0o640) == 0)
    } while try Files.status(of: path).changed == file.status.changed
    #expect(file.status != (try Files.status(of: path)))
    #expect(throws: UVError(code: -EFBIG, operation: "read", subject: path)) {
      try Files.readRegular(path, limit: 1)
    }
  }
}
