import Glibc
import TestSupport
import Testing
import UV

struct AppendFileTests {
  let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }

  @Test func recordsAreAppendedAndReplaced() throws {
    let path = directory.file("state")
    var file = try AppendFile(path: path, mode: 0o600)
    try file.append([1, 2])
    try file.append([3])
    #expect(try Files.read(path, limit: 10) == [1, 2, 3])
    try file.replaceContents([9])
    try file.append([8])
    #expect(try Files.read(path, limit: 10) == [9, 8])
    #expect(directory.names == ["state"])
    #expect(try Files.status(of: path).mode == 0o600)
    file.close()
    #expect(throws: UVError(code: -EBADF, operation: "write", subject: path)) {
      try file.append([1])
    }
    var again = try AppendFile(path: path, mode: 0o600)
    try again.append([7])
    #expect(try Files.read(path, limit: 10) == [9, 8, 7])
    again.close()
  }

  /// What cleaners, editors and people do to a file that is in use.
  @Test(arguments: [
    "rm state", "mv state other", "cp state other; mv other state", ": > state",
    "echo more >> state", "rm state; mkdir state", "rm state; ln -s other state",
  ])
  func aFileThatSomebodyElseHasAHandInIsNotIntact(script: String) throws {
    let path = directory.file("state")
    var file = try AppendFile(path: path, mode: 0o600, contents: [1])
    #expect(file.isIntact)
    try file.append([2, 3])
    #expect(file.isIntact)
    _ = try outputOf(shell: "cd '\(directory.path)'; \(script)")
    #expect(!file.isIntact)
    if script.contains("mkdir") {
      #expect(throws: UVError(code: -EISDIR, operation: "rename", subject: "\(path).tmp")) {
        try file.replaceContents([4])
      }
    } else {
      try file.replaceContents([4])
      #expect(file.isIntact)
      #expect(try Files.read(path, limit: 10) == [4])
    }
    file.close()
  }

  @Test func aRecordThatDoesNotFitLeavesNoHalf() async {
    await #expect(processExitsWith: .success) {
      let directory = try TemporaryDirectory()
      let path = directory.file("state")
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 100, rlim_max: 100)
      try #require(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
      var file = try AppendFile(path: path, mode: 0o600)
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
