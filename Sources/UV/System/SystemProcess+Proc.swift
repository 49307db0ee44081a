import Glibc

extension SystemProcess {
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
  }

  /// Whether a process is still there, and no zombie.
  package static func isAlive(_ member: Member) -> Bool {
    guard let record = ProcessRecord(member.pid) else { return false }
    return record.startTime == member.startTime && !record.hasEnded
  }

  /// All processes, zombies excluded: one look through `/proc`.
  package static func all() -> [ProcessRecord] {
    // Without /proc there is nothing to be seen; a start without it has been refused.
    let names = (try? Files.directoryNames(in: "/proc")) ?? []
    return names.compactMap { name in
      guard let pid = Int32(name), let record = ProcessRecord(pid), !record.hasEnded else {
        return nil
      }
      return record
    }
  }

  /// All processes by their session, zombies excluded.
  package static func sessions() -> [Int32: [Member]] {
    Dictionary(grouping: all(), by: \.session).mapValues { $0.map(\.member) }
  }

  /// The value of a variable in the environment that a process was started with (`/proc/PID/environ`). Those
  /// of other users cannot be read, unless by the superuser: then there is none.
  package static func variable(_ name: String, of pid: Int32) -> String? {
    // A process that is gone by now, or another user's, has nothing to tell.
    guard let bytes = try? Files.read("/proc/\(pid)/environ", limit: 4 << 20) else { return nil }
    let prefix = Array("\(name)=".utf8)
    for line in bytes.split(separator: 0) where line.starts(with: prefix) {
      return String(decoding: line.dropFirst(prefix.count), as: UTF8.self)
    }
    return nil
  }

  /// Sends a signal to one process (`kill(2)`). A number of 1 or less would mean others, so it traps.
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
