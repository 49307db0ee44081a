package import Basics
import Glibc

/// The part of the tree of groups that belongs to this supervisor: itself in one group, each run in
/// another.
package final class CgroupTree {
  /// The group that was left to us. It has no processes of its own: where controllers are on, none
  /// may be in it (the "no internal processes" rule of cgroups(7)).
  package let root: Cgroup
  /// The controllers that are on for the groups of runs.
  package private(set) var controllers: Set<CgroupController> = []
  /// Why those that are there are not on, in words.
  package private(set) var refusals: [String] = []
  private let lock: LockFile

  /// The group of the supervisor itself.
  static let supervisorName = "supervisor"
  /// In front of the ids of processes, so that none of them names an interface file or another
  /// group.
  private static let prefix = "process-"

  /// Takes a group over: moves what is in it to `supervisor`, and turns the controllers on. This
  /// process goes there too if it is in the group of a run: what is left of that will be ended.
  ///
  /// - Parameters:
  ///   - patience: how long a supervisor that has the group is waited for.
  ///   - helper: a process that goes where this one does.
  /// - Throws: what cannot be done in that directory; operation `lock` when another supervisor has
  ///   it.
  package init(_ root: Cgroup, patience: Duration, helper: Int32? = nil) throws(UVError) {
    self.root = root
    do throws(LockFile.Failure) {
      lock = try LockFile.acquire(directory: root.path, patience: patience)
    } catch {
      switch error {
      case .heldBy: throw UVError(code: -EBUSY, operation: .lock, subject: root.path)
      case .system(let error): throw error
      }
    }
    try Self.make(root.child(Self.supervisorName))
    let own = try Self.ownDirectory()
    if own?.hasPrefix(root.child(Self.prefix).path) == true {
      for pid in [getpid(), helper].compactMap(\.self) {
        try root.child(Self.supervisorName).write("\(pid)", to: "cgroup.procs")
      }
    }
    try moveProcesses()
    try checkPlacement()
    try enableControllers()
  }

  /// Makes the group of a run, with its limits.
  ///
  /// - Parameter process: the id of the process that runs.
  /// - Throws: `EBUSY` while something of an earlier run is in it.
  package func makeGroup(of process: String, _ limits: CgroupLimits) throws(UVError) -> Cgroup {
    let group = root.child(Self.prefix + process)
    // What is left of an earlier one had its own limits.
    try group.remove()
    try Self.make(group)
    do throws(UVError) {
      for file in limits.files {
        do throws(UVError) {
          try group.write(file.value, to: file.name)
        } catch {
          if file.isOptional, error.code == .noSuchFileOrDirectory { continue }
          throw error.setting(file.controller)
        }
      }
    } catch {
      // The first error is the one to tell; an empty group does no harm.
      do throws(UVError) { try group.remove() } catch {}
      throw error
    }
    return group
  }

  /// The groups of runs that are there, by the ids of their processes.
  package func groups() throws(UVError) -> [String: Cgroup] {
    var groups: [String: Cgroup] = [:]
    for name in try root.childNames() where name.hasPrefix(Self.prefix) {
      groups[String(name.dropFirst(Self.prefix.count))] = root.child(name)
    }
    return groups
  }

  /// Whether a group is that of a run, or below it, and of another run than one whose group is
  /// known.
  ///
  /// - Parameter group: as `/proc/PID/cgroup` has it.
  package static func isGroupOfAnotherRun(_ group: String, than own: Cgroup) -> Bool {
    let names = group.split(separator: "/")
    return names.contains { $0.hasPrefix(prefix) }
      && !names.contains { own.path.hasSuffix("/\($0)") && $0.hasPrefix(prefix) }
  }

  /// Lets the tree go to the next supervisor.
  package func close() {
    lock.release()
  }

  // MARK: Taking over

  private static func make(_ group: Cgroup) throws(UVError) {
    do throws(UVError) {
      try UVError.system("make the cgroup", group.path) { mkdir(group.path, 0o755) }
    } catch {
      guard error.code == .fileExists else { throw error }
    }
  }

  /// The processes in the root may fork while this moves them: it looks again until none is there.
  private func moveProcesses() throws(UVError) {
    let supervisor = root.child(Self.supervisorName)
    for _ in 0..<100 {
      let processes = try root.read("cgroup.procs").split(separator: "\n")
      if processes.isEmpty { return }
      for process in processes {
        do throws(UVError) {
          try supervisor.write(String(process), to: "cgroup.procs")
        } catch {
          // It has ended in between.
          guard error.code == .noSuchProcess else { throw error }
        }
      }
    }
  }

  /// The directory of the group that this process is in; nil if that cannot be told.
  private static func ownDirectory() throws(UVError) -> String? {
    let group = try CgroupMount.group(of: "self")
    let mounts = String(
      decoding: try Files.read("/proc/self/mountinfo", limit: 16 << 20), as: UTF8.self)
    return group.flatMap {
      CgroupMount(mountInfo: mounts)?.directory(of: $0)
    }
  }

  /// A child goes into its group by itself, which takes the right to write to the nearest group
  /// above both.
  private func checkPlacement() throws(UVError) {
    guard let directory = try Self.ownDirectory() else { return }
    let common = zip(
      root.path.split(separator: "/"), directory.split(separator: "/")
    ).prefix { $0 == $1 }.map { "/\($0.0)" }.joined()
    let file = Cgroup(path: common).file("cgroup.procs")
    try UVError.system("move processes from '\(directory)' to '\(root.path)': write to", file) {
      faccessat(AT_FDCWD, file, W_OK, AT_EACCESS)
    }
  }

  /// Each by itself: one that is refused does not take the others away.
  private func enableControllers() throws(UVError) {
    let offered = try root.read("cgroup.controllers").split(whereSeparator: \.isWhitespace)
    for controller in CgroupController.allCases
    where offered.contains(Substring(controller.rawValue)) {
      do throws(UVError) {
        try root.write("+\(controller.rawValue)", to: "cgroup.subtree_control")
        controllers.insert(controller)
      } catch {
        refusals.append("\(controller.rawValue): \(error)")
      }
    }
  }
}
