/// What `/list` calls the state of a process. Derived from the facts of its machine, in one place.
package enum ProcessStatus: String, Hashable, Sendable, CaseIterable {
  /// It is being spawned, or not ready yet.
  case starting
  case running
  /// It was told to stop, or what its leader left behind is being ended.
  case stopping
  /// It ended by itself and is not to be restarted.
  case stopped
  /// An operator stopped it.
  case manuallyStopped = "manually_stopped"
  /// Periodic, between two runs.
  case waiting
  /// Waiting to be restarted.
  case backoff
  /// It could not be started, or it was restarted too often.
  case failed
}
