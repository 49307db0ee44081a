import Basics

/// Every sentence that the supervisor says: lines in logs, answers to operators, errors in `/list`.
package enum Messages {
  /// A duration in whole seconds, no shorter than it is.
  static func whole(_ duration: Duration) -> Duration {
    let (seconds, attoseconds) = duration.components
    return .seconds(attoseconds > 0 ? seconds + 1 : seconds)
  }

  /// What `error` says of a run that has failed, and what the run itself has said of it.
  static func withLastErrorLine(_ error: String?, _ line: String?) -> String? {
    guard let error, let line else { return error }
    return "\(error); last line on stderr: \(line)"
  }

  /// What the kernel did to a process, and the limit that made it do so; where there is none,
  /// memory ran out for the machine, or for a group that the supervisor is in.
  static func outOfMemory(_ definition: ProcessDefinition) -> String {
    let limit = definition.execution.memoryMaxBytes.map { " (memory_max_bytes is \($0))" } ?? ""
    return "killed by the kernel: out of memory\(limit)"
  }

  static func startFailed(_ reason: String) -> String {
    "could not be started: \(reason)"
  }

  /// Why a process cannot be started: the controller that keeps one of its limits is not there.
  static func missing(_ controller: CgroupController) -> String {
    "\"\(controller.fieldName)\" cannot be kept here: the supervisor has no cgroup v2 with the "
      + "controller \"\(controller.rawValue)\" delegated to it (systemd: Delegate=yes)"
  }
}
