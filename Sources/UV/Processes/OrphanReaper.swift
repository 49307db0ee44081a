import CLibUV
import CLinux
import Glibc

/// Collects the orphans that came to this process as a subreaper, so that they leave no zombies.
///
/// At each `SIGCHLD` it peeks at what has ended: the exit of a live ``ChildProcess`` of this loop
/// is left to that one, everything else is reaped here.
package final class OrphanReaper {
  private let watcher: SignalWatcher
  private let onReaped: () -> Void

  /// Reaps from now on.
  ///
  /// - Parameter onReaped: called when orphans have been reaped, once for all that had ended.
  package init(on loop: Loop, onReaped: @escaping () -> Void) throws(UVError) {
    self.onReaped = onReaped
    weak var reaper: OrphanReaper?
    watcher = try SignalWatcher(on: loop, signal: SIGCHLD) { reaper?.reap() }
    reaper = self
  }

  /// Peeking always shows the same child until it is reaped, so each round must reap one.
  private func reap() {
    var hasReaped = false
    defer { if hasReaped { onReaped() } }
    while !watcher.isClosing {
      let pid = exeio_peek_ended_child()
      guard pid > 0 else { return }
      if let child = watcher.loop.children[pid] {
        child.collectExit()
        if watcher.loop.children[pid] === child { return }
      } else {
        guard waitpid(pid, nil, WNOHANG) == pid else { return }
        hasReaped = true
      }
    }
  }

  /// Reaps no longer.
  package func close() {
    watcher.close()
  }
}
