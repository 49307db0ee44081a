/// The controllers of cgroup v2 that are of use here (cgroups(7)).
package enum CgroupController: String, CaseIterable, Sendable {
  /// Limits and counts memory.
  case memory
  /// Limits CPU time; it is counted without.
  case cpu
  /// Limits the number of threads and processes.
  case pids
}
