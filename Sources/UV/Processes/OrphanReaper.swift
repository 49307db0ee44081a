import CLibUV
import CLinux
import Glibc

/// Collects the orphans that came to this process as a subreaper, so that they leave no zombies.
///
/// At each `SIGCHLD` it peeks at what has ended: the exit of a live ``ChildProcess`` of this loop
/// is left to that one, a child that has ended before it executed its command to its
/// ``ChildStart``, everything else is reaped here.
package final class OrphanReaper {
  private let loop: Loop
  private let onReaped: ([Int32]) -> Void
  private var watcher: SignalWatcher?

  /// Reaps nothing yet.
  ///
  /// - Parameter onReaped: called with the pids when orphans have been reaped, once for all that
  ///   had ended.
  package init(on loop: Loop, onReaped: @escaping ([Int32]) -> Void) {
    self.loop = loop
    self.onReaped = onReaped
  }

  /// Reaps from now on, until ``close()``.
  package func start() throws(UVError) {
    watcher = try SignalWatcher(on: loop, signal: SIGCHLD) { [unowned self] in reap() }
  }

  /// Peeking always shows the same child until it is reaped, so each round must reap one.
  private func reap() {
    var reaped: [Int32] = []
    defer { if !reaped.isEmpty { onReaped(reaped) } }
    while let watcher, !watcher.isClosing {
      let pid = exeio_peek_ended_child()
      guard pid > 0 else { return }
      // One that has ended by now has come to an end of its start, whatever is in the way of
      // telling it.
      if let start = loop.starts.values.first(where: { $0.pid == pid }) {
        start.conclude()
        if loop.children[pid] == nil { continue }
      }
      if let child = loop.children[pid] {
        child.collectExit()
        if loop.children[pid] === child { return }
      } else if loop.forkServer.pid == pid {
        loop.forkServer.collectExit()
      } else {
        guard waitpid(pid, nil, WNOHANG) == pid else { return }
        loop.forkServer.reaped(pid)
        loop.hungStarts.removeAll { $0.pid == pid }
        reaped.append(pid)
      }
    }
  }

  /// Reaps no longer.
  package func close() {
    watcher?.close()
  }
}
