import Supervision
import UV

/// Ends what an earlier supervisor, killed before it could, left running: each session gets its stop signal,
/// then `SIGKILL`; it is over when no process of it is left.
final class Leftovers {
  private var pending: [Pending]
  private let timer: Timer
  private let onEnded: (RunState.Run, _ isGone: Bool) -> Void
  /// When all of `/proc` is looked through again, for members that were not there the last time.
  private var scanAt: Duration
  private static let pollInterval: Duration = .milliseconds(20)
  private static let scanInterval: Duration = .seconds(1)
  /// How long a session may outlive `SIGKILL` before the start goes on without its end.
  private static let killTimeout: Duration = .seconds(5)

  private struct Pending {
    let run: RunState.Run
    let leader: RunState.Run.Leader
    var members: [SystemProcess.Member]
    var killAt: Duration
    var giveUpAt: Duration
  }

  /// Whether nothing is waited for any more.
  var isDone: Bool { pending.isEmpty }

  /// Those of the runs that are still there, each with its leader.
  static func alive(_ state: RunState) -> [RunState.Run] {
    guard !state.runs.isEmpty else { return [] }
    let sessions = SystemProcess.sessions()
    return state.runs.values.compactMap { run in
      var run = run
      if run.leader == nil { run.leader = begun(run) }
      guard let leader = run.leader else { return nil }
      let members = members(of: leader, sessions)
      if members.isEmpty { return nil }
      // A session without its leader may be one that came later, of a process that had the same pid.
      let isOurs = members.contains { $0.pid == leader.pid } || isMarked(leader.pid, run)
      return isOurs ? run : nil
    }
  }

  /// The leader of a run of which only the intention was written down, if it did begin: of those that carry
  /// its mark, the first to have started; others have left its session on purpose.
  private static func begun(_ run: RunState.Run) -> RunState.Run.Leader? {
    let found = SystemProcess.sessions(withVariable: "\(RunState.markerName)=\(run.marker)")
    let first = found.min { ($0.value, $0.key) < ($1.value, $1.key) }
    return first.map { RunState.Run.Leader(pid: $0.key, startTime: $0.value) }
  }

  private static func isMarked(_ session: Int32, _ run: RunState.Run) -> Bool {
    SystemProcess.sessions(withVariable: "\(RunState.markerName)=\(run.marker)")[session] != nil
  }

  /// Signals the sessions of these runs.
  /// - Parameter onEnded: called once for each of them, later, also when it outlived `SIGKILL`.
  init(
    _ runs: [RunState.Run], on loop: Loop, onEnded: @escaping (RunState.Run, Bool) -> Void
  ) throws(UVError) {
    let now = SystemProcess.monotonicClock
    let sessions = SystemProcess.sessions()
    pending = runs.compactMap { run in
      guard let leader = run.leader else { return nil }
      let killAt = now + run.stopTimeout
      return Pending(
        run: run, leader: leader, members: Self.members(of: leader, sessions), killAt: killAt,
        giveUpAt: killAt + Self.killTimeout)
    }
    scanAt = now + Self.scanInterval
    self.onEnded = onEnded
    timer = try Timer(on: loop)
    for entry in pending { Self.signal(entry.run.stopSignal, entry.members) }
    timer.start(after: .zero, repeating: Self.pollInterval) { [self] in poll() }
  }

  /// How long it may take until nothing is waited for any more, at the most.
  func longestEnd(at now: Duration) -> Duration {
    pending.map { max(.zero, $0.giveUpAt - now) }.max() ?? .zero
  }

  /// Waits for nobody's time to be over: what is left is killed now.
  func killAll() {
    let now = SystemProcess.monotonicClock
    for index in pending.indices where pending[index].killAt > now {
      pending[index].killAt = now
      pending[index].giveUpAt = now + Self.killTimeout
    }
    scanAt = now
    poll()
  }

  private func poll() {
    guard !pending.isEmpty else { return }
    let now = SystemProcess.monotonicClock
    for index in pending.indices {
      pending[index].members.removeAll { !SystemProcess.isAlive($0) }
    }
    // Between two looks at everything, those who were seen the last time are enough. That nobody is left is
    // believed only of a look at everything.
    if now >= scanAt || pending.contains(where: { $0.members.isEmpty || now >= $0.killAt }) {
      scan(now)
    }
    let ended = pending.filter { $0.members.isEmpty || now >= $0.giveUpAt }
    pending.removeAll { $0.members.isEmpty || now >= $0.giveUpAt }
    if pending.isEmpty { timer.close() }
    for entry in ended { onEnded(entry.run, entry.members.isEmpty) }
  }

  private func scan(_ now: Duration) {
    scanAt = now + Self.scanInterval
    let sessions = SystemProcess.sessions()
    for index in pending.indices {
      pending[index].members = Self.members(of: pending[index].leader, sessions)
      // Again at each look: a member may have forked between the last one and its end.
      if now >= pending[index].killAt { Self.signal(.kill, pending[index].members) }
    }
  }

  /// The processes of a leader's session. Its pid is not given away while the session has members: if
  /// another process has it, or members are older than the leader, the session is somebody else's.
  private static func members(
    of leader: RunState.Run.Leader, _ sessions: [Int32: [SystemProcess.Member]]
  ) -> [SystemProcess.Member] {
    let members = sessions[leader.pid] ?? []
    if let first = members.first(where: { $0.pid == leader.pid }),
      first.startTime != leader.startTime
    {
      return []
    }
    return members.filter { $0.startTime >= leader.startTime }
  }

  private static func signal(_ signal: Signal, _ members: [SystemProcess.Member]) {
    for member in members {
      do throws(UVError) {
        try SystemProcess.signal(signal.number, process: member.pid)
      } catch {
        // ESRCH: it ended in between. EPERM: it has become somebody else; the log will say that it is
        // still there.
      }
    }
  }
}
