import Basics

/// A run that is over, in little room: a thousand processes remember twenty each.
struct PastRun {
  private let number: Int32
  /// The exit code, or the number of the signal below zero.
  private let status: Int32
  /// Since 1970 UTC, in nanoseconds.
  private let start: Int64
  /// Since 1970 UTC, in nanoseconds.
  private let end: Int64
  /// In nanoseconds, on the clock that never jumps.
  private let duration: Int64
  private let reason: String?

  init(number: Int, _ run: Run, _ exit: Run.Exit, _ reason: String?) {
    self.number = Int32(clamping: number)
    status =
      switch exit.status {
      case .code(let code): code
      case .signal(let signal): -signal.number
      }
    start = Self.nanoseconds(run.startedAt.sinceEpoch)
    end = Self.nanoseconds(exit.at.sinceEpoch)
    duration = Self.nanoseconds(run.lasted(until: exit))
    self.reason = reason
  }

  /// As it is shown.
  var record: RunRecord {
    RunRecord(
      number: Int(number), start: .nanoseconds(start), end: .nanoseconds(end),
      status: status < 0 ? .signal(Signal(number: -status)) : .code(status),
      duration: .nanoseconds(duration), reason: reason)
  }

  private static func nanoseconds(_ duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}
