/// How much a line in the supervisor's own log matters. The names are those of `--log-level`, the
/// order that of `syslog(3)`: what is more severe is less.
package enum LogLevel: String, Hashable, Sendable, CaseIterable, Comparable {
  /// Something that was asked for could not be done.
  case error
  /// Something that an administrator should look at.
  case warning
  /// What happens in the normal course of events.
  case info
  /// What only helps to find a fault: one line a request.
  case debug

  /// The number in a `<N>` prefix, as `sd-daemon(3)` and `syslog(3)` have it.
  package var priority: Int {
    switch self {
    case .error: 3
    case .warning: 4
    case .info: 6
    case .debug: 7
    }
  }

  package static func < (one: LogLevel, other: LogLevel) -> Bool { one.priority < other.priority }
}
