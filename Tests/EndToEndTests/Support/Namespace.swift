import Foundation
import Glibc

/// A process id namespace of its own, in which what is started is the first process, as in a
/// container.
enum Namespace {
  /// The words in front of a command that is to run in one; nil where the kernel refuses.
  static let runner: [String]? = {
    let words =
      ["/usr/bin/unshare"] + (geteuid() == 0 ? [] : ["--user", "--map-root-user"])
      + ["--pid", "--fork", "--mount-proc", "--kill-child"]
    let process = Foundation.Process()
    process.executableURL = URL(fileURLWithPath: words[0])
    process.arguments = words.dropFirst() + ["/bin/true"]
    process.standardError = FileHandle.nullDevice
    do {
      try process.run()
    } catch {
      return nil
    }
    process.waitUntilExit()
    return process.terminationStatus == 0 ? words : nil
  }()
}
