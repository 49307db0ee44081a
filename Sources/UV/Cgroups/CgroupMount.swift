/// Where the file system of cgroup v2 is mounted, and where in it a process is.
package struct CgroupMount: Equatable {
  /// The directory on which it is mounted: `/sys/fs/cgroup`, or `/sys/fs/cgroup/unified` beside v1.
  package var directory: String
  /// The group that is mounted there, as this process sees it: `/`, or that of a container.
  package var root: String

  /// The first mount of cgroup v2 in a mount table; nil if there is none.
  ///
  /// - Parameter mountInfo: the contents of `/proc/self/mountinfo` (`proc_pid_mountinfo(5)`).
  package init?(mountInfo: String) {
    for line in mountInfo.split(separator: "\n") {
      let fields = line.split(separator: " ")
      // A dash ends the optional fields; the type of the file system follows.
      guard fields.count > 6, let dash = fields[6...].firstIndex(of: "-"), dash + 1 < fields.count,
        fields[dash + 1] == "cgroup2"
      else { continue }
      root = MountTable.unescape(fields[3])
      directory = MountTable.unescape(fields[4])
      return
    }
    return nil
  }

  /// The directory of a group.
  ///
  /// - Parameter group: as `/proc/PID/cgroup` has it.
  /// - Returns: nil for a group that is not below the mount, or has been removed.
  package func directory(of group: String) -> String? {
    guard !group.hasPrefix("/.."), !group.hasSuffix(" (deleted)") else { return nil }
    let base = root == "/" ? "" : root
    guard group == base || group.hasPrefix("\(base)/") else { return nil }
    let rest = group.dropFirst(base.count)
    return rest == "/" ? directory : directory + rest
  }

  /// The group of cgroup v2 that a process is in; nil if there is none.
  ///
  /// - Parameter process: its directory in `/proc`: a pid, or `self`.
  static func group(of process: String) throws(UVError) -> String? {
    group(
      in: String(
        decoding: try Files.read("/proc/\(process)/cgroup", limit: 1 << 20), as: UTF8.self))
  }

  /// The group of cgroup v2 in a process's list of groups.
  ///
  /// - Parameter list: the contents of `/proc/PID/cgroup` (cgroups(7)).
  package static func group(in list: String) -> String? {
    for line in list.split(separator: "\n") where line.hasPrefix("0::") {
      return String(line.dropFirst(3))
    }
    return nil
  }
}
