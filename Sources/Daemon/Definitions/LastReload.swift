import API
import Supervision
import UV

/// How the latest reload of the files of processes went; the start counts as one.
final class LastReload {
  private(set) var outcome: DaemonMetrics.Reload
  private let clock: Clock

  /// The start was successful.
  init(_ clock: Clock) {
    self.clock = clock
    outcome = DaemonMetrics.Reload(at: clock.sinceEpoch())
  }

  /// Notes what a command was answered with, if it is a reload that was meant to change something.
  func note(_ command: Command, _ reply: Reply) {
    guard case .reload(isDryRun: false) = command else { return }
    switch reply {
    case .reloaded: outcome = DaemonMetrics.Reload(at: clock.sinceEpoch())
    case .refused: outcome.isSuccessful = false
    case .done, .created, .createdCopies, .results, .halted:
      preconditionFailure("a reload is answered with \(reply)")
    }
  }
}
