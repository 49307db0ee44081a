/// Why the supervisor ended a run by itself.
struct ForcedEnd {
  let reason: ProcessEntry.LastExit.Reason
  /// What was wrong, as it stands after a colon.
  let words: String

  /// Whether the process is restarted whatever its policy says: its definition asks for that by
  /// itself. All others are failures, and the policy decides.
  var restartsAlways: Bool {
    switch reason {
    case .unhealthy, .memory: true
    case .outOfMemory, .watchdog, .notReady, .runTimeout, .stopTimeout: false
    }
  }
}
