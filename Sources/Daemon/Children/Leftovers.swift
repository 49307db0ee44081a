import Supervision
import UV

/// Ends what an earlier supervisor, killed before it could, left running: each group gets its stop signal,
/// then `SIGKILL`; it is over when no process of the session is left.
final class Leftovers {
  private var pending: [Pending]
  private let timer: Timer
  private let onEnded: (RunState.Run, _ isGone: Bool) -> Void
  private var isClosed = false
  private static let pollInterval: Duration = .milliseconds(20)
  /// How long a session may outlive `SIGKILL` before the start goes on without its end.
  private static let killTimeout: Duration = .seconds(5)

  private struct Pending {
    let run: RunState.Run
    let leader: RunState.Run.Leader
    var killAt: Duration
    var giveUpAt: Duration
    var isKilled = false
  }

  /// Those of the runs that are still there, each with its leader.
  static func alive(_ state: RunState) -> [RunState.Run] {
    guard !state.runs.isEmpty else { return [] }
    let sessions = SystemProcess.sessions()
    return state.runs.values.compactMap { run in
      var run = run
      if run.leader == nil { run.leader = begun(run, token: state.token) }
      guard let leader = run.leader else { return nil }
      return members(of: leader, sessions).isEmpty ? nil : run
    }
  }

  /// The leader of a run of which only the intention was written down, if it did begin.
  private static func begun(_ run: RunState.Run, token: String) -> RunState.Run.Leader? {
    let marker = RunState.marker(token: token, run.number)
    let found = SystemProcess.sessions(withVariable: "\(marker.name)=\(marker.value)")
    return found.first.map { RunState.Run.Leader(pid: $0.key, startTime: $0.value) }
  }

  /// Signals the groups of these runs.
  /// - Parameter onEnded: called once for each of them, later, also when it outlived `SIGKILL`.
  init(
    _ runs: [RunState.Run], on loop: Loop, onEnded: @escaping (RunState.Run, Bool) -> Void
  ) throws(UVError) {
    let now = SystemProcess.monotonicClock
    pending = runs.compactMap { run in
      guard let leader = run.leader else { return nil }
      let killAt = now + run.stopTimeout
      return Pending(
        run: run, leader: leader, killAt: killAt, giveUpAt: killAt + Self.killTimeout)
    }
    self.onEnded = onEnded
    timer = try Timer(on: loop)
    let sessions = SystemProcess.sessions()
    for entry in pending {
      Self.signal(entry.run.stopSignal, Self.members(of: entry.leader, sessions))
    }
    timer.start(after: .zero, repeating: Self.pollInterval) { [self] in poll() }
  }

  /// Does not wait for anybody's time to be over.
  func killAll() {
    let now = SystemProcess.monotonicClock
    for index in pending.indices where !pending[index].isKilled {
      pending[index].killAt = now
      pending[index].giveUpAt = now + Self.killTimeout
    }
  }

  /// Waits no longer; what is left is left.
  func close() {
    guard !isClosed else { return }
    isClosed = true
    pending = []
    timer.close()
  }

  private func poll() {
    let now = SystemProcess.monotonicClock
    let sessions = SystemProcess.sessions()
    var ended: [(RunState.Run, Bool)] = []
    pending = pending.compactMap { entry in
      var entry = entry
      let members = Self.members(of: entry.leader, sessions)
      if members.isEmpty || now >= entry.giveUpAt {
        ended.append((entry.run, members.isEmpty))
        return nil
      }
      if now >= entry.killAt {
        // Again at each look: a member may have forked between the look and the signal.
        entry.isKilled = true
        Self.signal(.kill, members)
      }
      return entry
    }
    if pending.isEmpty { close() }
    for (run, isGone) in ended { onEnded(run, isGone) }
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
