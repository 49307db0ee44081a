import CLibUV
import CLinux
import Glibc

/// Reads what runs use, out of their cgroups, or out of `/proc` for those that have none.
package enum UsageReader {
  /// What to read of: the leader of a session, and the cgroup that all of it is in, if it has one.
  package struct Subject: Equatable, Sendable {
    package var leader: Int32
    /// The directory of a cgroup v2.
    package var cgroup: String?

    /// A run.
    package init(leader: Int32, cgroup: String? = nil) {
      self.leader = leader
      self.cgroup = cgroup
    }
  }

  /// What the cgroups of runs have told. What they do not tell, because there is none or the
  /// controller is missing, is the sum over the processes of a session: their resident memory, and
  /// their CPU time with that of the children they have waited for.
  package struct Reading {
    private let usages: [ResourceUsage?]
    /// Where in the result the sum of each session goes.
    private let sessions: [Int32: Int]
    /// Those of whose records the rest is made. To read one may take as long as a file system likes
    /// (``ExecGate``), which is why it is not done here.
    package let processes: [Int32]

    /// Looks at the cgroups, and at which processes are of the sessions.
    package init(_ subjects: [Subject]) {
      let usages = subjects.map { $0.cgroup.flatMap(readCgroup) }
      var sessions: [Int32: Int] = [:]
      for index in subjects.indices where usages[index]?.memoryBytes == nil {
        sessions[subjects[index].leader] = index
      }
      self.usages = usages
      self.sessions = sessions
      processes = sessions.isEmpty ? [] : UsageReader.processes(ofSessions: { sessions[$0] != nil })
    }

    /// What each run uses, in their order; nil if nothing of it is there any more.
    ///
    /// - Parameter scan: of ``processes``. Of one that is hidden the memory is known
    ///   (`/proc/PID/statm`), the CPU time not.
    package func completed(with scan: ProcessScan) -> [ResourceUsage?] {
      var usages = usages
      for found in scan.found {
        add(found.record.residentBytes, found.record.cpuTime, of: found.record.session, to: &usages)
      }
      for pid in scan.hidden {
        add(ProcessTable.residentBytes(of: pid) ?? 0, .zero, of: getsid(pid), to: &usages)
      }
      return usages
    }

    private func add(
      _ bytes: Int, _ cpuTime: Duration, of session: Int32, to usages: inout [ResourceUsage?]
    ) {
      guard let index = sessions[session] else { return }
      var usage =
        usages[index] ?? ResourceUsage(memoryBytes: nil, cpuTime: .zero, oomKills: nil)
      usage.memoryBytes = (usage.memoryBytes ?? 0) + bytes
      // Whose cgroup tells the time needs no sum of it.
      if self.usages[index] == nil { usage.cpuTime += cpuTime }
      usages[index] = usage
    }
  }

  /// What a cgroup says. Every cgroup has `cpu.stat`; without the memory controller it says nothing
  /// of memory. Nil where the cgroup has gone.
  ///
  /// The memory is `memory.current` less `inactive_file`: a process that reads a large file fills
  /// its cgroup with pages that the kernel drops as soon as a process needs the room. Counted in,
  /// they would show a healthy process at its limit; this is the figure that tells how near the OOM
  /// killer is.
  package static func readCgroup(_ directory: String) -> ResourceUsage? {
    let microseconds = value(of: "usage_usec", in: "\(directory)/cpu.stat")
    guard let microseconds else { return nil }
    var memory = Files.withBeginning(of: "\(directory)/memory.current") { contents in
      var scanner = NumberScanner(contents)
      return scanner.number()
    }
    if let current = memory,
      let inactive = value(of: "inactive_file", in: "\(directory)/memory.stat")
    {
      memory = max(0, current - inactive)
    }
    return ResourceUsage(
      memoryBytes: memory, cpuTime: .microseconds(microseconds),
      oomKills: value(of: "oom_kill", in: "\(directory)/memory.events"))
  }

  private static func value(of name: StaticString, in path: String) -> Int? {
    Files.withBeginning(of: path) { NumberScanner.value(of: name, in: $0) }
  }

  /// The processes whose sessions are wanted. Asking for the session costs a twentieth of reading
  /// the record, and never waits.
  private static func processes(ofSessions isWanted: (Int32) -> Bool) -> [Int32] {
    // Without /proc, or without a descriptor to spare, nothing is known.
    guard let directory = opendir("/proc") else { return [] }
    defer { closedir(directory) }
    var pids: [Int32] = []
    while let entry = readdir(directory) {
      if let pid = pid(entry), isWanted(getsid(pid)) { pids.append(pid) }
    }
    return pids
  }

  /// The number that a directory of `/proc` is called by; nil if it is called otherwise.
  private static func pid(_ entry: UnsafeMutablePointer<dirent>) -> Int32? {
    withUnsafeBytes(of: &entry.pointee.d_name) { name in
      guard name[0] >= UInt8(ascii: "0"), name[0] <= UInt8(ascii: "9") else { return nil }
      let end = name.firstIndex(of: 0) ?? name.count
      var scanner = NumberScanner(UnsafeRawBufferPointer(rebasing: name[..<end]))
      return scanner.number().flatMap { Int32(exactly: $0) }
    }
  }
}
