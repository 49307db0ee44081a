import CLinux
import Glibc

/// Looks for the group below which this process may make groups.
package enum CgroupSearch: Equatable {
  /// That group.
  case found(Cgroup)
  /// There is none; says why.
  case nothing(String)

  /// The group of this process, if what is below it was left to us.
  ///
  /// systemd says so by an attribute of the directory (`Delegate=`). In a container the root of the
  /// cgroup namespace is ours.
  ///
  /// - Parameter isKnown: whether the operator has said that it was left to us, so that no mark is
  ///   looked for: the systemd of a user sets none.
  package static func delegated(isKnown: Bool = false) throws(UVError) -> CgroupSearch {
    let mounts = String(
      decoding: try Files.read("/proc/self/mountinfo", limit: 16 << 20), as: UTF8.self)
    guard let mount = CgroupMount(mountInfo: mounts) else {
      return .nothing("cgroup v2 is not mounted")
    }
    guard let own = try CgroupMount.group(of: "self") else {
      return .nothing("this process is in no group of cgroup v2")
    }
    let group = withoutSupervisor(own)
    guard let directory = mount.directory(of: group) else {
      return .nothing("the group '\(group)' is not below '\(mount.directory)'")
    }
    let isContainer = group == "/"
    guard !Cgroup(path: directory).isRootOfSystem else {
      return .nothing("this process is in the root of all cgroups")
    }
    guard isKnown || isContainer || isMarked(directory) else {
      return .nothing("'\(directory)' is not delegated to this process")
    }
    guard
      ["", "/cgroup.procs", "/cgroup.subtree_control"].allSatisfy({
        Files.isWritable(directory + $0)
      })
    else {
      return .nothing("'\(directory)' is delegated, but not writable")
    }
    return .found(Cgroup(path: directory))
  }

  /// The group of a process, as `/proc/PID/cgroup` has it (cgroups(7)); nil if that cannot be
  /// told.
  package static func group(of pid: Int32) -> String? {
    // A process that has gone has none.
    try? CgroupMount.group(of: "\(pid)")
  }

  /// Who is started out of the group of an earlier supervisor, by its shell in a container for
  /// instance, means the same tree.
  static func withoutSupervisor(_ group: String) -> String {
    let suffix = "/\(CgroupTree.supervisorName)"
    guard group.hasSuffix(suffix) else { return group }
    let parent = group.dropLast(suffix.count)
    return parent.isEmpty ? "/" : String(parent)
  }

  /// Only the superuser sees the attributes that begin with `trusted.`; systemd before 251 sets
  /// only that.
  private static func isMarked(_ directory: String) -> Bool {
    ["user.delegate", "trusted.delegate"].contains { name in
      var value: UInt8 = 0
      return getxattr(directory, name, &value, 1) == 1 && value == UInt8(ascii: "1")
    }
  }
}
