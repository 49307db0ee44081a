import CLinux
import Glibc
import Synchronization

/// What a child does between fork and exec that libuv has no option for: `uv_spawn` forks, and handlers of
/// `pthread_atfork(3)` run in the child. There they make system calls only, and take no memory.
enum ChildSetup {
  /// The soft limit on descriptors that children get; zero: as it is.
  private static let descriptorLimit = Atomic<UInt64>(0)
  /// The open `cgroup.procs` of the group that the next child moves into; -1: none.
  private static let groupProcesses = Atomic<Int32>(-1)
  /// The address of a page that parent and child share: the child leaves the errno of a failed move there.
  private static let report = Atomic<UInt>(0)
  private static let isInstalled = Atomic<Bool>(false)

  /// Has every child from now on get this soft limit on descriptors.
  static func limitDescriptors(_ soft: UInt64) throws(UVError) {
    try install()
    descriptorLimit.store(soft, ordering: .relaxed)
  }

  /// Has the children that `body` starts move into a group before they execute anything. A child that cannot
  /// ends at once, with nothing executed.
  ///
  /// - Returns: what `body` returns, and why the child could not move.
  static func placing<Value>(
    in group: Cgroup, _ body: () -> Value
  ) throws(UVError) -> (Value, UVError?) {
    try install()
    let report = try sharedReport()
    let path = group.file("cgroup.procs")
    let descriptor = try UVError.system("open", path) { open(path, O_WRONLY | O_CLOEXEC) }
    defer { Glibc.close(descriptor) }
    report.pointee = 0
    groupProcesses.store(descriptor, ordering: .relaxed)
    defer { groupProcesses.store(-1, ordering: .relaxed) }
    let value = body()
    let code = report.pointee
    return (
      value,
      code == 0 ? nil : UVError(code: -code, operation: "move into the cgroup", subject: path)
    )
  }

  private static func install() throws(UVError) {
    guard !isInstalled.exchange(true, ordering: .relaxed) else { return }
    let result = pthread_atfork(nil, nil) { ChildSetup.run() }
    guard result == 0 else {
      isInstalled.store(false, ordering: .relaxed)
      throw UVError(code: -result, operation: "watch for forks")
    }
  }

  /// Made once, and kept.
  private static func sharedReport() throws(UVError) -> UnsafeMutablePointer<Int32> {
    if let known = UnsafeMutablePointer<Int32>(bitPattern: report.load(ordering: .relaxed)) {
      return known
    }
    let size = MemoryLayout<Int32>.size
    let page = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
    guard let page, page != MAP_FAILED else {
      throw UVError.current("map memory that a child shares")
    }
    report.store(UInt(bitPattern: page), ordering: .relaxed)
    return page.bindMemory(to: Int32.self, capacity: 1)
  }

  /// In the child.
  private static func run() {
    let soft = descriptorLimit.load(ordering: .relaxed)
    if soft > 0 { lowerDescriptorLimit(soft) }
    let descriptor = groupProcesses.load(ordering: .relaxed)
    if descriptor >= 0 { move(descriptor) }
  }

  private static func lowerDescriptorLimit(_ soft: UInt64) {
    var limit = rlimit()
    guard getrlimit(SystemProcess.openFiles, &limit) == 0 else { return }
    limit.rlim_cur = min(rlim_t(soft), limit.rlim_max)
    setrlimit(SystemProcess.openFiles, &limit)
  }

  /// A zero stands for whoever writes it (cgroups(7)).
  private static func move(_ descriptor: Int32) {
    var zero = UInt8(ascii: "0")
    while write(descriptor, &zero, 1) != 1 {
      if errno == EINTR { continue }
      UnsafeMutablePointer<Int32>(bitPattern: report.load(ordering: .relaxed))?.pointee = errno
      _exit(127)
    }
  }
}
