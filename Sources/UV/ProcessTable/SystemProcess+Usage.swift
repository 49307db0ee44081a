import CLinux
import Glibc

extension SystemProcess {
  /// What this process uses itself.
  package struct OwnUsage: Equatable, Sendable {
    package var residentBytes: Int
    package var virtualBytes: Int
    package var cpuTime: Duration
    package var openDescriptors: Int
    /// The soft limit.
    package var maxDescriptors: UInt64

    /// A reading.
    package init(
      residentBytes: Int, virtualBytes: Int, cpuTime: Duration, openDescriptors: Int,
      maxDescriptors: UInt64
    ) {
      self.residentBytes = residentBytes
      self.virtualBytes = virtualBytes
      self.cpuTime = cpuTime
      self.openDescriptors = openDescriptors
      self.maxDescriptors = maxDescriptors
    }
  }

  /// What this process uses now; throws where `/proc` or the limits cannot be read.
  package static func ownUsage() throws(UVError) -> OwnUsage {
    guard let record = ProcessRecord.own else {
      throw UVError(code: -ENOENT, operation: "read", subject: "/proc/self/stat")
    }
    var limit = rlimit()
    try UVError.system("read the limit on descriptors") {
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
    return OwnUsage(
      residentBytes: record.residentBytes, virtualBytes: record.virtualBytes,
      cpuTime: Clock.read(CLOCK_PROCESS_CPUTIME_ID), openDescriptors: try openDescriptors(),
      maxDescriptors: UInt64(limit.rlim_cur))
  }

  private static func openDescriptors() throws(UVError) -> Int {
    guard let count = ProcessDetails.openDescriptors(of: "self") else {
      throw UVError.current(.open, "/proc/self/fd")
    }
    return count
  }
}
