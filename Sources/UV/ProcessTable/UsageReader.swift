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
    /// Whether the details of all processes are wanted: what they have open, and had of the disks.
    package let hasDetails: Bool
    /// Those of whose records the rest is made. To read one may take as long as a file system likes
    /// (``ExecGate``), which is why it is not done here.
    package let processes: [Int32]

    /// Looks at the cgroups, and at which processes are of the sessions.
    package init(_ subjects: [Subject], hasDetails: Bool = false) {
      let usages = subjects.map { $0.cgroup.flatMap { readCgroup($0, hasDetails: hasDetails) } }
      var sessions: [Int32: Int] = [:]
      for index in subjects.indices where hasDetails || usages[index]?.memoryBytes == nil {
        sessions[subjects[index].leader] = index
      }
      self.usages = usages
      self.sessions = sessions
      self.hasDetails = hasDetails
      processes = sessions.isEmpty ? [] : UsageReader.processes(ofSessions: { sessions[$0] != nil })
    }

    /// What each run uses, in their order; nil if nothing of it is there any more.
    ///
    /// - Parameter scan: of ``processes``. Of one that is hidden the memory is known
    ///   (`/proc/PID/statm`), the CPU time not.
    package func completed(with scan: ProcessScan) -> [ResourceUsage?] {
      var sums: [Int: Sum] = [:]
      for found in scan.found {
        guard let index = sessions[found.record.session] else { continue }
        sums[index, default: Sum()].add(found)
      }
      for pid in scan.hidden {
        guard let index = sessions[getsid(pid)] else { continue }
        sums[index, default: Sum()].addHidden(
          residentBytes: ProcessTable.residentBytes(of: pid) ?? 0)
      }
      var usages = usages
      for (index, sum) in sums { usages[index] = completed(usages[index], with: sum) }
      return usages
    }

    /// What a cgroup tells needs no sum of it.
    private func completed(_ told: ResourceUsage?, with sum: Sum) -> ResourceUsage {
      var usage = told ?? ResourceUsage(memoryBytes: nil, cpuTime: sum.cpuTime, oomKills: nil)
      if told?.memoryBytes == nil { usage.memoryBytes = sum.residentBytes }
      guard hasDetails else { return usage }
      if told?.tasks == nil { usage.tasks = sum.threads }
      usage.openDescriptors = sum.openDescriptors
      if told?.diskReadBytes == nil {
        usage.diskReadBytes = sum.diskReadBytes
        usage.diskWrittenBytes = sum.diskWrittenBytes
      }
      return usage
    }
  }

  /// The sum over the processes of a session. What is not known of one of them is not known of all.
  private struct Sum {
    var residentBytes = 0
    var cpuTime = Duration.zero
    var threads: Int? = 0
    var openDescriptors: Int? = 0
    var diskReadBytes: Int? = 0
    var diskWrittenBytes: Int? = 0

    mutating func add(_ found: ProcessScan.Found) {
      residentBytes += found.record.residentBytes
      cpuTime += found.record.cpuTime
      threads.add(found.record.threads)
      add(found.details)
    }

    mutating func addHidden(residentBytes: Int) {
      self.residentBytes += residentBytes
      threads.add(nil)
      add(nil)
    }

    private mutating func add(_ details: ProcessDetails?) {
      openDescriptors.add(details?.openDescriptors)
      diskReadBytes.add(details?.diskReadBytes)
      diskWrittenBytes.add(details?.diskWrittenBytes)
    }
  }

  /// What a cgroup says. Every cgroup has `cpu.stat`; without the memory controller it says nothing
  /// of memory. Nil where the cgroup has gone.
  ///
  /// The memory is `memory.current` less `inactive_file`: a process that reads a large file fills
  /// its cgroup with pages that the kernel drops as soon as a process needs the room. Counted in,
  /// they would show a healthy process at its limit; this is the figure that tells how near the OOM
  /// killer is.
  ///
  /// - Parameter hasDetails: whether tasks and disks are read as well, if the cgroup has these
  ///   controllers.
  package static func readCgroup(
    _ directory: String, hasDetails: Bool = true
  ) -> ResourceUsage? {
    let microseconds = value(of: "usage_usec", in: "\(directory)/cpu.stat")
    guard let microseconds else { return nil }
    var memory = number(in: "\(directory)/memory.current")
    if let current = memory,
      let inactive = value(of: "inactive_file", in: "\(directory)/memory.stat")
    {
      memory = max(0, current - inactive)
    }
    var usage = ResourceUsage(
      memoryBytes: memory, cpuTime: .microseconds(microseconds),
      oomKills: value(of: "oom_kill", in: "\(directory)/memory.events"))
    guard hasDetails else { return usage }
    usage.tasks = number(in: "\(directory)/pids.current")
    if let bytes = Files.withBeginning(of: "\(directory)/io.stat", diskBytes) {
      usage.diskReadBytes = bytes.read
      usage.diskWrittenBytes = bytes.written
    }
    return usage
  }

  /// What all lines of an `io.stat` come to: `8:0 rbytes=4096 wbytes=0 rios=1 …`, one a disk. One
  /// that is longer than what is read of it is not told.
  private static func diskBytes(_ contents: UnsafeRawBufferPointer) -> (read: Int, written: Int)? {
    guard contents.isEmpty || contents.last == UInt8(ascii: "\n") else { return nil }
    var (read, written) = (0, 0)
    for field in contents.split(whereSeparator: { $0 <= UInt8(ascii: " ") }) {
      guard let equals = field.firstIndex(of: UInt8(ascii: "=")) else { continue }
      var scanner = NumberScanner(
        UnsafeRawBufferPointer(rebasing: field), from: equals + 1 - field.startIndex)
      if field.starts(with: "rbytes=".utf8) { read += scanner.number() ?? 0 }
      if field.starts(with: "wbytes=".utf8) { written += scanner.number() ?? 0 }
    }
    return (read, written)
  }

  private static func number(in path: String) -> Int? {
    Files.withBeginning(of: path) { contents in
      var scanner = NumberScanner(contents)
      return scanner.number()
    }
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

extension Int? {
  /// Adds a number; what is not known makes the sum unknown.
  fileprivate mutating func add(_ number: Int?) {
    guard let sum = self, let number else {
      self = nil
      return
    }
    self = sum + number
  }
}
