extension ProcessMachine {
  /// So many runs that are over are remembered.
  static let recordLimit = 20

  /// The latest runs, newest first, with the one whose leader is alive.
  func runs(at now: Moment) -> [RunRecord] {
    let present = liveRun.map { run in
      RunRecord(
        number: runCount, start: run.startedAt.sinceEpoch,
        duration: now.monotonic - run.startedAt.monotonic)
    }
    return (present.map { [$0] } ?? []) + pastRuns.reversed().map(\.record)
  }

  /// The leader of the present run has ended.
  mutating func remember(_ run: Run, _ exit: Run.Exit, because reason: String?) {
    if pastRuns.count >= Self.recordLimit { pastRuns.removeFirst() }
    pastRuns.append(PastRun(number: runCount, run, exit, reason))
  }

  /// What ended the leader of a run, where that was not itself.
  func reasonOfEnd(_ run: Run, _ stage: Stopping.Stage?) -> String? {
    if let forcedEnd = run.forcedEnd { return forcedEnd.words }
    switch stage {
    case nil, .announced: return nil
    case .asked, .killed, .counted, .unkillable: break
    }
    let why =
      shutdown != .no
      ? Messages.endedByShutdown
      : goal == .removed
        ? Messages.endedByRemoval : wasStopped ? Messages.endedByStop : Messages.endedByRestart
    return Messages.ended(why, killedAfter: run.killedAfter)
  }
}
