/// What a child is started with. What is nil is as in this process.
package struct SpawnOptions: Equatable {
  /// Looked up in the child's `PATH`; relative to the working directory if it holds a `/`.
  package var command: String
  /// What follows `argv[0]`, which is the command.
  package var arguments: [String]
  /// The whole environment: `"K=V"`.
  package var environment: [SystemString]
  /// The one of `environment` by which the process is found: it shows that in `/proc/PID/environ`
  /// from its first moment, before it executes the command, too.
  package var mark: SystemString?
  /// Entered as the child's user.
  package var workingDirectory: String?
  package var cgroup: Cgroup?
  package var identity = Identity()
  /// The bits that new files do not get (`umask(2)`).
  package var umask: UInt32?
  /// -20 to 19 (`setpriority(2)`).
  package var nice: Int32?
  /// All others are those of this process, but the soft one on descriptors.
  package var limits: [ResourceLimit] = []
  /// Sockets that the child has as descriptors 3 and on (`sd_listen_fds(3)`). If there are any, its
  /// own number is in its environment as `LISTEN_PID`.
  package var sockets: [BoundSocket] = []
  /// Variables in which the child finds its own number, beside those of `environment`
  /// (`WATCHDOG_PID`).
  package var numberVariables: [String] = []
  /// A file that is made meanwhile, and without which the command is not executed: the child waits
  /// for ``ChildStart/proceed()``. It is the subject of the error if that takes too long.
  package var awaited: String?

  /// Says what to start.
  package init(
    command: String, arguments: [String] = [], environment: [SystemString] = [],
    workingDirectory: String? = nil, cgroup: Cgroup? = nil
  ) {
    self.command = command
    self.arguments = arguments
    self.environment = environment
    self.workingDirectory = workingDirectory
    self.cgroup = cgroup
  }

  /// Where a command without a slash is looked for (`environ(7)`, `execvp(3)`).
  package var searchPath: SystemString {
    let prefix = Array("PATH=".utf8)
    let variable = environment.first { $0.bytes.starts(with: prefix) }
    return variable.map { SystemString(bytes: Array($0.bytes.dropFirst(prefix.count))) }
      ?? "/bin:/usr/bin"
  }
}
