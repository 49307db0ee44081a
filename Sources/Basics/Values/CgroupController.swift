/// A controller of cgroup v2 that keeps a limit of a process (cgroups(7)).
package enum CgroupController: String, Hashable, Sendable, CaseIterable {
  /// Limits and counts memory: `memory.max`.
  case memory
  /// Limits CPU time, which is counted without: `cpu.max`.
  case cpu
  /// Limits the number of threads and processes: `pids.max`.
  case tasks = "pids"
}
