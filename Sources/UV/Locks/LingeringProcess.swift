import CAres
import CLibUV
import CLinux
import Glibc

/// A process that was killed and does not end: one of its threads waits in the kernel for a file
/// system that does not answer, and no signal ends that (FUSE once its server has read the request,
/// a frozen file system). It executes nothing any more, and keeps what it has open: locks, and
/// sockets that listen.
///
/// What it keeps is taken from it by a copy of the descriptor (`pidfd_getfd(2)`) of the thread that
/// hangs, for which a pidfd can stand since Linux 6.9 (`PIDFD_THREAD` of pidfd_open(2)); it takes
/// the right to trace that process. Otherwise it keeps all, and so does one that hangs while the
/// kernel closes its files.
package struct LingeringProcess {
  private let pid: Int32
  /// One of the threads that have not ended.
  private let thread: Int32

  /// What is known of a thread.
  private enum ThreadState {
    case ended
    /// It will execute nothing any more.
    case killed
    /// Perhaps it will.
    case alive
  }

  /// - Returns: nil if there is no such process, or it may execute something.
  private init?(_ pid: Int32) {
    // What cannot be read now is not known to linger.
    guard let names = try? Files.directoryNames(in: "/proc/\(pid)/task") else { return nil }
    var hung: Int32?
    for thread in names.compactMap({ Int32($0) }) {
      switch Self.state(of: "/proc/\(pid)/task/\(thread)") {
      case .ended: continue
      case .killed: hung = thread
      case .alive: return nil
      }
    }
    guard let hung else { return nil }
    (self.pid, thread) = (pid, hung)
  }

  /// Whether a process was killed and does not end.
  package static func isLingering(_ pid: Int32) -> Bool { LingeringProcess(pid) != nil }

  private static func state(of directory: String) -> ThreadState {
    do throws(UVError) {
      let status = try Files.read("\(directory)/status", limit: 64 << 10)
      var fields: [Substring: Substring] = [:]
      for line in String(decoding: status, as: UTF8.self).split(separator: "\n") {
        let parts = line.split(separator: "\t", maxSplits: 1)
        if parts.count == 2 { fields[parts[0]] = parts[1] }
      }
      guard let state = fields["State:"]?.first,
        let pending = fields["SigPnd:"].flatMap({ UInt64($0, radix: 16) })
      else { return .alive }
      if state == "Z" || state == "X" { return .ended }
      if pending >> UInt64(SIGKILL - 1) & 1 == 1 { return .killed }
      // The kernel takes it down.
      guard let image = try ProcessImage(directory: directory) else { return .ended }
      return image.isThreadExiting ? .killed : .alive
    } catch {
      return error.isNoSuchProcess ? .ended : .alive
    }
  }

  /// Lets go of the locks (`flock(2)`) of a file that such processes have, and has their sockets
  /// listen no more.
  ///
  /// The sockets that a service manager has handed to them are its own, and go on.
  ///
  /// - Parameter descriptor: the file, open here.
  /// - Returns: whether there was one.
  static func unlock(_ descriptor: Int32) -> Bool {
    var status = stat()
    guard fstat(descriptor, &status) == 0,
      // Without that file nothing is known of other locks.
      let text = try? Files.read("/proc/locks", limit: 16 << 20)
    else { return false }
    var hasUnlocked = false
    for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
      // proc_locks(5): `1: FLOCK ADVISORY WRITE 4711 08:02:393 0 EOF`.
      let fields = line.split(separator: " ")
      guard fields.count > 5, fields[1] == "FLOCK", let pid = Int32(fields[4]),
        fields[5].split(separator: ":").last == "\(status.st_ino)",
        let process = LingeringProcess(pid)
      else { continue }
      let afterHanded = process.firstDescriptorAfterHanded
      process.withCopies { link, number in
        // What cannot be looked at is not taken.
        guard let file = try? ProcessTable.OpenFile(link: link) else { return false }
        if file.path.hasPrefix("socket:") { return number >= afterHanded }
        return file.isSame(as: FileStatus(status))
      } _: { copy in
        switch listens(copy) {
        case true?: shutdown(copy, Int32(SHUT_RDWR))
        case false?: break
        case nil: if flock(copy, LOCK_UN) == 0 { hasUnlocked = true }
        }
      }
    }
    return hasUnlocked
  }

  /// The first descriptor behind those that a service manager has handed over (sd_listen_fds(3)).
  private var firstDescriptorAfterHanded: Int32 {
    let first: Int32 = 3
    let readings = ["LISTEN_PID", "LISTEN_FDS"].map { ProcessTable.variable($0, of: pid) }
    // Where the environment cannot be read, nothing is known of any descriptor.
    guard readings.allSatisfy(\.isFinal) else { return .max }
    guard readings[0].text == "\(pid)", let count = readings[1].text.flatMap({ Int32($0) }),
      count > 0
    else { return first }
    return first &+ count
  }

  /// Whether a socket takes connections; nil for what is none.
  private static func listens(_ descriptor: Int32) -> Bool? {
    var (value, size) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
    guard getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 else { return nil }
    return value == 1
  }

  /// Calls a closure with a copy of each descriptor that is meant. No other is copied: to close a
  /// copy asks the file system, too, which may be the one that does not answer.
  private func withCopies(
    of isMeant: (_ link: String, _ number: Int32) -> Bool, _ body: (_ copy: Int32) -> Void
  ) {
    let pidfd = pidfd_open(thread, UInt32(O_EXCL))
    guard pidfd >= 0 else { return }
    defer { close(pidfd) }
    let directory = "/proc/\(pid)/task/\(thread)/fd"
    // The numbers may have been given to others before that was open.
    guard LingeringProcess(pid)?.thread == thread,
      // One that has gone meanwhile has nothing.
      let names = try? Files.names(in: directory)
    else { return }
    for number in names.compactMap({ Int32($0) }) where isMeant("\(directory)/\(number)", number) {
      let copy = pidfd_getfd(pidfd, number, 0)
      guard copy >= 0 else { continue }
      body(copy)
      close(copy)
    }
  }
}
