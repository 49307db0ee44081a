package import Supervision
package import UV

/// Variables by their names.
package typealias Variables = [SystemString: SystemString]

extension Variables {
  /// Takes texts over.
  package init(_ texts: [String: String]) {
    self.init(
      uniqueKeysWithValues: texts.map { (SystemString($0.key), SystemString($0.value)) })
  }
}

/// What a child finds in its environment.
package enum ChildEnvironment {
  /// The supervisor's own environment without what is meant for it alone, then what the definition
  /// asks for, then what is so whatever that says.
  /// - Parameter directory: the working directory of the child, for `PWD`; nil if there is none.
  package static func make(
    inherited: Variables, directory: SystemString?, asked: Variables, facts: Variables
  ) -> Variables {
    var variables = inherited
    for name in withheld { variables[name] = nil }
    // As a shell that has changed to it would have it. `OLDPWD` is where the daemon's own shell was
    // before.
    variables["PWD"] = directory
    variables["OLDPWD"] = nil
    variables.merge(asked) { $1 }
    variables.merge(facts) { $1 }
    return variables
  }

  /// What each run is told of itself: which process it is, which copy of it, and the mark by
  /// which the run can be found.
  package static func facts(
    of definition: ProcessDefinition, mark: RunMark
  ) -> Variables {
    var facts: Variables = [
      SystemString(identifier): SystemString(definition.id),
      SystemString(RunState.markerName): SystemString(mark.text),
    ]
    if let number = definition.instance { facts[instance] = "\(number)" }
    return facts
  }

  /// Says how many sockets are handed over, each by the name of the process
  /// (`sd_listen_fds_with_names(3)`). Whose they are, `LISTEN_PID`, is known once there is a child.
  package static func announce(
    _ count: Int, of service: String, in variables: inout Variables
  ) {
    variables["LISTEN_PID"] = nil
    variables["LISTEN_FDS"] = "\(count)"
    variables["LISTEN_FDNAMES"] = SystemString(
      Array(repeating: service, count: count).joined(separator: ":"))
  }

  /// `NAME=value`, sorted.
  package static func list(_ variables: Variables) -> [SystemString] {
    variables.map { SystemString(bytes: $0.key.bytes + "=".utf8 + $0.value.bytes) }.sorted()
  }

  /// The variable that says which process it is.
  static let identifier = "EXEIO_ID"
  private static let instance: SystemString = "EXEIO_INSTANCE"
  /// How the run ended, for the hook after it: one of the two.
  static let exitCode: SystemString = "EXEIO_EXIT_CODE"
  static let exitSignal: SystemString = "EXEIO_EXIT_SIGNAL"

  /// Those that the daemon sets for its children.
  static let ownVariables: [SystemString] = [
    SystemString(identifier), SystemString(RunState.markerName), instance, exitCode, exitSignal,
  ]

  /// The key, and what the service manager says to its own child alone (`sd_notify(3)`,
  /// `sd_listen_fds(3)`, `systemd.exec(5)`): the same names that systemd, as a user's manager,
  /// keeps from its services. A child's standard error is our pipe and not the journal, and its
  /// directories are not ours. Where another exeio has started this one, which copy this is says
  /// nothing of the children.
  private static let withheld: [SystemString] = [
    "EXEIO_API_KEY", instance, exitCode, exitSignal, "NOTIFY_SOCKET", "WATCHDOG_PID",
    "WATCHDOG_USEC", "FDSTORE",
    "LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDS", "LISTEN_FDNAMES", "JOURNAL_STREAM",
    "LOG_NAMESPACE", "INVOCATION_ID", "MAINPID", "MAINPIDFDID", "MANAGERPID", "MANAGERPIDFDID",
    "SYSTEMD_EXEC_PID", "PIDFILE", "CREDENTIALS_DIRECTORY", "RUNTIME_DIRECTORY", "STATE_DIRECTORY",
    "CACHE_DIRECTORY", "LOGS_DIRECTORY", "CONFIGURATION_DIRECTORY", "MEMORY_PRESSURE_WATCH",
    "MEMORY_PRESSURE_WRITE", "REMOTE_ADDR", "REMOTE_PORT", "TRIGGER_UNIT", "TRIGGER_PATH",
    "TRIGGER_TIMER_REALTIME_USEC", "TRIGGER_TIMER_MONOTONIC_USEC", "MONITOR_SERVICE_RESULT",
    "MONITOR_EXIT_CODE", "MONITOR_EXIT_STATUS", "MONITOR_INVOCATION_ID", "MONITOR_UNIT",
  ]
}
