/// What the API and other processes see of it.
extension ProcessMachine {
  /// What `/list` calls the state: derived here from goal, activity and error, and nowhere else.
  var status: ProcessStatus {
    switch activity {
    case .idle:
      switch goal {
      case .up, .stayDown: error == nil ? .stopped : .failed
      case .down, .removed: .manuallyStopped
      }
    case .waiting(let wait):
      switch wait.reason {
      case .period, .schedule: .waiting
      case .restart: .backoff
      }
    case .blocked: .starting
    case .preparing(_, _, let isCancelled), .starting(_, let isCancelled):
      isCancelled ? .stopping : .starting
    case .running(let run): run.isReady ? .running : .starting
    case .stopping, .draining, .hook: .stopping
    case .gone: .manuallyStopped
    }
  }

  /// The run whose leader is alive.
  var liveRun: Run? {
    switch activity {
    case .running(let run): run
    case .stopping(let stopping): stopping.run.exit == nil ? stopping.run : nil
    case .idle, .waiting, .blocked, .preparing, .starting, .draining, .hook, .gone: nil
    }
  }

  /// Whether its present run is ready, and its end is not wanted.
  var isReady: Bool {
    switch activity {
    case .running(let run): run.isReady
    case .idle, .waiting, .blocked, .preparing, .starting, .stopping, .draining, .hook, .gone: false
    }
  }

  /// What is known of the health of the run whose leader is alive.
  var health: Health { liveRun?.check.health ?? Health() }

  /// Whether everything of it is over and it can be forgotten.
  var isGone: Bool {
    switch activity {
    case .gone: true
    case .idle, .waiting, .blocked, .preparing, .starting, .running, .stopping, .draining, .hook:
      false
    }
  }

  /// Whether a shutdown need not wait for it: nothing runs, or what runs cannot be killed.
  var isSettled: Bool {
    switch activity {
    case .idle, .gone: true
    case .stopping(let stopping): shutdown != .no && stopping.stage == .unkillable
    case .waiting, .blocked, .preparing, .starting, .running, .draining, .hook: false
    }
  }

  /// What `/list` shows.
  func entry(at now: Moment) -> ProcessEntry {
    let run = liveRun
    var entry = ProcessEntry(
      definition: definition, status: status, pid: run?.pid, runCount: runCount,
      restartCount: restartCount, restartTotal: restartTotal, lastRun: lastRun, nextRun: nextRun,
      uptime: run.map { now.monotonic - $0.startedAt.monotonic }, lastExit: lastExit,
      error: error ?? errorOfLastExit)
    entry.health = health
    entry.isReady = isReady
    entry.statusText = run?.statusText
    entry.tally = tally
    return entry
  }

  /// A run that the kernel killed has not ended as it should, also where nothing else follows from
  /// it.
  private var errorOfLastExit: String? {
    guard lastExit?.reason == .outOfMemory, showsHowItEnded else { return nil }
    switch activity {
    case .idle, .waiting: return Messages.outOfMemory(definition)
    case .blocked, .preparing, .starting, .running, .stopping, .draining, .hook, .gone: return nil
    }
  }

  private var nextRun: Duration? {
    switch activity {
    case .waiting(let wait): wait.due.sinceEpoch
    case .running(let run): run.nextDue
    case .idle, .blocked, .preparing, .starting, .stopping, .draining, .hook, .gone: nil
    }
  }

  /// The latest runs, newest first, with the one whose leader is alive.
  func runs(at now: Moment) -> [RunRecord] {
    let present = liveRun.map { run in
      RunRecord(
        number: runCount, start: run.startedAt.sinceEpoch,
        duration: now.monotonic - run.startedAt.monotonic)
    }
    return (present.map { [$0] } ?? []) + pastRuns.reversed().map(\.record)
  }

  // MARK: For the supervisor

  /// Whether nothing of it runs, or what runs cannot be killed.
  var isAtRest: Bool {
    if case .stopping(let stopping) = activity, stopping.stage == .unkillable { return true }
    return presentRun == nil
  }

  /// Whether nothing of it runs, or will by itself.
  var isAtRestForGood: Bool {
    switch activity {
    case .idle, .gone: true
    case .waiting, .blocked, .preparing, .starting, .running, .stopping, .draining, .hook: false
    }
  }

  /// Whether an operator has said that it is to be down, also where nothing of it ran.
  var isKeptDown: Bool {
    switch goal {
    case .stayDown, .down: true
    case .up, .removed: false
    }
  }

  /// Whether it shows how its last run ended, once nothing runs any more, and not that an operator
  /// stopped it.
  var showsHowItEnded: Bool {
    switch goal {
    case .up, .stayDown: true
    case .down, .removed: false
    }
  }

  /// Whether it runs or is being started, and its end is not wanted.
  var isUp: Bool {
    switch activity {
    case .preparing(_, _, isCancelled: false), .starting(_, isCancelled: false), .running: true
    case .preparing, .starting, .idle, .waiting, .blocked, .stopping, .draining, .hook, .gone: false
    }
  }

  // MARK: The end

  /// How long its end may take from now on, at the most: zero where nothing is waited for.
  func longestEnd(at now: Moment) -> Duration {
    switch activity {
    case .idle, .waiting, .blocked, .gone:
      .zero
    case .preparing, .starting, .running:
      definition.stopTimeout + Self.killTimeout + Self.outputGrace + hookTimeout
    case .stopping(let stopping):
      switch stopping.stage {
      case .announced: definition.stopTimeout + Self.killTimeout + Self.outputGrace + hookTimeout
      case .asked:
        remaining(until: stopping.deadline, now) + Self.killTimeout + Self.outputGrace + hookTimeout
      case .killed: remaining(until: stopping.deadline, now) + Self.outputGrace + hookTimeout
      case .counted, .unkillable: .zero
      }
    case .draining(let draining):
      remaining(until: draining.deadline, now) + hookTimeout
    case .hook(let hook):
      remaining(until: hook.deadline, now)
    }
  }

  private var hookTimeout: Duration {
    definition.afterExit == nil ? .zero : definition.hookTimeout
  }

  private func remaining(until deadline: Duration, _ now: Moment) -> Duration {
    max(.zero, deadline - now.monotonic)
  }
}
