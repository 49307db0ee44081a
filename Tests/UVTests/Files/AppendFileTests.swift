import Glibc
import TestSupport
import Testing
import UV

struct AppendFileTests {
  let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }

  @Test func recordsAreAppendedAndReplaced() throws {
    let path = directory.file("state")
    let file = try AppendFile(path: path, mode: 0o600)
    try file.append([1, 2])
    try file.append([3])
    #expect(try Files.read(path, limit: 10) == [1, 2, 3])
    try file.replaceContents([9])
    try file.append([8])
    #expect(try Files.read(path, limit: 10) == [9, 8])
    #expect(directory.names == ["state"])
    #expect(try Files.mode(of: path) == 0o600)
    file.close()
    #expect(throws: UVError(code: -EBADF, operation: "look at", subject: path)) {
      try file.append([1])
    }
    let again = try AppendFile(path: path, mode: 0o600)
    try again.append([7])
    #expect(try Files.read(path, limit: 10) == [9, 8, 7])
    again.close()
  }

  @Test func aRecordThatDoesNotFitLeavesNoHalf() async {
    await #expect(processExitsWith: .success) {
      let directory = try TemporaryDirectory()
      let path = directory.file("state")
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 100, rlim_max: 100)
      try #require(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
      let file = try AppendFile(path: path, mode: 0o600)
      try file.append([UInt8](repeating: 1, count: 60))
      #expect {
        try file.append([UInt8](repeating: 2, count: 60))
      } throws: {
        ($0 as? UVError)?.name == "EFBIG"
      }
      #expect(try Files.read(path, limit: 1000) == [UInt8](repeating: 1, count: 60))
      #expect(throws: UVError.self) {
        try file.replaceContents([UInt8](repeating: 3, count: 200))
      }
      #expect(try Files.read(path, limit: 1000) == [UInt8](repeating: 1, count: 60))
      #expect(directory.names == ["state"])
      file.close()
    }
  }
}
