import Glibc

extension SystemProcess {
  /// When a process started, in clock ticks since the boot: with the pid it names a process for
  /// good (`/proc/PID/stat`, field 22).
  ///
  /// - Returns: nil when there is no such process.
  package static func startTime(of pid: Int32) -> UInt64? {
    ProcessRecord(pid)?.startTime
  }

  /// A process of a session.
  package struct Member: Equatable {
    package let pid: Int32
    /// In clock ticks since the boot.
    package let startTime: UInt64
  }

  /// Whether a process is still there, and no zombie.
  package static func isAlive(_ member: Member) -> Bool {
    guard let record = ProcessRecord(member.pid) else { return false }
    return record.startTime == member.startTime && !record.hasEnded
  }

  /// All processes by their session, zombies excluded: one look through `/proc`.
  package static func sessions() -> [Int32: [Member]] {
    guard let directory = opendir("/proc") else { return [:] }
    defer { closedir(directory) }
    var sessions: [Int32: [Member]] = [:]
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
        name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard let pid = Int32(name), let record = ProcessRecord(pid) else { continue }
      if record.hasEnded { continue }
      sessions[record.session, default: []].append(
        Member(pid: pid, startTime: record.startTime))
    }
    return sessions
  }

  /// The sessions that have a process with this line in its environment, each with the start time of the
  /// first such process (`/proc/PID/environ`, which can be read of processes of the same user).
  package static func sessions(withVariable line: String) -> [Int32: UInt64] {
    let wanted = Array(line.utf8)
    var found: [Int32: UInt64] = [:]
    for (session, members) in sessions() {
      for member in members {
        // A process that is gone by now, or another user's, has nothing to tell.
        guard let bytes = try? Files.read("/proc/\(member.pid)/environ", limit: 4 << 20),
          bytes.split(separator: 0).contains(where: { $0.elementsEqual(wanted) })
        else { continue }
        found[session] = min(found[session] ?? member.startTime, member.startTime)
      }
    }
    return found
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
