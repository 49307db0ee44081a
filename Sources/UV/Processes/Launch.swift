import CLibUV
import CLinux
import Glibc

/// A process that has just been started, with the descriptors that lead to it.
struct Launch {
  let pid: Int32
  /// Readable once the process has ended.
  let pidfd: Int32
  /// The parent's ends of the three pipes.
  let input: Int32
  let output: Int32
  let errorOutput: Int32

  /// Starts a process; the parent's descriptors are in `descriptors` then.
  init(
    _ options: SpawnOptions, on loop: Loop, _ descriptors: DescriptorBag
  ) throws(UVError) {
    try Self.check(options)
    let input = try descriptors.pipe(options.command)
    let output = try descriptors.pipe(options.command)
    let errorOutput = try descriptors.pipe(options.command)
    let child = [input.read, output.write, errorOutput.write]
    pid = try Self.spawn(options, child, on: loop)
    for descriptor in child { descriptors.close(descriptor) }
    self.input = input.write
    self.output = output.read
    self.errorOutput = errorOutput.read
    do throws(UVError) {
      let pid = self.pid
      pidfd = descriptors.hold(
        try UVError.system("watch", options.command) { pidfd_open(pid, 0) })
    } catch {
      Self.killAndReap(pid)
      throw error
    }
  }

  /// `uv_spawn` does not say which of its steps failed, so what it would stumble over is looked
  /// at first.
  private static func check(_ options: SpawnOptions) throws(UVError) {
    let texts = [options.command] + options.arguments + options.environment
    guard !texts.contains(where: { $0.utf8.contains(0) }) else {
      throw UVError(code: -EINVAL, operation: "execute", subject: options.command)
    }
    guard let directory = options.workingDirectory else { return }
    guard !directory.utf8.contains(0) else {
      throw UVError(code: -EINVAL, operation: "chdir", subject: directory)
    }
    var status = stat()
    try UVError.system("chdir", directory) { stat(directory, &status) }
    guard FileStatus(status).isDirectory else {
      throw UVError(code: -ENOTDIR, operation: "chdir", subject: directory)
    }
    try UVError.system("chdir", directory) { faccessat(AT_FDCWD, directory, X_OK, AT_EACCESS) }
  }

  /// Starts the process in a session of its own. The C handle is closed at once: libuv would go
  /// through all its children at each `SIGCHLD`, a pidfd names the one.
  private static func spawn(
    _ options: SpawnOptions, _ standard: [Int32], on loop: Loop
  ) throws(UVError) -> Int32 {
    let arguments = CStrings([options.command] + options.arguments)
    let environment = CStrings(options.environment)
    let directory = CStrings([options.workingDirectory].compactMap { $0 })
    defer { for strings in [arguments, environment, directory] { strings.free() } }
    var stdio = standard.map { descriptor in
      var container = uv_stdio_container_t()
      container.flags = UV_INHERIT_FD
      container.data.fd = descriptor
      return container
    }
    let process = UnsafeMutablePointer<uv_process_t>.allocate(capacity: 1)
    process.initialize(to: uv_process_t())
    let start = {
      stdio.withUnsafeMutableBufferPointer { stdio in
        var spawn = uv_process_options_t()
        spawn.file = UnsafePointer(arguments.first)
        spawn.args = arguments.pointer
        spawn.env = environment.pointer
        spawn.cwd = UnsafePointer(directory.first)
        spawn.flags = UV_PROCESS_DETACHED.rawValue
        spawn.stdio_count = Int32(stdio.count)
        spawn.stdio = stdio.baseAddress
        return uv_spawn(loop.pointer, process, &spawn)
      }
    }
    // A handle that was never used can be closed once uv_spawn has seen it, and not before.
    var entry: ChildSetup.Entry?
    let result: Int32
    if let cgroup = options.cgroup {
      do throws(UVError) {
        (result, entry) = try ChildSetup.entering(cgroup, start)
      } catch {
        process.deallocate()
        throw error
      }
    } else {
      result = start()
    }
    let pid = process.pointee.pid
    UnsafeMutableRawPointer(process).withMemoryRebound(to: uv_handle_t.self, capacity: 1) {
      uv_close($0) { $0?.deallocate() }
    }
    do throws(UVError) {
      try UVError.check(result, "execute", options.command)
    } catch {
      // libuv has reaped the process that it forked, but not one that went on in its place.
      if let entered = entry?.entered, entered > 0 { reap(entered) }
      throw error
    }
    guard let entry else { return pid }
    guard entry.code == 0 else {
      reap(pid)
      throw UVError(
        code: -entry.code, operation: "enter the cgroup", subject: options.cgroup?.path)
    }
    // One that was killed on its way (by a filter of system calls, or because memory ran out) is in no group,
    // and nobody goes on in its place: its end is told as that of any other child.
    guard entry.entered > 0, entry.entered != pid else { return pid }
    reap(pid)
    return entry.entered
  }

  /// Ends a process that cannot be watched. It leads its group, since it has passed exec.
  static func killAndReap(_ pid: Int32) {
    // A zero would mean the group of this process, a one everybody.
    precondition(pid > 1, "\(pid) is no child")
    kill(-pid, SIGKILL)
    reap(pid)
  }

  private static func reap(_ pid: Int32) {
    while waitpid(pid, nil, 0) == -1, errno == EINTR {}
  }
}
