import CAres
import CLibUV
import CLinux
import Glibc
import Synchronization

extension SystemProcess {
  /// The soft limit on descriptors that children get where that of this process has been raised.
  private static let childLimit: UInt64 = 1024
  private static let isRaised = Atomic(false)

  /// Raises the soft limit on descriptors to the hard one (`RLIMIT_NOFILE`).
  ///
  /// Children get 1024, which the kernel itself starts with: programs that use `select(2)`, or
  /// close every descriptor they might have, break under a high one. The hard limit stays theirs to
  /// use.
  ///
  /// - Returns: the limits as they are now.
  package static func raiseDescriptorLimit() throws(UVError) -> (soft: UInt64, hard: UInt64) {
    var limit = rlimit()
    try UVError.system("read the limit on descriptors") { getrlimit(openFiles, &limit) }
    isRaised.store(true, ordering: .relaxed)
    if limit.rlim_cur < limit.rlim_max {
      limit.rlim_cur = limit.rlim_max
      try UVError.system("raise the limit on descriptors") { setrlimit(openFiles, &limit) }
    }
    return (UInt64(limit.rlim_cur), UInt64(limit.rlim_max))
  }

  /// Makes the kernel's table of this process's descriptors large enough for so many, or for as
  /// many as there may be.
  ///
  /// To be called while there is one thread. Once there are more, a table that is full is replaced
  /// only after all processors have passed a quiet point (an RCU grace period): tens of
  /// milliseconds, in which the thread that opens something stands still, and the others as soon as
  /// they open something too. A table does not shrink.
  package static func makeRoomForDescriptors(_ count: Int) {
    var limit = rlimit()
    // Where it cannot be made now, the table grows when it has to.
    guard getrlimit(openFiles, &limit) == 0 else { return }
    let last = Int32(clamping: min(count, Int(clamping: limit.rlim_cur)) - 1)
    // Closing a copy of what is open may wait for the file system of its file.
    let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard probe >= 0 else { return }
    // Where the last number is taken, there is room for it.
    let copy = fcntl(probe, F_DUPFD_CLOEXEC, last)
    if copy >= 0 { close(copy) }
    close(probe)
  }

  /// The limits on descriptors that children get; nil if they are those of this process.
  static var descriptorLimitOfChildren: (soft: UInt64, hard: UInt64)? {
    var limit = rlimit()
    guard isRaised.load(ordering: .relaxed), getrlimit(openFiles, &limit) == 0 else { return nil }
    return (min(childLimit, UInt64(limit.rlim_max)), UInt64(limit.rlim_max))
  }

  /// Throws `EMFILE` or `ENFILE` where so many descriptors cannot be opened.
  package static func checkFreeDescriptors(_ count: Int) throws(UVError) {
    var copies: [Int32] = []
    defer { for copy in copies { close(copy) } }
    for _ in 0..<count {
      copies.append(
        try UVError.system("open \(count) descriptors") {
          fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
        })
    }
  }

  /// Whether a descriptor below this number is free.
  package static func hasFreeDescriptor(below number: Int) -> Bool {
    // The kernel gives the lowest one that is free. It is no copy of another one: closing that may
    // wait for the file system of its file. Each `/add` asks: an eventfd is made faster than a
    // socket.
    let probe = exeio_event_descriptor()
    guard probe >= 0 else { return false }
    close(probe)
    return Int(probe) < number
  }

  /// The lowest nice value that this process may give without privileges: its own, or what
  /// `RLIMIT_NICE` lets it go down to (`getpriority(2)`, `getrlimit(2)`).
  package static func lowestNice() throws(UVError) -> Int {
    errno = 0
    let own = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
    guard own != -1 || errno == 0 else { throw UVError.current("read the nice value") }
    var limit = rlimit()
    try UVError.system("read the limit", "RLIMIT_NICE") {
      getrlimit(__rlimit_resource_t(__RLIMIT_NICE.rawValue), &limit)
    }
    return min(Int(own), 20 - Int(min(limit.rlim_cur, 40)))
  }

  static var openFiles: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_NOFILE.rawValue) }
}
