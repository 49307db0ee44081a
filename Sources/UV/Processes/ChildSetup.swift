import CLinux
import Glibc
import Synchronization

/// What a child does between fork and exec that libuv has no option for: `uv_spawn` forks, and handlers of
/// `pthread_atfork(3)` run in the child. There they make system calls only, and take no memory.
enum ChildSetup {
  /// The soft limit on descriptors that children get; zero: as it is.
  private static let descriptorLimit = Atomic<UInt64>(0)
  /// The key, and one more, under which a thread that forks keeps the way into a group; zero: none yet.
  private static let key = Atomic<UInt64>(0)
  /// Made once, by the first thread that asks, while others wait: zero, or an errno.
  private static let installation = pthread_atfork(nil, nil) { ChildSetup.run() }

  /// Has every child from now on get this soft limit on descriptors.
  static func limitDescriptors(_ soft: UInt64) throws(UVError) {
    try install()
    descriptorLimit.store(soft, ordering: .relaxed)
  }

  /// The way of a child into its group, in a page that it shares with its parent.
  struct Entry {
    /// The open directory of the group.
    fileprivate var directory: Int32
    /// The process that is in the group, and executes the command; 0 where there is none: it could not be, or
    /// the child was killed on its way.
    fileprivate(set) var entered: Int32 = 0
    /// Why it is not: an errno.
    fileprivate(set) var code: Int32 = 0
  }

  /// Has the child that `body` starts enter a group before it executes anything. It may go on there as another
  /// process, a child of this one too. A child that cannot enter ends at once, with nothing executed.
  ///
  /// - Returns: what `body` returns, and what became of the child.
  static func entering<Value>(
    _ group: Cgroup, _ body: () -> Value
  ) throws(UVError) -> (Value, Entry) {
    try install()
    let key = try madeKey()
    let directory = try UVError.system("open", group.path) {
      open(group.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    defer { Glibc.close(directory) }
    let size = MemoryLayout<Entry>.size
    let page = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
    guard let page, page != MAP_FAILED else {
      throw UVError.current("map memory that a child shares")
    }
    defer { munmap(page, size) }
    let entry = page.bindMemory(to: Entry.self, capacity: 1)
    entry.initialize(to: Entry(directory: directory))
    // Of this thread alone: another one may fork at the same time.
    pthread_setspecific(key, page)
    defer { pthread_setspecific(key, nil) }
    let value = body()
    return (value, entry.pointee)
  }

  private static func madeKey() throws(UVError) -> pthread_key_t {
    let known = key.load(ordering: .acquiring)
    if known > 0 { return pthread_key_t(known - 1) }
    var made = pthread_key_t()
    let result = pthread_key_create(&made, nil)
    guard result == 0 else { throw UVError(code: -result, operation: "make a thread's key") }
    let (isFirst, other) = key.compareExchange(
      expected: 0, desired: UInt64(made) + 1, ordering: .acquiringAndReleasing)
    if isFirst { return made }
    pthread_key_delete(made)
    return pthread_key_t(other - 1)
  }

  private static func install() throws(UVError) {
    guard installation == 0 else {
      throw UVError(code: -installation, operation: "watch for forks")
    }
  }

  /// In the child.
  private static func run() {
    let soft = descriptorLimit.load(ordering: .relaxed)
    if soft > 0 { lowerDescriptorLimit(soft) }
    let key = key.load(ordering: .relaxed)
    guard key > 0, let page = pthread_getspecific(pthread_key_t(key - 1)) else { return }
    let entry = page.assumingMemoryBound(to: Entry.self)
    let code = exeio_enter_cgroup(entry.pointee.directory, &entry.pointee.entered)
    guard code != 0 else { return }
    entry.pointee.code = code
    _exit(127)
  }

  private static func lowerDescriptorLimit(_ soft: UInt64) {
    var limit = rlimit()
    guard getrlimit(SystemProcess.openFiles, &limit) == 0 else { return }
    limit.rlim_cur = min(rlim_t(soft), limit.rlim_max)
    setrlimit(SystemProcess.openFiles, &limit)
  }
}
