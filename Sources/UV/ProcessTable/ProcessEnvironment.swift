import CLinux
import Glibc

/// What can be told at this moment of a variable in the environment of a process.
///
/// "It has none" is an answer of its own, and every caller has to keep it apart from "this cannot
/// be told now": a process in the middle of `execve(2)` shows an empty environment for a moment,
/// one that is exiting has none any more while it is still there, and a read may fail because
/// descriptors or memory are short.
package enum VariableReading: Hashable, Sendable {
  /// The process was started with this value.
  case value(String)
  /// The whole environment was read, and the variable is not in it. A thread of the kernel has
  /// none, either.
  case absent
  /// The system does not let this process read it, or cannot: another user's, a program that must
  /// not be read (`setuid`, file capabilities), an environment that is no memory any more. To look
  /// again does not help.
  case unreadable
  /// The process has ended; there is at most a zombie.
  case ended
  /// It cannot be told now, and can be later.
  case unknown

  /// The value, where there is one.
  package var text: String? {
    if case .value(let text) = self { text } else { nil }
  }

  /// Whether the answer stays the same for as long as the process lives.
  package var isFinal: Bool {
    switch self {
    case .value, .absent, .ended: true
    case .unreadable, .unknown: false
    }
  }
}

extension ProcessTable {
  /// The value of a variable in the environment that a process was started with
  /// (`/proc/PID/environ`).
  package static func variable(_ name: String, of pid: Int32) -> VariableReading {
    let reading = variable(name, in: "/proc/\(pid)")
    guard reading == .unknown else { return reading }
    // A process whose first thread has ended shows its environment by the others alone.
    guard let image = try? ProcessImage(directory: "/proc/\(pid)"), image.isFirstThreadGone,
      // What cannot be listed now can be later: it stays unknown.
      let threads = try? Files.directoryNames(in: "/proc/\(pid)/task")
    else { return reading }
    for thread in threads where thread != "\(pid)" {
      let reading = variable(name, in: "/proc/\(pid)/task/\(thread)")
      // A thread may end while this looks, and the process live on.
      if reading != .unknown, reading != .ended { return reading }
    }
    return .unknown
  }

  /// Whether a process is on its way out, and has no other thread. It has no memory any more, or is
  /// about to give it back, and executes no code of its own.
  package static func isExiting(_ pid: Int32) -> Bool {
    // What cannot be looked at now may be anything.
    (try? ProcessImage(directory: "/proc/\(pid)"))?.isExiting ?? false
  }

  /// - Parameter directory: of a process, or of a thread.
  private static func variable(_ name: String, in directory: String) -> VariableReading {
    // What was there before and is there after the read was there all the time. So was an
    // environment then that could not be read whole: the process has taken the right to read it
    // away (`mprotect(2)`).
    let before = try? ProcessImage(directory: directory)
    let reading = variable(name, in: directory, before: nil)
    guard reading == .unknown, let before, before.environment != nil else { return reading }
    return variable(name, in: directory, before: before)
  }

  /// - Parameter before: what it was before the last read, which was short; nil at the first read.
  private static func variable(
    _ name: String, in directory: String, before: ProcessImage?
  ) -> VariableReading {
    var failure: UVError?
    var length = 0
    do throws(UVError) {
      try ExecGate.pass(directory)
      // An environment may take three quarters of 8 MiB, whatever the limit of the stack
      // (execve(2)).
      let bytes = try Files.read("\(directory)/environ", limit: 8 << 20)
      let prefix = Array("\(name)=".utf8)
      for line in bytes.split(separator: 0) where line.starts(with: prefix) {
        return .value(String(decoding: line.dropFirst(prefix.count), as: UTF8.self))
      }
      length = bytes.count
    } catch {
      failure = error
    }
    return reading(directory, length: length, before: before, failure)
  }

  /// What it means that a variable was not found. The answer is in what the kernel says of the
  /// process *after* the read: where its environment lies. Between the exchange of the memory and
  /// the new environment an `execve` has it lie nowhere, and what was read of the old memory may
  /// have been cut off.
  private static func reading(
    _ directory: String, length: Int, before: ProcessImage?, _ failure: UVError?
  ) -> VariableReading {
    let image: ProcessImage
    do throws(UVError) {
      guard let found = try ProcessImage(directory: directory) else { return .ended }
      image = found
    } catch {
      return .unknown
    }
    if image.hasEnded { return .ended }
    if image.isOfKernel { return .absent }
    switch failure.map({ -$0.code.rawValue }) {
    case EACCES, EPERM, EIO, EFAULT, EFBIG: return .unreadable
    // It has no memory: it is exiting, or its first thread has ended. From Linux 6.16 on the kernel
    // says so.
    case ESRCH, ENOENT: return .unknown
    case nil: break
    // EMFILE, ENFILE, ENOMEM and the like.
    default: return .unknown
    }
    guard tellsEnvironments else { return .absent }
    if image.environment?.count == length { return .absent }
    return before != nil && image.environment == before?.environment ? .unreadable : .unknown
  }

  /// Whether the kernel tells where environments lie. Linux does since 3.5; what imitates it may
  /// not, and then an empty environment cannot be told from one that is about to be there.
  private static let tellsEnvironments: Bool = {
    // Nothing keeps a process from its own record but the lack of a descriptor, which can be for a
    // moment only.
    guard let own = try? ProcessImage(directory: "/proc/self") else { return true }
    return own.environment != nil
  }()
}

/// What `/proc/PID/stat` says of the memory that a process executes in (proc(5)).
struct ProcessImage: Equatable {
  /// A zombie, or past that.
  let hasEnded: Bool
  /// Its first thread has ended, and others have not.
  let isFirstThreadGone: Bool
  /// A thread of the kernel (`PF_KTHREAD`).
  let isOfKernel: Bool
  /// This thread is exiting (`PF_EXITING`).
  let isThreadExiting: Bool
  /// It is exiting, with its last thread.
  let isExiting: Bool
  /// Where the environment lies; nil while it has none because an `execve` is under way or the
  /// memory is gone, and where the kernel does not tell.
  let environment: Range<UInt>?

  /// Reads it.
  ///
  /// - Parameter directory: of a process or a thread.
  /// - Returns: nil if there is no such process.
  init?(directory: String) throws(UVError) {
    try ExecGate.pass(directory)
    let image = try Files.readBeginning(of: "\(directory)/stat") { ProcessImage(contents: $0) }
    guard let image else { return nil }
    self = image
  }

  /// Reads the contents of such a file.
  init?(contents: UnsafeRawBufferPointer) {
    guard let nameEnd = contents.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    var fields = NumberScanner(contents, from: nameEnd + 1)
    guard let state = fields.letter() else { return nil }
    // From field 9 on.
    fields.skip(5)
    guard let flags = fields.number() else { return nil }
    fields.skip(10)
    guard let threads = fields.number() else { return nil }
    let isZombie = state == UInt8(ascii: "Z")
    hasEnded =
      isZombie && threads <= 1 || state == UInt8(ascii: "X") || state == UInt8(ascii: "x")
    isFirstThreadGone = isZombie && threads > 1
    isOfKernel = flags & 0x0020_0000 != 0
    isThreadExiting = flags & 0x4 != 0
    isExiting = isThreadExiting && threads <= 1
    // Field 26, and 50 and 51. An `execve` lays the environment first (which is empty for a
    // moment), and says where the code begins when all else is done.
    fields.skip(5)
    let code = fields.number() ?? 0
    fields.skip(23)
    guard code > 0, let start = fields.number(), let end = fields.number(), end > 0, end >= start
    else {
      environment = nil
      return
    }
    environment = UInt(start)..<UInt(end)
  }
}
