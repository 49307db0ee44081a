import CLibUV
import CLinux
import Glibc
import Synchronization

extension SystemProcess {
  /// The soft limit on descriptors that this process was started with; zero: never raised.
  private static let inheritedSoftLimit = Atomic<UInt64>(0)

  /// Raises the soft limit on descriptors to the hard one (`RLIMIT_NOFILE`).
  ///
  /// Children get the old soft limit: programs that use `select(2)`, or close every descriptor
  /// they might have, break under a high one.
  ///
  /// - Returns: the limits as they are now.
  package static func raiseDescriptorLimit() throws(UVError) -> (soft: UInt64, hard: UInt64) {
    var limit = rlimit()
    try UVError.system("read the limit on descriptors") { getrlimit(openFiles, &limit) }
    guard limit.rlim_cur < limit.rlim_max else {
      return (UInt64(limit.rlim_cur), UInt64(limit.rlim_max))
    }
    let (_, before) = inheritedSoftLimit.compareExchange(
      expected: 0, desired: UInt64(limit.rlim_cur), ordering: .relaxed)
    if before == 0 {
      let result = pthread_atfork(nil, nil) { SystemProcess.lowerDescriptorLimit() }
      guard result == 0 else {
        throw UVError(code: -result, operation: "watch for forks")
      }
    }
    limit.rlim_cur = limit.rlim_max
    try UVError.system("raise the limit on descriptors") { setrlimit(openFiles, &limit) }
    return (UInt64(limit.rlim_cur), UInt64(limit.rlim_max))
  }

  /// Runs in the child between fork and exec: system calls only, no memory.
  private static func lowerDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(openFiles, &limit) == 0 else { return }
    limit.rlim_cur = min(rlim_t(inheritedSoftLimit.load(ordering: .relaxed)), limit.rlim_max)
    setrlimit(openFiles, &limit)
  }

  private static var openFiles: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_NOFILE.rawValue) }
}
