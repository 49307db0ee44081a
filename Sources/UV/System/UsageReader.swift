import CLibUV
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

  /// What each of these runs uses, in their order; nil where nothing of it is there any more.
  ///
  /// What a cgroup does not tell, because it lacks the controller, is the sum over the processes of the
  /// session: their resident memory, and their CPU time with that of the children they have waited for. One
  /// look through `/proc` does for all of them.
  package static func read(_ subjects: [Subject]) -> [ResourceUsage?] {
    var usages = subjects.map { $0.cgroup.flatMap(readCgroup) }
    var sessions: [Int32: Int] = [:]
    for index in subjects.indices where usages[index]?.memoryBytes == nil {
      sessions[subjects[index].leader] = index
    }
    guard !sessions.isEmpty else { return usages }
    let sums = sumOfSessions(sessions, count: subjects.count)
    for index in subjects.indices {
      guard let sum = sums[index] else { continue }
      if usages[index] == nil {
        usages[index] = sum
      } else {
        usages[index]?.memoryBytes = sum.memoryBytes
      }
    }
    return usages
  }

  /// What a cgroup says. Every cgroup has `cpu.stat`; without the memory controller it says nothing of
  /// memory. Nil where the cgroup has gone.
  ///
  /// The memory is `memory.current` less `inactive_file`: a process that reads a large file fills its
  /// cgroup with pages that the kernel drops as soon as anybody needs the room. Counted in, they would
  /// show a healthy process at its limit; this is the figure that tells how near the OOM killer is.
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

  /// - Parameters:
  ///   - sessions: where in the result the sum of each session goes.
  ///   - count: of the result.
  private static func sumOfSessions(_ sessions: [Int32: Int], count: Int) -> [ResourceUsage?] {
    var sums = [ResourceUsage?](repeating: nil, count: count)
    // Without /proc, or without a descriptor to spare, nothing is known.
    guard let directory = opendir("/proc") else { return sums }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
      // Asking for the session costs a twentieth of reading the record, so others cost next to nothing.
      guard let pid = pid(entry), let index = sessions[getsid(pid)],
        let record = ProcessRecord(pid)
      else { continue }
      let sum = sums[index]
      sums[index] = ResourceUsage(
        memoryBytes: (sum?.memoryBytes ?? 0) + record.residentBytes,
        cpuTime: (sum?.cpuTime ?? .zero) + record.cpuTime, oomKills: nil)
    }
    return sums
  }

  /// The number that a directory of `/proc` is called by; nil where it is called otherwise.
  private static func pid(_ entry: UnsafeMutablePointer<dirent>) -> Int32? {
    withUnsafeBytes(of: &entry.pointee.d_name) { name in
      guard name[0] >= UInt8(ascii: "0"), name[0] <= UInt8(ascii: "9") else { return nil }
      let end = name.firstIndex(of: 0) ?? name.count
      var scanner = NumberScanner(UnsafeRawBufferPointer(rebasing: name[..<end]))
      return scanner.number().flatMap { Int32(exactly: $0) }
    }
  }
}
