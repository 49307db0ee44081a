package import Basics
import Glibc

/// A limit of a child, soft and hard at once (`setrlimit(2)`).
package struct ResourceLimit: Equatable, Sendable {
  /// What is limited.
  package var resource: ResourceLimits.Resource
  /// How much of it may be had.
  package var value: UInt64

  /// Limits a resource.
  package init(_ resource: ResourceLimits.Resource, _ value: UInt64) {
    self.resource = resource
    self.value = value
  }
}

extension ResourceLimits.Resource {
  /// What setrlimit(2) calls it.
  package var kernelName: String {
    switch self {
    case .openFiles: "RLIMIT_NOFILE"
    case .coreBytes: "RLIMIT_CORE"
    case .addressSpaceBytes: "RLIMIT_AS"
    case .processes: "RLIMIT_NPROC"
    case .cpuSeconds: "RLIMIT_CPU"
    }
  }

  /// The number of the kernel's.
  var number: Int32 {
    switch self {
    case .openFiles: Int32(RLIMIT_NOFILE.rawValue)
    case .coreBytes: Int32(RLIMIT_CORE.rawValue)
    case .addressSpaceBytes: Int32(RLIMIT_AS.rawValue)
    case .processes: Int32(__RLIMIT_NPROC.rawValue)
    case .cpuSeconds: Int32(RLIMIT_CPU.rawValue)
    }
  }

  /// What this process may have of it at the most: its own hard limit (`getrlimit(2)`).
  package func hardLimit() throws(UVError) -> UInt64 {
    var limit = rlimit()
    try UVError.system("read the limit", kernelName) {
      getrlimit(__rlimit_resource_t(UInt32(number)), &limit)
    }
    return UInt64(limit.rlim_max)
  }
}
