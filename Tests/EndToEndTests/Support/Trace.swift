import Foundation
import Glibc
import Testing

/// The system calls of one thread that may have to do with files, as strace(1) shows them.
final class Trace {
  /// Those that take a path, or a descriptor that may be a file's.
  private static let traced =
    "%file,read,pread64,readv,write,pwrite64,writev,close,fsync,fdatasync,ftruncate,getdents64,flock,fstat,fchmod,"
    + "fchown,bind,connect,sendfile,copy_file_range,mmap"

  /// Whether strace can be attached to a process that it has not started.
  static var isPossible: Bool {
    // Another user's tracer needs privileges for a process that it has not started (ptrace(2)).
    guard geteuid() == 0, let strace = Installed.path(of: "strace") else { return false }
    return (try? ShortRun.error(of: strace, ["-o", "/dev/null", "true"]))?.code == 0
  }

  private let process = Foundation.Process()
  private let file: String

  init(_ thread: Int32, _ file: String) throws {
    self.file = file
    process.executableURL = URL(fileURLWithPath: try #require(Installed.path(of: "strace")))
    process.arguments = [
      "-y", "-s", "400", "-o", file, "-e", "trace=\(Self.traced)", "-p", "\(thread)",
    ]
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    var said = ""
    while !said.contains("attached") {
      let data = errors.fileHandleForReading.availableData
      try #require(!data.isEmpty, "strace has ended: \(said)")
      said += String(decoding: data, as: UTF8.self)
    }
  }

  /// Ends it, and gives its lines.
  func end() throws -> [Substring] {
    // The thread that has started it may block all other signals.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    return try String(decoding: Data(contentsOf: URL(fileURLWithPath: file)), as: UTF8.self)
      .split(separator: "\n")
  }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
}
