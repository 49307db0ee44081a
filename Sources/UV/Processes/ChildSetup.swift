import CLinux
import Glibc
import Synchronization

/// What a child does between fork and exec: `uv_spawn` forks, and a handler of `pthread_atfork(3)` runs in the
/// child, which executes the command. There it makes system calls only, and takes no memory.
enum ChildSetup {
  /// The soft limit on descriptors that children get; zero: as it is.
  private static let descriptorLimit = Atomic<UInt64>(0)
  /// The key, and one more, under which a thread that forks keeps the memory that it shares with its child;
  /// zero: none yet.
  private static let key = Atomic<UInt64>(0)
  /// Made once, by the first thread that asks, while others wait: zero, or an errno.
  private static let installation = pthread_atfork(nil, nil) { ChildSetup.run() }

  /// Has every child from now on get this soft limit on descriptors, or the hard one if that is lower.
  static func limitDescriptors(_ soft: UInt64) throws(UVError) {
    try install()
    descriptorLimit.store(soft, ordering: .relaxed)
  }

  /// What became of a child that had steps to take.
  struct Report {
    /// The process that executes the command; 0 where there is none: a step failed, or the child was killed on
    /// its way.
    let pid: Int32
    /// The step that failed.
    let error: UVError?
  }

  /// What the child executes, in memory that holds until it has: `execve(2)`.
  struct Image {
    /// The command and its arguments.
    let arguments: CStrings
    let environment: CStrings
    /// Where a command without a slash is looked for: the value of `PATH`.
    let path: CStrings
    /// The shell, a placeholder for the file, and the arguments without the command: for a script without an
    /// interpreter line.
    let shellArguments: CStrings
    /// What becomes descriptor 0 and on.
    let descriptors: [Int32]
    /// Where the child writes its own number; room for 11 bytes each.
    let numbers: [UnsafeMutablePointer<CChar>?]
  }

  /// Has the child that `body` forks take the steps of its options and execute its command. It may go on as
  /// another process, a child of this one too. A child that cannot take a step ends at once.
  ///
  /// - Returns: what `body` returns, and what became of the child.
  static func taking<Value>(
    _ options: SpawnOptions, _ image: Image, _ body: () -> Value
  ) throws(UVError) -> (Value, Report) {
    try install()
    let shared = try sharedMemory()
    var cgroup: Int32 = -1
    if let group = options.cgroup {
      cgroup = try UVError.system("open", group.path) {
        open(group.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      }
    }
    defer { if cgroup >= 0 { Glibc.close(cgroup) } }
    shared.pointee.report = exeio_report()
    var descriptors = image.descriptors
    let value = withSteps(options) { steps in
      image.numbers.withUnsafeBufferPointer { numbers in
        descriptors.withUnsafeMutableBufferPointer { descriptors in
          steps.cgroup = cgroup
          steps.numbers = numbers.baseAddress
          steps.number_count = Int32(numbers.count)
          steps.descriptors = descriptors.baseAddress
          steps.descriptor_count = Int32(descriptors.count)
          steps.file = UnsafePointer(image.arguments.first)
          steps.path = UnsafePointer(image.path.first)
          steps.arguments = UnsafePointer(image.arguments.pointer)
          steps.environment = UnsafePointer(image.environment.pointer)
          steps.shell_arguments = image.shellArguments.pointer
          return withUnsafePointer(to: &steps) { steps in
            shared.pointee.steps = steps
            defer { shared.pointee.steps = nil }
            return body()
          }
        }
      }
    }
    return (value, Report(shared.pointee.report, options))
  }

  /// The memory that this thread shares with its children, one at a time: `uv_spawn` returns when the child has
  /// executed the command, or is gone. It is made once, since making it takes longer than all of the steps.
  private static func sharedMemory() throws(UVError) -> UnsafeMutablePointer<exeio_shared> {
    let key = try madeKey()
    if let known = pthread_getspecific(key) {
      return known.assumingMemoryBound(to: exeio_shared.self)
    }
    let page = mmap(nil, sharedSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
    guard let page, page != MAP_FAILED else {
      throw UVError.current("map memory that a child shares")
    }
    let result = pthread_setspecific(key, page)
    guard result == 0 else {
      munmap(page, sharedSize)
      throw UVError(code: -result, operation: "keep memory that a child shares")
    }
    let shared = page.bindMemory(to: exeio_shared.self, capacity: 1)
    shared.initialize(to: exeio_shared())
    return shared
  }

  private static let sharedSize = MemoryLayout<exeio_shared>.size

  /// The steps of the options, in memory that holds as long as `body` takes.
  private static func withSteps<Value>(
    _ options: SpawnOptions, _ body: (inout exeio_steps) -> Value
  ) -> Value {
    let limits = options.limits.map { limit in
      exeio_limit(resource: limit.resource.number, soft: limit.value, hard: limit.value)
    }
    let groups: [gid_t] = options.identity.supplementaryGroups ?? []
    let directory = CStrings([options.workingDirectory].compactMap { $0 })
    defer { directory.free() }
    return limits.withUnsafeBufferPointer { limits in
      groups.withUnsafeBufferPointer { groups in
        var steps = exeio_steps()
        steps.limits = limits.baseAddress
        steps.limit_count = Int32(limits.count)
        steps.has_nice = options.nice != nil
        steps.nice = options.nice ?? 0
        steps.has_groups = options.identity.supplementaryGroups != nil
        steps.groups = groups.baseAddress
        steps.group_count = Int32(groups.count)
        steps.has_gid = options.identity.group != nil
        steps.gid = options.identity.group ?? 0
        steps.has_uid = options.identity.user != nil
        steps.uid = options.identity.user ?? 0
        steps.umask = options.umask.map { Int32($0 & 0o777) } ?? -1
        steps.directory = UnsafePointer(directory.first)
        return body(&steps)
      }
    }
  }

  private static func madeKey() throws(UVError) -> pthread_key_t {
    let known = key.load(ordering: .acquiring)
    if known > 0 { return pthread_key_t(known - 1) }
    var made = pthread_key_t()
    let result = pthread_key_create(&made) { page in
      if let page { munmap(page, ChildSetup.sharedSize) }
    }
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
    guard key > 0, let shared = pthread_getspecific(pthread_key_t(key - 1)) else { return }
    exeio_take_steps(shared.assumingMemoryBound(to: exeio_shared.self))
  }

  private static func lowerDescriptorLimit(_ soft: UInt64) {
    var limit = rlimit()
    guard getrlimit(SystemProcess.openFiles, &limit) == 0 else { return }
    limit.rlim_cur = min(rlim_t(soft), limit.rlim_max)
    setrlimit(SystemProcess.openFiles, &limit)
  }
}

extension ChildSetup.Report {
  /// Reads what a child has left, by the options that it was started with.
  fileprivate init(_ report: exeio_report, _ options: SpawnOptions) {
    pid = report.pid
    let identity = options.identity
    let failed: (operation: String, subject: String?)? =
      switch report.step {
      case EXEIO_STEP_CGROUP: ("enter the cgroup", options.cgroup?.path)
      case EXEIO_STEP_LIMIT: ("setrlimit", options.limits[Int(report.place)].resource.rawValue)
      case EXEIO_STEP_NICE: ("setpriority", options.nice.map { "\($0)" })
      case EXEIO_STEP_GROUPS:
        ("setgroups", identity.supplementaryGroups.map { "\($0.count) groups" })
      case EXEIO_STEP_GROUP: ("setresgid", identity.group.map { "\($0)" })
      case EXEIO_STEP_USER: ("setresuid", identity.user.map { "\($0)" })
      case EXEIO_STEP_DIRECTORY: ("chdir", options.workingDirectory)
      case EXEIO_STEP_DESCRIPTOR: ("hand over descriptors to", options.command)
      case EXEIO_STEP_EXECUTE: ("execute", options.command)
      default: nil
      }
    error = failed.map {
      UVError(code: -report.code, operation: $0.operation, subject: $0.subject)
    }
  }
}
