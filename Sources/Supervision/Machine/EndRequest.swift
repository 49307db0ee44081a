package import Basics

/// A signal that has asked all of a run to end, and who gets it after the others.
///
/// A process that was there at the request was to get the signal, but may not have been seen: one
/// in the middle of an `execve` cannot be told. What was started after the request may be how the
/// run cleans up, and does not get it.
package struct EndRequest: Sendable {
  package let signal: Signal
  /// In clock ticks since the boot.
  private let at: UInt64
  /// The starts of those that could not be told to belong to the run, or not to, by pid.
  private let undecided: [Int32: UInt64]
  /// Whether all were seen that were there.
  private let wasComplete: Bool
  /// Those that got the signal. What was there before the request is told by its pid from all that
  /// has this since.
  private var reached: Set<Int32> = []

  /// A request that has reached no process yet.
  /// - Parameters:
  ///   - ticks: when it was made, in clock ticks since the boot.
  ///   - wasComplete: whether all were seen that were there.
  ///   - undecided: the starts, in clock ticks since the boot, of those that may be of the run.
  package init(
    _ signal: Signal, at ticks: UInt64, wasComplete: Bool, undecided: [Int32: UInt64] = [:]
  ) {
    self.signal = signal
    self.at = ticks
    self.wasComplete = wasComplete
    self.undecided = undecided
  }

  /// These have been sent the signal.
  package mutating func reach(_ pids: some Sequence<Int32>) { reached.formUnion(pids) }

  /// Whether a process has been sent the signal.
  package func hasReached(_ pid: Int32) -> Bool { reached.contains(pid) }

  /// Whether a process of the run was to get the signal and has not. In the same tick as the
  /// request it was there before that if not all were seen.
  /// - Parameter start: in clock ticks since the boot.
  package func hasMissed(_ pid: Int32, startedAt start: UInt64) -> Bool {
    guard !hasReached(pid) else { return false }
    return start < at || !wasComplete && start == at || undecided[pid] == start
  }
}
