/// What an operator asked for: everything that describes one process, and nothing that happened to
/// it.
///
/// The values have been checked by whoever made it (`API`, for JSON); the names of the fields in
/// JSON are those of the contract, not these.
package struct ProcessDefinition: Hashable, Sendable {
  package var id: String
  /// Looked up in the child's `PATH`; relative to `workingDirectory` if it holds a `/`.
  package var command: String
  package var arguments: [String] = []
  /// The supervisor's own where nil.
  package var workingDirectory: String?
  package var restartPolicy: RestartPolicy = .never
  /// Restarts in a row before giving up; no limit where nil.
  package var maxRestarts: Int?
  /// The exit codes that `RestartPolicy.onFailure` counts as success.
  package var successExitCodes: [Int32] = [0]
  /// Whether the definition is kept in `processes.json` and started at the next start.
  package var isSaved = false
  package var isPeriodic = false
  /// From the end of one run to the start of the next; without effect unless `isPeriodic`.
  package var period: Duration?
  package var stopSignal: Signal = .terminate
  /// How long a group has after `stopSignal` before it is killed.
  package var stopTimeout: Duration = .seconds(10)
  /// Added to the environment that the supervisor hands on.
  package var environment: [String: String] = [:]
  /// The size at which the log is rotated, in bytes; 0 turns rotation off.
  package var logMaxBytes = 50 << 20
  /// The rotated files kept beside the live one.
  package var logMaxFiles = 5
  /// How much memory all processes of a run may have together, in bytes; no limit where nil.
  package var memoryMaxBytes: Int?
  /// How much CPU time all processes of a run may use together: 100 is one core; no limit where nil.
  package var cpuMaxPercent: Int?
  /// How many threads and processes a run may have at once; no limit where nil.
  package var tasksMax: Int?

  package init(id: String, command: String) {
    self.id = id
    self.command = command
  }
}
