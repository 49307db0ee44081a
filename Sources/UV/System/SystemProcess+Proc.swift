import Glibc

extension SystemProcess {
  /// When a process started, in clock ticks since the boot: with the pid it names a process for
  /// good (`/proc/PID/stat`, field 22).
  ///
  /// - Returns: nil when there is no such process.
  package static func startTime(of pid: Int32) -> UInt64? {
    ProcessRecord(pid)?.startTime
  }

  /// The processes of a session, zombies excluded (`/proc`).
  package static func members(ofSession session: Int32) -> [(pid: Int32, startTime: UInt64)] {
    guard let directory = opendir("/proc") else { return [] }
    defer { closedir(directory) }
    var members: [(pid: Int32, startTime: UInt64)] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
        name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard let pid = Int32(name), let record = ProcessRecord(pid) else { continue }
      if record.session == session, !record.hasEnded { members.append((pid, record.startTime)) }
    }
    return members
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

/// What `/proc/PID/stat` says of a process.
private struct ProcessRecord {
  let session: Int32
  let startTime: UInt64
  /// A zombie, or past that.
  let hasEnded: Bool

  /// A process that is not there, or ends while it is read, has no record: that is no error.
  init?(_ pid: Int32) {
    guard let bytes = try? Files.read("/proc/\(pid)/stat", limit: 4096) else { return nil }
    // The second field is the name in parentheses, which may hold spaces and parentheses too.
    guard let nameEnd = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let fields = bytes[(nameEnd + 1)...].split(separator: UInt8(ascii: " "))
      .map { String(decoding: $0, as: UTF8.self) }
    // The first of these is field 3, the state.
    guard fields.count > 19, let session = Int32(fields[3]), let start = UInt64(fields[19]) else {
      return nil
    }
    self.session = session
    startTime = start
    hasEnded = ["Z", "X", "x"].contains(fields[0])
  }
}
