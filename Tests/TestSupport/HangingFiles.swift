import Foundation
import Glibc
import UV

/// A file system that shows a directory of its own, and in which operations hang from the moment a
/// test says so.
///
/// It is served by a process (`hanging-files` of the test helper), which is killed at the end: what
/// hangs then fails, so that nothing of it outlives the test.
package final class HangingFiles {
  /// What can hang.
  package enum Operation: String, CaseIterable, Sendable {
    /// Opening what is there, to execute it too.
    case open
    /// Making a file, a directory, a link or a socket.
    case create
    case read
    case write
    /// `fsync(2)` of a file.
    case sync = "fsync"
    /// `fsync(2)` of a directory.
    case syncDirectory = "fsyncdir"
    case rename
    case unlink
    /// Looking at a file or for a name.
    case stat
    /// `chdir(2)` to a directory, and `access(2)`.
    case chdir
    /// Opening a program to execute it.
    case exec
    case close
    case readdir
    /// Changing the mode, the owner or the size.
    case setattr
  }

  /// Where it is mounted.
  package let path: String
  private let directory: TemporaryDirectory
  /// Where it is mounted, unless a test has said where.
  private let place: TemporaryDirectory?
  private let process = Foundation.Process()
  private let orders = Pipe()
  private let answers = Pipe()
  private var lines: [String] = []
  private var rest: [UInt8] = []

  /// What was waited for did not come.
  package struct NeverCame: Error, CustomStringConvertible {
    package let description: String
  }

  /// Whether such a file system can be mounted here.
  package static let isPossible: Bool = {
    geteuid() == 0 && (try? HangingFiles()) != nil
  }()

  /// Mounts one.
  ///
  /// - Parameter path: an empty directory; nil: one of its own, which every user may enter.
  package init(at path: String? = nil) throws {
    place = path == nil ? try TemporaryDirectory() : nil
    if let place { chmod(place.path, 0o755) }
    let path = path ?? place?.path ?? ""
    self.path = path
    directory = try TemporaryDirectory()
    chmod(directory.path, 0o755)
    process.executableURL = URL(fileURLWithPath: TestPrograms.helper)
    process.arguments = ["hanging-files", directory.path, path]
    process.standardInput = orders
    process.standardOutput = answers
    try process.run()
    _ = try line("ready")
  }

  deinit { end() }

  /// The same files beside the mount, where nothing hangs.
  package var behind: String { directory.path }

  /// From now on these operations hang.
  package func hang(_ operations: Operation...) throws {
    try order("hang \(operations.map(\.rawValue).joined(separator: " "))")
  }

  /// Nothing hangs any more.
  package func goOn() throws { try order("go") }

  /// A process that gets a signal while it hangs gets `EINTR`, as on NFS; without it, it cannot
  /// even be killed.
  package func beInterruptible() throws { try order("interruptible") }

  /// Waits until an operation hangs.
  package func waitUntilHeld(_ operation: Operation) throws {
    _ = try line("held \(operation.rawValue)")
  }

  /// Kills the server and unmounts: what hangs fails.
  package func end() {
    guard process.isRunning else { return }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    umount2(path, Int32(MNT_DETACH))
    // A fork server of another test has its copies of what is open there, and could not end before.
    // What waits for exit tests sees its zombie first, and no other child.
    var tries = 0
    while !ForkServer.reapLeft(), tries < 5_000 {
      tries += 1
      usleep(1000)
    }
  }

  private func order(_ line: String) throws {
    try orders.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
    _ = try self.line("done")
  }

  /// Waits for a line, and leaves the others.
  private func line(_ wanted: String) throws -> String {
    while true {
      if let index = lines.firstIndex(of: wanted) { return lines.remove(at: index) }
      var entry = pollfd(
        fd: answers.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
      let count = poll(&entry, 1, 60_000)
      // Another test's child may have ended meanwhile, which libuv has a handler for.
      if count < 0, errno == EINTR { continue }
      guard count == 1 else {
        throw NeverCame(description: "no '\(wanted)' from the file system; it said \(lines)")
      }
      let data = answers.fileHandleForReading.availableData
      guard !data.isEmpty else {
        throw NeverCame(description: "the file system has ended; it said \(lines)")
      }
      rest += data
      while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        lines.append(String(decoding: rest[..<end], as: UTF8.self))
        rest.removeSubrange(...end)
      }
    }
  }
}
