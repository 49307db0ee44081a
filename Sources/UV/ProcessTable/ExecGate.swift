import Glibc

/// Keeps this thread from waiting for a process that hangs in an `execve(2)`.
///
/// While the kernel exchanges the memory of a process, it holds a lock that reading `stat`,
/// `environ` and more of `/proc/PID` waits for; a program on a file system that does not answer
/// keeps it there for as long as it likes. What can be read all the time is `statm`: a process that
/// has memory, and no code in it yet, is in the middle of that.
enum ExecGate {
  /// Throws `EAGAIN` where a process, or a thread, cannot be read now because it is in the middle
  /// of an `execve`.
  ///
  /// - Parameter directory: its directory in `/proc`.
  static func pass(_ directory: String) throws(UVError) {
    guard tellsCode, isInExec("\(directory)/statm") == true else { return }
    throw UVError(code: -EAGAIN, operation: "read", subject: "\(directory)/stat")
  }

  /// Nil where the file cannot be read: the process has gone.
  private static func isInExec(_ path: String) -> Bool? {
    Files.withBeginning(of: path) { contents in
      // proc_pid_statm(5): all pages, those in memory, those of files, those of the code. Without
      // memory it is a zombie or a thread of the kernel.
      var fields = NumberScanner(contents)
      guard let all = fields.number(), fields.number() != nil, fields.number() != nil,
        let code = fields.number()
      else { return nil }
      return all > 0 && code == 0
    }
  }

  /// Whether the kernel says how large the code of a process is; what imitates Linux may not.
  private static let tellsCode = isInExec("/proc/self/statm") == false
}
