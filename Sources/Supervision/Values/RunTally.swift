/// What the runs of a process have come to since it was added.
package struct RunTally: Hashable, Sendable {
  /// How many leaders have ended in which way; none where it is missing.
  package var exits: [ExitReason: Int] = [:]
  /// When the latest run ended that ended by itself and with success, since 1970 UTC.
  package var lastSuccess: Duration?
  /// How long the latest run took that is over, on the clock that never jumps.
  package var lastDuration: Duration?
  /// How many runs were due and left out.
  package var skippedRuns = 0

  /// No run yet.
  package init() {}
}

/// In which way a leader has ended.
package enum ExitReason: Hashable, Sendable, CaseIterable {
  /// By itself, with an exit code that its definition counts as success.
  case success
  /// By itself, with another exit code.
  case exitCode
  /// By a signal that the supervisor had not sent.
  case signal
  /// It was told to: for a stop, a restart, an update, a removal or a shutdown.
  case stopped
  /// For a reason that `last_exit` names.
  case named(ProcessEntry.LastExit.Reason)

  package static let allCases: [ExitReason] =
    [.success, .exitCode, .signal, .stopped]
    + ProcessEntry.LastExit.Reason.allCases.map { .named($0) }

  /// What it is called in metrics; systemd's name where it has one.
  package var name: String {
    switch self {
    case .success: "success"
    case .exitCode: "exit-code"
    case .signal: "signal"
    case .stopped: "stopped"
    case .named(let reason): reason.rawValue
    }
  }
}
