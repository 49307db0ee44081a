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
    Self.give(child, to: options.identity)
    pid = try Self.spawn(options, child, on: loop, descriptors)
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

  /// What no C string can hold.
  private static func check(_ options: SpawnOptions) throws(UVError) {
    let texts = [options.command] + options.arguments
    guard !texts.contains(where: { $0.utf8.contains(0) }),
      !options.environment.contains(where: { $0.bytes.contains(0) })
    else {
      throw UVError(code: -EINVAL, operation: "execute", subject: options.command)
    }
    if let directory = options.workingDirectory, directory.utf8.contains(0) {
      throw UVError(code: -EINVAL, operation: "chdir", subject: directory)
    }
  }

  /// A pipe belongs to the user who made it, and nobody else opens it by its name (`/dev/stderr`).
  private static func give(_ descriptors: [Int32], to identity: Identity) {
    guard let user = identity.user, user != geteuid() else { return }
    // A superuser without that capability can still start the child, which has the descriptors themselves.
    for descriptor in descriptors { _ = fchown(descriptor, user, gid_t.max) }
  }

  /// Starts the process in a session of its own. The C handle is closed at once: libuv would go
  /// through all its children at each `SIGCHLD`, a pidfd names the one.
  private static func spawn(
    _ options: SpawnOptions, _ standard: [Int32], on loop: Loop, _ descriptors: DescriptorBag
  ) throws(UVError) -> Int32 {
    let sockets = try placed(options.sockets, descriptors)
    let numbers = (sockets.isEmpty ? [] : ["LISTEN_PID"]) + options.numberVariables
    let blank = String(repeating: " ", count: 10)
    // A name that stands there twice means the first to some, and the second to others.
    let others = options.environment.filter { variable in
      !numbers.contains { variable.bytes.starts(with: "\($0)=".utf8) }
    }
    let arguments = CStrings([options.command] + options.arguments)
    let environment = CStrings(others + numbers.map { "\($0)=\(blank)" })
    let path = CStrings([options.searchPath])
    let shellArguments = CStrings(["/bin/sh", ""] + options.arguments)
    defer { for strings in [arguments, environment, path, shellArguments] { strings.free() } }
    let rooms = numbers.enumerated().map { index, name in
      environment.pointer[others.count + index]?.advanced(by: name.utf8.count + 1)
    }
    let image = ChildSetup.Image(
      arguments: arguments, environment: environment, path: path, shellArguments: shellArguments,
      descriptors: standard + sockets, numbers: rooms)
    let process = UnsafeMutablePointer<uv_process_t>.allocate(capacity: 1)
    process.initialize(to: uv_process_t())
    let report: ChildSetup.Report
    let result: Int32
    do throws(UVError) {
      (result, report) = try ChildSetup.taking(options, image) {
        var spawn = uv_process_options_t()
        spawn.file = UnsafePointer(arguments.first)
        spawn.args = arguments.pointer
        return uv_spawn(loop.pointer, process, &spawn)
      }
    } catch {
      process.deallocate()
      throw error
    }
    // A handle that was never used can be closed once uv_spawn has seen it, and not before.
    let pid = process.pointee.pid
    UnsafeMutableRawPointer(process).withMemoryRebound(to: uv_handle_t.self, capacity: 1) {
      uv_close($0) { $0?.deallocate() }
    }
    do throws(UVError) {
      try UVError.check(result, "execute", options.command)
    } catch {
      // libuv has reaped the process that it forked, but not one that went on in its place.
      if report.pid > 0 { reap(report.pid) }
      throw error
    }
    // One that was killed on its way (by a filter of system calls, or because memory ran out) has failed at no
    // step, and nobody goes on in its place: its end is told as that of any other child.
    let hasSuccessor = report.pid > 0 && report.pid != pid
    if report.error != nil || hasSuccessor { reap(pid) }
    guard var error = report.error else { return hasSuccessor ? report.pid : pid }
    if hasSuccessor { reap(report.pid) }
    if error.operation == "execute" {
      error.detail = CommandFault(error.code, options).map { "\($0)" }
    }
    throw error
  }

  /// Sees to it that nothing the child needs has a number that one of its sockets is to have. That goes for the
  /// pipe by which libuv hears of a failed exec, which is made later: so all of these numbers are taken.
  ///
  /// - Returns: the sockets' descriptors, all beyond those numbers.
  private static func placed(
    _ sockets: [BoundSocket], _ descriptors: DescriptorBag
  ) throws(UVError) -> [Int32] {
    guard let first = sockets.first else { return [] }
    let end = 3 + Int32(sockets.count)
    func copy(_ socket: BoundSocket, from lowest: Int32) throws(UVError) -> Int32 {
      descriptors.hold(
        try UVError.system("hand over", socket.address) {
          fcntl(socket.descriptor, F_DUPFD_CLOEXEC, lowest)
        })
    }
    while try copy(first, from: 3) < end {}
    return try sockets.map { socket throws(UVError) in
      socket.descriptor < end ? try copy(socket, from: end) : socket.descriptor
    }
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
