/// What a run tells of itself in one message on its `NOTIFY_SOCKET` (sd_notify(3)).
package struct Notification: Hashable, Sendable {
  /// `READY=1`
  package var isReady = false
  /// `STOPPING=1`
  package var isStopping = false
  /// `WATCHDOG=1`
  package var isAlive = false
  /// `WATCHDOG=trigger`: the run itself says that it has failed.
  package var hasFailed = false
  /// `STATUS=`, for people; nil if the message says nothing of it.
  package var status: String?

  /// A message that says nothing.
  package init() {}
}
