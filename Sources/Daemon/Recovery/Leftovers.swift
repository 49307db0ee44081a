import Basics
import Supervision
import UV

/// Ends what an earlier supervisor, killed before it could, left running: each run gets its stop
/// signal, then `SIGKILL`; it is over when no process of it is left.
final class Leftovers {
  private var pending: [Pending]
  private let clock: Clock
  private let scanner: ProcessScanner
  private let marks = EnvironmentMemory()
  private var isScanning = false
  private let timer: Timer
  private let onEnded: (Leftover, End) -> Void
  /// When all of `/proc` is looked through again, for members that were not there the last time.
  private var scanAt: Duration
  /// Until when that is not done out of turn: with thousands of processes it takes longer than the
  /// poll waits.
  private var restUntil = Duration.zero
  /// How long a look is rested from, as a multiple of the time that it took.
  private static let restFactor = 4
  private static let pollInterval: Duration = .milliseconds(20)
  private static let scanInterval: Duration = .seconds(1)

  private struct Pending {
    let leftover: Leftover
    var found = LeftoverSearch.Found()
    var plan: LeftoverEnd

    init(_ leftover: Leftover, now: Duration) {
      self.leftover = leftover
      // Of one that was not written down it is not known how it is to be ended.
      plan = LeftoverEnd(
        leftover.run?.stopSignal ?? .kill, within: leftover.run?.stopTimeout ?? .zero, at: now)
    }

    /// How it has come to an end now.
    var end: End {
      if isEmpty { return .ended }
      let members = found.members.map(Survivor.init)
      return members.isEmpty ? .unclear(found.unclear) : .outlived(members)
    }

    /// Whether no process is left: its cgroup knows best, also of those that cannot be seen.
    var isEmpty: Bool {
      guard found.isEmpty else { return false }
      // One that cannot be read now is looked at again.
      guard let group = leftover.group else { return true }
      do throws(UVError) {
        return try !group.isPopulated()
      } catch {
        return false
      }
    }
  }

  /// How it has come to an end.
  enum End {
    /// Nothing is left.
    case ended
    /// These outlived SIGKILL.
    case outlived([Survivor])
    /// Whether something is left cannot be told: these may be; none where processes could not be
    /// listed.
    case unclear([Survivor])
  }

  /// Whether nothing is waited for any more.
  var isDone: Bool { pending.isEmpty }

  /// What is still there of the runs that are written down, of those that were found by their
  /// marks, and in the cgroups. Empty cgroups are removed, if they can be. Runs of a daemon that is
  /// alive are not touched, also where they are written down: the directory may be a copy of that
  /// one's.
  static func alive(
    _ state: RunState, _ predecessors: Predecessors, _ cgroups: CgroupTree?
  ) throws(UVError) -> [Leftover] {
    var groups = try cgroups?.groups() ?? [:]
    for (process, group) in groups where try !group.isPopulated() {
      do throws(UVError) {
        try group.remove()
      } catch {
        // Something in it may be another user's, or a mount point. Where that matters, the start of
        // its process tries again, and says so.
      }
      groups[process] = nil
    }
    let runs = runs(state, predecessors)
    guard !runs.isEmpty || !groups.isEmpty else { return [] }
    var leftovers = runs.map { run in
      Leftover(process: run.process, run: begun(run, predecessors.search))
    }
    for (process, group) in groups {
      // The latest run of a process is the one that is in its group; hooks and probes are in none.
      let latest = leftovers.lastIndex { $0.process == process && $0.run?.isHelper == false }
      if let index = latest {
        leftovers[index].group = group
      } else {
        leftovers.append(Leftover(process: process, group: group))
      }
    }
    let found = predecessors.search.found(of: leftovers)
    return leftovers.indices.filter {
      !found[$0].isEmpty || leftovers[$0].group != nil
    }.map { leftovers[$0] }
  }

  /// Those that are written down, and those that are not, by their numbers.
  private static func runs(_ state: RunState, _ predecessors: Predecessors) -> [RunState.Run] {
    var runs = state.runs.values.filter { run in
      RunMark(run.marker).map { !predecessors.token.isAlive($0) } ?? true
    }.sorted { $0.number < $1.number }
    let known = Set(runs.map(\.marker))
    var number = state.runs.keys.max() ?? 0
    for (marker, run) in predecessors.runs.sorted(by: { $0.key < $1.key })
    where !known.contains(marker) {
      number += 1
      var run = run
      run.number = number
      runs.append(run)
    }
    return runs
  }

  /// Fills in the leader of a run of which only the intention was written down, if it did begin: of
  /// those that carry its mark, the first to have started; others have left its session on purpose.
  private static func begun(_ run: RunState.Run, _ search: LeftoverSearch) -> RunState.Run {
    guard run.leader == nil else { return run }
    var run = run
    let first = (search.byMark[run.marker] ?? []).min {
      ($0.startTime, $0.pid) < ($1.startTime, $1.pid)
    }
    // The supervisor has made a session for the run, and nothing in it is older. A mark can be
    // copied into any other session, whose processes are none of the run's; that of number 0 is one
    // outside of this PID namespace.
    guard let first, first.session > 1,
      !search.records.contains(where: {
        $0.session == first.session && $0.startTime < first.startTime
      })
    else { return run }
    run.leader = RunState.Run.Leader(pid: first.session, startTime: first.startTime)
    return run
  }

  /// Signals what is there.
  /// - Parameter onEnded: called once for each, later.
  init(
    _ leftovers: [Leftover], on loop: Loop, clock: Clock, _ scanner: ProcessScanner,
    onEnded: @escaping (Leftover, End) -> Void
  ) throws(UVError) {
    let now = clock.monotonic()
    pending = leftovers.map { Pending($0, now: now) }
    scanAt = now
    self.onEnded = onEnded
    self.clock = clock
    self.scanner = scanner
    timer = try Timer(on: loop)
    timer.start(after: .zero, repeating: Self.pollInterval) { [self] in poll() }
  }

  /// How long it may take until nothing is waited for any more, at the most.
  func longestEnd(at now: Duration) -> Duration {
    pending.map { $0.plan.longest(at: now) }.max() ?? .zero
  }

  /// Does not wait until the time to stop is over: what is left is killed now.
  func killAll() {
    let now = clock.monotonic()
    for index in pending.indices { pending[index].plan.killNow(at: now) }
    scanAt = now
    poll()
  }

  private func poll() {
    guard !pending.isEmpty, !isScanning else { return }
    let now = clock.monotonic()
    for index in pending.indices {
      pending[index].found.members.removeAll { !ProcessTable.isRunning($0.pid) }
    }
    // Between two looks at everything, those that were seen the last time are enough. That no
    // process is left is believed only of a look at everything.
    let isWorthALook = pending.contains {
      $0.found.members.isEmpty || $0.found.isUnclear || $0.plan.isKilled(at: now)
    }
    guard now >= scanAt || now >= restUntil && isWorthALook else { return }
    scanAt = now + Self.scanInterval
    let ticks = clock.bootTicks()
    isScanning = true
    scanner.scan(for: RunState.markerName, marks) { [self] in take($0, begunAt: now, ticks) }
  }

  /// - Parameters:
  ///   - begunAt: when the look began, on the monotonic clock.
  ///   - ticks: the same in clock ticks since the boot.
  private func take(_ scan: ProcessScan, begunAt: Duration, _ ticks: UInt64) {
    isScanning = false
    let search = LeftoverSearch(scan)
    let found = search.found(of: pending.map(\.leftover))
    let now = clock.monotonic()
    for index in pending.indices {
      let before = pending[index].found.members
      pending[index].found = found[index]
      // What was not seen this time is there perhaps.
      if found[index].isUnclear { pending[index].found.keep(before) }
      let step = pending[index].plan.step(
        after: LeftoverEnd.Look(
          begunAt: begunAt, endedAt: now, ticks: ticks,
          members: pending[index].found.members.map { ($0.pid, $0.startTime) },
          isComplete: !pending[index].found.isUnclear))
      perform(step, on: pending[index])
    }
    marks.keep(only: Set(search.records.map(\.member)))
    restUntil = now + (now - begunAt) * Self.restFactor
    let end = pending.partition { $0.isEmpty || $0.plan.isGivenUp(at: now) }
    // Nothing is done before the last of them has been told of.
    for entry in pending[end...].reversed() {
      pending.removeLast()
      if pending.isEmpty { timer.close() }
      onEnded(entry.leftover, entry.end)
    }
  }

  private func perform(_ step: LeftoverEnd.Step, on entry: Pending) {
    switch step {
    case .ask(let pids, let signal):
      Self.signal(signal, pids)
      // One that was stopped takes the signal only then.
      if signal != .kill { Self.signal(.continue, pids) }
    case .kill:
      do throws(UVError) {
        _ = try entry.leftover.group?.kill()
      } catch {
        // The group is gone, or will be tried again at the next look; the log names what outlives
        // it.
      }
      Self.signal(.kill, entry.found.members.map(\.pid))
    }
  }

  private static func signal(_ signal: Signal, _ pids: [Int32]) {
    for pid in pids {
      do throws(UVError) {
        try ProcessTable.signal(signal.number, process: pid)
      } catch {
        // ESRCH: it ended in between. EPERM: it has become another user's; the log will say that it
        // is still there.
      }
    }
  }
}
