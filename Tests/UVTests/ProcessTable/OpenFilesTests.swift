import Glibc
import TestSupport
import Testing
import UV

struct OpenFilesTests {
  /// Another daemon with its logs there keeps no other from being started.
  @Test(.enabled(if: HangingFiles.isPossible, "a file system of fuse(4) cannot be mounted here"))
  func aFileSystemWhoseServerIsGoneIsPassedOver() throws {
    let place = try TemporaryDirectory()
    let files = try HangingFiles(at: place.path)
    let descriptor = open("\(files.path)/file", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    let other = try TemporaryDirectory()
    let own = open(other.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(own) }
    files.end()
    let status = try Files.status(of: other.path)
    let found = try ProcessTable.openFiles(of: getpid())
    #expect(found.contains { $0.isSame(as: status) })
  }
}
