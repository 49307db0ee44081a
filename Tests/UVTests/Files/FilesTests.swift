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
    #expect(try File.statusNow(path).isDirectory)
    #expect(try Files.mode(of: path) == 0o700)
  }

  @Test func aFileInTheWayOfADirectoryIsNamed() throws {
    let path = directory.file("x")
    try Files.createNew(path, mode: 0o600, contents: [])
    #expect {
      try Files.createDirectories(path + "/y", mode: 0o700)
    } throws: { error in
      (error as? UVError)?.name == "ENOTDIR" && (error as? UVError)?.subject == path
    }
  }

  @Test func createNewNeverOverwrites() throws {
    let path = directory.file("key")
    try Files.createNew(path, mode: 0o600, contents: Array("k".utf8))
    #expect {
      try Files.createNew(path, mode: 0o600, contents: [])
    } throws: {
      ($0 as? UVError)?.name == "EEXIST"
    }
    #expect(try Files.read(path, limit: 1) == Array("k".utf8))
    #expect(try Files.mode(of: path) == 0o600)
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
}
