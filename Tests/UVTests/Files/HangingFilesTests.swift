import Glibc
import Synchronization
import TestSupport
import Testing
import UV

/// The file system that the tests of hung disks stand on.
@Suite(.enabled(if: HangingFiles.isPossible, "a file system of fuse(4) cannot be mounted here"))
struct HangingFilesTests {
  private static let calls: [(HangingFiles.Operation, @Sendable (String) -> Int32)] = [
    (.open, { open("\($0)/file", O_RDONLY) }),
    (.create, { open("\($0)/new", O_WRONLY | O_CREAT, 0o600) }),
    (
      .read,
      {
        var byte: UInt8 = 0
        return Int32(pread(open("\($0)/file", O_RDONLY), &byte, 1, 0))
      }
    ),
    (.write, { Int32(write(open("\($0)/file", O_WRONLY), "x", 1)) }),
    (.sync, { fsync(open("\($0)/file", O_WRONLY)) }),
    (.syncDirectory, { fsync(open($0, O_RDONLY | O_DIRECTORY)) }),
    (.rename, { rename("\($0)/file", "\($0)/other") }),
    (.unlink, { unlink("\($0)/file") }),
    (.stat, { access("\($0)/file", F_OK) }),
    (.chdir, { access($0, X_OK) }),
    (.close, { close(open("\($0)/file", O_RDONLY)) }),
    (
      .readdir,
      { path in
        guard let directory = opendir(path) else { return -1 }
        defer { closedir(directory) }
        return readdir(directory) == nil ? -1 : 0
      }
    ),
    (.setattr, { chmod("\($0)/file", 0o600) }),
  ]

  @Test func eachOperationHangsUntilItGoesOn() throws {
    for (operation, call) in Self.calls {
      let place = try TemporaryDirectory()
      let files = try HangingFiles(at: place.path)
      let path = files.path
      try Files.createNew("\(files.behind)/file", mode: 0o644, contents: [1, 2, 3])
      try withLoop { loop in
        var result: Int32?
        try files.hang(operation)
        PoolWork.run(on: loop, .ownFiles(directory: path)) {
          call(path)
        } then: {
          result = $0
        }
        try files.waitUntilHeld(operation)
        loop.run(.noWait)
        #expect(result == nil)
        try files.goOn()
        try runLoop(loop) { result != nil }
        #expect(try #require(result) >= 0, "\(operation)")
      }
    }
  }

  @Test func theEndOfTheServerReleasesWhatHangs() throws {
    let place = try TemporaryDirectory()
    let files = try HangingFiles(at: place.path)
    let path = files.path
    try withLoop { loop in
      try files.hang(.stat)
      var result: Int32?
      PoolWork.run(on: loop, .ownFiles(directory: path)) {
        access("\(path)/file", F_OK) == 0 ? 0 : errno
      } then: {
        result = $0
      }
      try files.waitUntilHeld(.stat)
      files.end()
      try runLoop(loop) { result != nil }
      // What was read by the server, and what was not.
      #expect(result == ECONNABORTED || result == ENOTCONN)
    }
  }
}
