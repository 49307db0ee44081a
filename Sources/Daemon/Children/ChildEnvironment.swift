package import Supervision

/// What a child finds in its environment.
package enum ChildEnvironment {
  /// The supervisor's own environment without what is meant for it alone, then what the definition asks for,
  /// then what is so whatever that says.
  package static func make(
    inherited: [String: String], asked: [String: String], facts: [String: String]
  ) -> [String: String] {
    var variables = inherited
    for name in withheld { variables[name] = nil }
    variables.merge(asked) { $1 }
    variables.merge(facts) { $1 }
    return variables
  }

  /// What each run is told of itself: which process it is, which copy of it, and the marker by which the run
  /// can be found.
  package static func facts(
    of definition: ProcessDefinition, marker: (name: String, value: String)
  ) -> [String: String] {
    var facts = [identifier: definition.id, marker.name: marker.value]
    if let number = definition.instance { facts[instance] = "\(number)" }
    return facts
  }

  /// Says how many sockets are handed over, each by the name of the process (`sd_listen_fds_with_names(3)`).
  /// Whose they are, `LISTEN_PID`, is known once there is a child.
  package static func announce(
    _ count: Int, of service: String, in variables: inout [String: String]
  ) {
    variables["LISTEN_PID"] = nil
    variables["LISTEN_FDS"] = "\(count)"
    variables["LISTEN_FDNAMES"] = Array(repeating: service, count: count).joined(separator: ":")
  }

  /// `NAME=value`, sorted.
  package static func list(_ variables: [String: String]) -> [String] {
    variables.map { "\($0.key)=\($0.value)" }.sorted()
  }

  /// The variable that says which process it is.
  static let identifier = "EXEIO_ID"
  private static let instance = "EXEIO_INSTANCE"

  /// The key, and what the service manager says to its own child alone (`sd_notify(3)`, `sd_listen_fds(3)`,
  /// `systemd.exec(5)`): the same names that systemd, as a user's manager, keeps from its services. A
  /// child's standard error is our pipe and not the journal, and its directories are not ours. Where another
  /// exeio has started this one, which copy this is says nothing of the children.
  private static let withheld = [
    "EXEIO_API_KEY", instance, "EXEIO_EXIT_CODE", "EXEIO_EXIT_SIGNAL", "NOTIFY_SOCKET",
    "WATCHDOG_PID", "WATCHDOG_USEC", "FDSTORE",
    "LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDS", "LISTEN_FDNAMES", "JOURNAL_STREAM",
    "LOG_NAMESPACE", "INVOCATION_ID", "MAINPID", "MAINPIDFDID", "MANAGERPID", "MANAGERPIDFDID",
    "SYSTEMD_EXEC_PID", "PIDFILE", "CREDENTIALS_DIRECTORY", "RUNTIME_DIRECTORY", "STATE_DIRECTORY",
    "CACHE_DIRECTORY", "LOGS_DIRECTORY", "CONFIGURATION_DIRECTORY", "MEMORY_PRESSURE_WATCH",
    "MEMORY_PRESSURE_WRITE", "REMOTE_ADDR", "REMOTE_PORT", "TRIGGER_UNIT", "TRIGGER_PATH",
    "TRIGGER_TIMER_REALTIME_USEC", "TRIGGER_TIMER_MONOTONIC_USEC", "MONITOR_SERVICE_RESULT",
    "MONITOR_EXIT_CODE", "MONITOR_EXIT_STATUS", "MONITOR_INVOCATION_ID", "MONITOR_UNIT",
  ]
}
