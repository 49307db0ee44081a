package import Basics

/// What an operator asked for: everything that describes one process, and nothing that happened to
/// it.
///
/// The values have been checked by the caller that made it (`API`, for JSON); the names of the
/// fields in JSON are those of the contract, not these.
package struct ProcessDefinition: Hashable, Sendable {
  package var id: String
  /// Which of its `instances` copies this describes, from 0; nil if it describes the process
  /// itself.
  package var instance: Int?
  package var execution: Execution
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
  /// When it runs, in local time; instead of `period`.
  package var schedule: CronSchedule?
  package var overlap: Overlap = .skip
  /// How long a run of a periodic or scheduled process may take; no limit where nil.
  package var runTimeout: Duration?
  package var stopSignal: Signal = .terminate
  /// How long a group has after `stopSignal` before it is killed.
  package var stopTimeout = Self.defaultStopTimeout
  /// The size at which the log is rotated, in bytes; 0 turns rotation off.
  package var logMaxBytes = 50 << 20
  /// The rotated files kept beside the live one.
  package var logMaxFiles = 5
  /// The delays before automatic restarts, by restarts in a row; the last one holds for all that
  /// follow. The table of `RestartDelay` where nil.
  package var restartDelays: [Duration]?
  /// A run that lasted this long starts the count of restarts afresh.
  package var restartReset: Duration = .seconds(300)
  package var dependencies: [Dependency] = []
  package var healthCheck: HealthCheck?
  /// How long a run with another `ready` than `spawned` may take until it is ready; then it is
  /// ended, and that counts as a failure. Where nil, 90 s for `notify`, and as long as it takes for
  /// `healthy`.
  package var readyTimeout: Duration?
  /// Above so much resident memory of all processes of a run it is restarted; no limit where nil.
  package var restartAboveMemoryBytes: Int?
  /// How many copies of it run: nil for one that has no copies, and no number in its name.
  package var instances: Int?
  package var labels: [String: String] = [:]
  /// How long a start may take until the command is executed; the hook before it has a limit of its
  /// own.
  package var startTimeout: Duration = .seconds(30)
  /// A command and its arguments, executed before each run; if it fails, so does the start.
  package var beforeStart: [String]?
  /// A command and its arguments, executed after each run.
  package var afterExit: [String]?
  /// How long either of them may take.
  package var hookTimeout: Duration = .seconds(60)
  /// Whether the supervisor shuts down when it has ended for good.
  package var isEssential = false

  package init(id: String, command: String) {
    self.id = id
    execution = Execution(command: command)
  }

  /// How long a run may take to end where its definition does not say.
  package static let defaultStopTimeout: Duration = .seconds(10)

  /// The description of one of its copies.
  package func copy(_ instance: Int) -> ProcessDefinition {
    var copy = self
    copy.id = Self.name(of: instance, of: id)
    copy.instance = instance
    return copy
  }

  /// What a copy is called: `web.0`.
  package static func name(of instance: Int, of id: String) -> String { "\(id).\(instance)" }

  /// The process that this is, or is a copy of.
  package var serviceID: ServiceID {
    guard let instance else { return ServiceID(id) }
    return ServiceID(String(id.dropLast("\(instance)".utf8.count + 1)))
  }

  /// What runs by this definition itself: the process, or the copy, but not its copies.
  package var instanceID: InstanceID { InstanceID(id) }

  /// The names of everything that runs for it.
  package var runNames: [InstanceID] {
    guard let instances else { return [instanceID] }
    return (0..<instances).map { InstanceID(Self.name(of: $0, of: id)) }
  }
}
