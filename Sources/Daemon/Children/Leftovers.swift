import Supervision
import UV

/// Ends what an earlier supervisor, killed before it could, left running: each group gets its stop signal,
/// then `SIGKILL`; it is over when no process of the session is left.
final class Leftovers {
  private var runs: [Pending]
  private let timer: Timer
  private let onEnded: (RunState.Run, _ isGone: Bool) -> Void
  private let onDone: () -> Void
  private static let pollInterval: Duration = .milliseconds(20)
  /// How long a group may outlive `SIGKILL` before the start goes on without it.
  private static let killTimeout: Duration = .seconds(5)

  private struct Pending {
    var run: RunState.Run
    var killAt: Duration
    var giveUpAt: Duration
    var isKilled = false
  }

  /// Signals the groups of those `runs` that are really still there.
  /// - Parameters:
  ///   - onEnded: called for each of them, also when it outlived `SIGKILL`.
  ///   - onDone: called once, not before `init` has returned, when there is nothing to wait for any more.
  init(
    _ runs: [RunState.Run], on loop: Loop, onEnded: @escaping (RunState.Run, Bool) -> Void,
    onDone: @escaping () -> Void
  ) throws(UVError) {
    let now = SystemProcess.monotonicClock
    self.runs = runs.filter(Self.isAlive).map { run in
      let killAt = now + run.stopTimeout
      return Pending(run: run, killAt: killAt, giveUpAt: killAt + Self.killTimeout)
    }
    self.onEnded = onEnded
    self.onDone = onDone
    timer = try Timer(on: loop)
    for pending in self.runs { Self.signal(pending.run.stopSignal, pending.run) }
    timer.start(after: .zero, repeating: Self.pollInterval) { [self] in poll() }
  }

  private func poll() {
    let now = SystemProcess.monotonicClock
    var left: [Pending] = []
    for var pending in runs {
      if !Self.isAlive(pending.run) {
        onEnded(pending.run, true)
      } else if now >= pending.giveUpAt {
        onEnded(pending.run, false)
      } else {
        if now >= pending.killAt, !pending.isKilled {
          pending.isKilled = true
          Self.signal(.kill, pending.run)
        }
        left.append(pending)
      }
    }
    runs = left
    if left.isEmpty {
      timer.stop()
      timer.close()
      onDone()
    }
  }

  /// Whether any process of the run's session is left that cannot be a later one: the pid of a session's
  /// leader is not given away while the session has members, and a later process started later.
  private static func isAlive(_ run: RunState.Run) -> Bool {
    if let start = SystemProcess.startTime(of: run.pid), start != run.startTime { return false }
    return SystemProcess.members(ofSession: run.pid).contains { $0.startTime >= run.startTime }
  }

  private static func signal(_ signal: Signal, _ run: RunState.Run) {
    do throws(UVError) {
      try ProcessGroups.signal(signal.number, group: run.pid)
    } catch {
      // ESRCH: it ended in between, or what is left of the session is in another group and was asked
      // for no stop; the poll finds out which.
    }
  }
}
