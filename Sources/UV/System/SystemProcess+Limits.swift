import CLibUV
import CLinux
import Glibc
import Synchronization

extension SystemProcess {
  /// Whether the limit has been raised: children get the one from before the first time.
  private static let isRaised = Atomic<Bool>(false)

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
    let (isFirst, _) = isRaised.compareExchange(
      expected: false, desired: true, ordering: .relaxed)
    if isFirst { try ChildSetup.limitDescriptors(UInt64(limit.rlim_cur)) }
    limit.rlim_cur = limit.rlim_max
    try UVError.system("raise the limit on descriptors") { setrlimit(openFiles, &limit) }
    return (UInt64(limit.rlim_cur), UInt64(limit.rlim_max))
  }

  static var openFiles: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_NOFILE.rawValue) }
}
