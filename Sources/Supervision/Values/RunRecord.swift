package import Basics

/// One run that is over, or goes on, as `GET /runs/{id}` shows it.
package struct RunRecord: Hashable, Sendable {
  /// The 1-based count of runs since the process was added.
  package var number: Int
  /// Since 1970 UTC.
  package var start: Duration
  /// Since 1970 UTC; nil while it goes on.
  package var end: Duration?
  /// Nil while it goes on.
  package var status: ExitStatus?
  /// How long it took, or has taken so far, on the clock that never jumps.
  package var duration: Duration
  /// What ended it, where that was not itself: in words.
  package var reason: String?

  package init(
    number: Int, start: Duration, end: Duration? = nil, status: ExitStatus? = nil,
    duration: Duration, reason: String? = nil
  ) {
    self.number = number
    self.start = start
    self.end = end
    self.status = status
    self.duration = duration
    self.reason = reason
  }
}
