import CLinux
import Glibc

/// The process itself and the system under it.
package enum SystemProcess {
  /// The id of this process.
  package static var ownPID: Int32 { getpid() }

  /// Whether this process may do everything: its effective user is root.
  package static var isRoot: Bool { geteuid() == 0 }

  /// The number of the user that this process acts as.
  package static var userID: UInt32 { geteuid() }

  /// The number of the group that this process acts as.
  package static var groupID: UInt32 { getegid() }

  /// Has orphans of children come to this process instead of init (`PR_SET_CHILD_SUBREAPER`).
  package static func becomeSubreaper() throws(UVError) {
    try UVError.system("become a child subreaper") { exeio_become_subreaper() }
  }

  /// Lets every signal in. The mask is inherited through `exec`, and a program that starts a daemon
  /// from a thread of its own may have blocked them all: then `SIGTERM` would go unheard.
  package static func unblockSignals() {
    let result = exeio_unblock_signals()
    precondition(result == 0, "an empty mask is always taken")
  }

  /// Gives free memory back to the system, wherever it lies in the heap (`malloc_trim(3)`). It
  /// takes about a millisecond for ten megabytes.
  package static func trimHeap() {
    malloc_trim(0)
  }

  /// Has the heap keep what is free until ``trimHeap()`` (`mallopt(3)`).
  ///
  /// By itself glibc gives it back from 128 KiB on, and takes more than that from the system each
  /// time, until something as large as a threshold was freed: then it raises both, up to these
  /// values. Until then each large answer takes its pages from the system, which clears them, and
  /// gives them back.
  ///
  /// All threads share one arena: of another one `malloc_trim(3)` does not give back what is free
  /// at its end, and each thread of the pool would keep the most that it has ever used.
  package static func keepFreeHeap() {
    mallopt(M_ARENA_MAX, 1)
    mallopt(M_MMAP_THRESHOLD, 32 << 20)
    mallopt(M_TRIM_THRESHOLD, 64 << 20)
  }

  /// Has a write to a closed pipe or socket fail with `EPIPE` instead of ending the process.
  /// Children get the default back from libuv.
  package static func ignoreBrokenPipes() {
    Glibc.signal(SIGPIPE, SIG_IGN)
  }

  /// Has a write to a file that may not grow further (`ulimit -f`) fail with `EFBIG` instead of
  /// ending the process. To be called before any file is written. Children get the default back
  /// from libuv.
  package static func ignoreFileSizeSignal() {
    Glibc.signal(SIGXFSZ, SIG_IGN)
  }

  /// Has signals that are not sent to a supervisor on purpose do nothing: by default they would end
  /// it, and leave its children alone. Children get the defaults back from libuv.
  package static func ignoreUnhandledSignals() {
    for signal in [SIGUSR2, SIGALRM] { Glibc.signal(signal, SIG_IGN) }
  }

  /// Has what this process was started with, beyond the three standard descriptors, closed in its
  /// children (`close_range` with `CLOSE_RANGE_CLOEXEC`). A kernel before 5.11 cannot: `EINVAL`.
  package static func keepDescriptorsFromChildren() throws(UVError) {
    try UVError.system("mark descriptors close-on-exec") {
      close_range(3, UInt32.max, Int32(CLOSE_RANGE_CLOEXEC))
    }
  }

  /// The environment, as it is; of a name that stands there twice, the first, as `getenv` has it.
  package static var variables: [SystemString: SystemString] {
    var variables: [SystemString: SystemString] = [:]
    var next = exeio_environment()
    while let entry = next?.pointee {
      next = next?.advanced(by: 1)
      let bytes = SystemString(entry).bytes
      guard let separator = bytes.firstIndex(of: UInt8(ascii: "=")) else { continue }
      let name = SystemString(bytes: Array(bytes[..<separator]))
      if variables[name] == nil {
        variables[name] = SystemString(bytes: Array(bytes[(separator + 1)...]))
      }
    }
    return variables
  }

  /// The variables that are for this process; a value that is not UTF-8 as a path holds it.
  package static var environment: [String: String] {
    var environment: [String: String] = [:]
    for (name, value) in variables {
      if let name = name.text { environment[name] = String(system: value.bytes) }
    }
    return environment
  }

  /// The command line, the program's name included; what is not UTF-8 as a path holds it. Swift
  /// takes it from `/proc/self/cmdline`: where that is not mounted there is nothing, not even the
  /// name.
  package static var arguments: [String] {
    (0..<Int(CommandLine.argc)).compactMap { index in
      CommandLine.unsafeArgv[index].map { String(systemC: $0) }
    }
  }

  /// The working directory; nil when it has been removed.
  package static var currentDirectory: String? {
    guard let path = getcwd(nil, 0) else { return nil }
    defer { free(path) }
    return String(systemC: path)
  }

  /// Ends this process without what is done at an exit (`_exit(2)`): no thread is waited for.
  package static func endAtOnce(_ code: Int32) -> Never { _exit(code) }

  /// Bytes that an attacker cannot guess (`getrandom`).
  package static func randomBytes(_ count: Int) throws(UVError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      filled += try UVError.system("get random bytes") {
        bytes.withUnsafeMutableBytes { all in
          let rest = UnsafeMutableRawBufferPointer(rebasing: all[filled...])
          return getrandom(rest.baseAddress, rest.count, 0)
        }
      }
    }
    return bytes
  }
}
