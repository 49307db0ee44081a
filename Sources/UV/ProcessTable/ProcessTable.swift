import CLinux
import Glibc

/// The processes of the machine, as `/proc` and system calls tell of them.
package enum ProcessTable {
  /// When a process started, in clock ticks since the boot: with the pid it names a process for
  /// good (`/proc/PID/stat`, field 22).
  ///
  /// - Returns: nil when there is no such process.
  package static func startTime(of pid: Int32) -> UInt64? {
    ProcessRecord(pid)?.startTime
  }

  /// What names a process for good.
  package struct Member: Hashable, Sendable {
    package let pid: Int32
    /// In clock ticks since the boot.
    package let startTime: UInt64

    /// A process of that pid and start.
    package init(pid: Int32, startTime: UInt64) {
      self.pid = pid
      self.startTime = startTime
    }
  }

  /// Whether a process is still there, and no zombie. One that cannot be looked at now counts as
  /// there.
  package static func isAlive(_ member: Member) -> Bool {
    do throws(UVError) {
      guard let record = try ProcessRecord.read(member.pid) else { return false }
      return record.startTime == member.startTime && !record.hasEnded
    } catch {
      return true
    }
  }

  /// Something that a process has open.
  package struct OpenFile {
    /// As the kernel shows it (`/proc/PID/fd`): a path in the root of that process, with
    /// ` (deleted)` behind it where it has no name any more.
    package let path: String
    /// What it is, whatever its name.
    let device: UInt64
    let inode: UInt64

    /// Looks at a descriptor of a process: at what the kernel knows already, since the file system
    /// of another process may not answer.
    ///
    /// - Parameter link: to it, in a directory of `/proc`.
    /// - Returns: nil if it was closed.
    init?(link: String) throws(UVError) {
      var (device, inode): (UInt64, UInt64) = (0, 0)
      try UVError.system("look at", link) { exeio_known_file(link, &device, &inode) }
      guard let path = Files.target(ofLink: link) else { return nil }
      (self.path, self.device, self.inode) = (path, device, inode)
    }

    /// Whether it is that file.
    package func isSame(as status: FileStatus) -> Bool {
      (device, inode) == (status.device, status.inode)
    }
  }

  /// What a process has open. Nothing where it may not be looked at, or is gone.
  ///
  /// - Throws: where it cannot be told now, because descriptors are short for instance.
  package static func openFiles(of pid: Int32) throws(UVError) -> [OpenFile] {
    let directory = "/proc/\(pid)/fd"
    func isNone(_ error: UVError) -> Bool {
      error.isNoSuchProcess || error.code.isDenial
    }
    var files: [OpenFile] = []
    do throws(UVError) {
      for name in try Files.names(in: directory) {
        let link = "\(directory)/\(name)"
        do throws(UVError) {
          if let file = try OpenFile(link: link) { files.append(file) }
        } catch {
          // It was closed since, or is on a file system whose server is gone. Such a file is none
          // that was looked at before.
          guard
            isNone(error)
              || [.connectionAborted, .notConnected, .staleFileHandle].contains(error.code)
          else {
            throw error
          }
        }
      }
    } catch {
      guard isNone(error) else { throw error }
    }
    return files
  }

  /// Whether paths and pids mean the same to a process as to this one: neither a container nor
  /// `chroot(2)` is in between.
  package static func sharesView(with pid: Int32) -> Bool {
    ["root", "ns/mnt", "ns/pid"].allSatisfy { name in
      // What cannot be looked at belongs to another user. A kernel without namespaces has one of
      // each.
      guard let own = try? Files.status(of: "/proc/self/\(name)") else { return name != "root" }
      guard let other = try? Files.status(of: "/proc/\(pid)/\(name)") else { return false }
      return own.isSameFile(as: other)
    }
  }

  /// Which PID namespace this process is in; the number of another one is another process there.
  package static var pidNamespace: UInt64 {
    get throws(UVError) { try Files.status(of: "/proc/self/ns/pid").inode }
  }

  /// Sends a signal to one process (`kill(2)`). A number of 1 or less would mean others, so it
  /// traps.
  ///
  /// - Throws: `ESRCH` when there is no such process, `EPERM` when it may not be signalled.
  package static func signal(_ signal: Int32, process: Int32) throws(UVError) {
    precondition(process > 1, "\(process) is no process of ours")
    try UVError.system("send signal \(signal) to the process", "\(process)") {
      kill(process, signal)
    }
  }

  /// A name for this run of the machine: pids of another one mean nothing.
  package static var bootID: String? {
    guard let bytes = try? Files.read("/proc/sys/kernel/random/boot_id", limit: 4096) else {
      return nil
    }
    let text = bytes.prefix { $0 > UInt8(ascii: " ") }
    return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
  }
}
