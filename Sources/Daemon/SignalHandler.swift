import Basics
import UV

/// What the signals to the daemon ask for: its end, a reload, log files that are opened again.
final class SignalHandler {
  private let context: DaemonContext
  private let actions: Actions
  private var watchers: [SignalWatcher] = []
  private var isStopping = false

  /// What is done for a signal.
  struct Actions {
    /// Ends everything in order.
    let stop: () -> Void
    /// Kills what is left.
    let kill: () -> Void
    /// Opens the log files again and reloads.
    let hangUp: () -> Void
    /// Opens the log files again.
    let reopen: () -> Void
  }

  init(_ context: DaemonContext, _ actions: Actions) {
    self.context = context
    self.actions = actions
  }

  /// Watches from now on.
  func start() throws(UVError) {
    // A container may stop its first process with any of these.
    for signal: Signal in [.terminate, .interrupt, .quit, .powerFailure] {
      try watch(signal) { [unowned self] in stop(signal) }
    }
    try watch(.hangUp, actions.hangUp)
    try watch(.user1, actions.reopen)
  }

  private func watch(_ signal: Signal, _ body: @escaping () -> Void) throws(UVError) {
    watchers.append(try SignalWatcher(on: context.loop, signal: signal.number, body))
  }

  private func stop(_ signal: Signal) {
    guard isStopping else {
      isStopping = true
      context.log.info("Shutting down (\(signal.name))")
      return actions.stop()
    }
    context.log.warning("Killing what is left (\(signal.name) again)")
    actions.kill()
  }

  func close() {
    for watcher in watchers { watcher.close() }
  }
}
