import API
import Basics
import Supervision
import UV

/// The cgroups of the runs: makes and removes them, if this daemon may.
final class RunCgroups {
  private let context: DaemonContext
  private let tree: CgroupTree?

  /// - Parameter setup: what the start has found.
  init(_ context: DaemonContext, _ setup: CgroupSetup) {
    self.context = context
    tree = setup.tree
  }

  /// Makes the cgroup of a run; nil if runs have none.
  func make(_ definition: ProcessDefinition) throws(UVError) -> Cgroup? {
    try tree?.makeGroup(of: definition.id, definition.cgroupLimits)
  }

  /// Removes the cgroup of a run of which nothing is left.
  func remove(_ group: Cgroup) {
    do throws(UVError) {
      try group.remove()
    } catch {
      context.log.warning("\(error)")
    }
  }

  /// Ends what a start that failed late may have left in its cgroup, and removes that: the next
  /// start needs it empty.
  func discard(_ group: Cgroup) {
    do throws(UVError) {
      _ = try group.kill()
    } catch {
      context.log.warning("\(error)")
    }
    remove(group)
  }

  /// How many processes of a run the kernel has killed because memory ran out.
  func outOfMemoryKills(in group: Cgroup?, of process: String) -> Int {
    guard let group, tree?.controllers.contains(.memory) == true else { return 0 }
    do throws(UVError) {
      return try group.outOfMemoryKills()
    } catch {
      context.log.warning("Whether memory ran out for process '\(process)' is not known: \(error)")
      return 0
    }
  }

  func close() { tree?.close() }
}

extension ProcessDefinition {
  /// What its cgroup is to allow.
  fileprivate var cgroupLimits: CgroupLimits {
    CgroupLimits(
      memoryMaxBytes: execution.memoryMaxBytes, cpuMaxPercent: execution.cpuMaxPercent,
      tasksMax: execution.tasksMax)
  }
}
