/// What a child is started with.
package struct SpawnOptions: Equatable, Sendable {
  /// Looked up in the child's `PATH`; relative to the working directory if it holds a `/`.
  package var command: String
  /// What follows `argv[0]`, which is the command.
  package var arguments: [String]
  /// The whole environment: `"K=V"`.
  package var environment: [String]
  /// nil: that of this process.
  package var workingDirectory: String?
  /// nil: that of this process.
  package var cgroup: Cgroup?

  /// Says what to start.
  package init(
    command: String, arguments: [String] = [], environment: [String] = [],
    workingDirectory: String? = nil, cgroup: Cgroup? = nil
  ) {
    self.command = command
    self.arguments = arguments
    self.environment = environment
    self.workingDirectory = workingDirectory
    self.cgroup = cgroup
  }
}
