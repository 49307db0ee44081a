extension ProcessMachine {
  /// The wall clock is looked at again after this long at the latest: it may have been set.
  static let lookInterval = Duration.seconds(60)
  /// A clock that jumps further than this has been corrected, as for Debian's cron(8): what would have been due in
  /// between is left out, and what was due before it was set back may be due again.
  static let farJump = Duration.seconds(3 * 3600)

  /// Waits for the next time that is due by the schedule.
  mutating func waitFor(_ schedule: CronSchedule, _ turn: Turn) -> [Effect] {
    guard let due = nextDue(schedule, turn) else {
      activity = .idle
      error = Words.neverDue(schedule)
      let line = Words.neverDue(id, schedule)
      return [.log(process: id, line), .logOwn(line, level: .warning)]
    }
    let line = Words.nextRun(id, in: due - turn.now.sinceEpoch, schedule)
    return [.log(process: id, line)] + sleep(until: due, turn)
  }

  private mutating func sleep(until due: Duration, _ turn: Turn) -> [Effect] {
    let look = min(due - turn.now.sinceEpoch, Self.lookInterval)
    let wake = Moment(monotonic: turn.now.monotonic + look, sinceEpoch: due)
    activity = .waiting(Wait(due: wake, reason: .schedule))
    return [.arm(timer(.nextRun), after: look)]
  }

  private func nextDue(_ schedule: CronSchedule, _ turn: Turn) -> Duration? {
    var start = turn.now.sinceEpoch
    if let latestDue, latestDue > start, latestDue - start <= Self.farJump { start = latestDue }
    return schedule.next(after: start, in: turn.zone)
  }

  /// It is time to look whether the run that is waited for is due.
  mutating func lookAtSchedule(_ wait: Wait, _ turn: Turn) -> [Effect] {
    guard let schedule = definition.schedule else { impossible("a look at the schedule") }
    let late = turn.now.sinceEpoch - wait.due.sinceEpoch
    if late > Self.farJump {
      return [.log(process: id, Words.missed(id, late))] + waitFor(schedule, turn)
    }
    if late >= .zero {
      latestDue = wait.due.sinceEpoch
      return spawn(turn)
    }
    let due = nextDue(schedule, turn)
    if due == wait.due.sinceEpoch { return sleep(until: wait.due.sinceEpoch, turn) }
    return waitFor(schedule, turn)
  }

  /// It is to be up, but not to run before its time. Nil where it has no schedule, or a run is under way or on its
  /// way.
  mutating func waitForSchedule(answering ticket: Ticket, _ turn: Turn) -> [Effect]? {
    guard let schedule = definition.schedule, goal != .removed else { return nil }
    let isWaiting: Bool
    switch activity {
    case .waiting: isWaiting = true
    case .idle: isWaiting = false
    case .blocked, .starting, .running, .stopping, .draining, .hook, .gone: return nil
    }
    var effects: [Effect] = []
    if !isWaiting {
      goal = .up
      staysDown = false
      error = nil
      effects = waitFor(schedule, turn)
      guard error == nil else {
        return effects + [
          .reply(ticket, .refused(.conflict, message: Words.neverDue(id, schedule)))
        ]
      }
    }
    return effects + [.reply(ticket, .done(Words.waitsForNextRun(id, schedule)))]
  }

  // MARK: While a run goes on

  /// Sees to it that it is noticed when the next run is due during this one.
  func watchSchedule(during run: inout Run, _ turn: Turn) -> [Effect] {
    run.nextDue = definition.schedule.flatMap { nextDue($0, turn) }
    guard let due = run.nextDue else { return disarm(.nextRun, of: &run) }
    let look = min(due - turn.now.sinceEpoch, Self.lookInterval)
    return arm(.nextRun, of: &run, after: look, turn)
  }

  mutating func lookAtSchedule(during run: inout Run, _ turn: Turn) -> [Effect] {
    let lines = noteOverlap(of: &run, turn)
    return lines + watchSchedule(during: &run, turn)
  }

  /// A run that is due while the last one goes on is left out, or follows it.
  mutating func noteOverlap(of run: inout Run, _ turn: Turn) -> [Effect] {
    guard let due = run.nextDue, due <= turn.now.sinceEpoch else { return [] }
    latestDue = due
    run.nextDue = nil
    switch definition.overlap {
    case .skip:
      return [.log(process: id, Words.leftOut(id, run.pid))]
    case .queue:
      if run.isFollowed { return [] }
      run.isFollowed = true
      return [.log(process: id, Words.queued(id, run.pid))]
    }
  }

  /// The local time of the machine is another.
  mutating func zoneChanged(_ turn: Turn) -> [Effect] {
    guard let schedule = definition.schedule, goal == .up, shutdown == .no else { return [] }
    switch activity {
    case .waiting(let wait):
      switch wait.reason {
      case .schedule:
        // One that is due already is noticed by the timer.
        if wait.due.sinceEpoch <= turn.now.sinceEpoch { return [] }
        if nextDue(schedule, turn) == wait.due.sinceEpoch { return [] }
        return rescheduled(schedule, turn)
      case .period, .restart: return []
      }
    case .idle:
      guard !staysDown, error == Words.neverDue(schedule) else { return [] }
      error = nil
      return waitFor(schedule, turn)
    case .running(var run):
      let effects = lookAtSchedule(during: &run, turn)
      activity = .running(run)
      return effects
    case .blocked, .starting, .stopping, .draining, .hook, .gone:
      return []
    }
  }

  /// Waits anew; the timer of the wait before is armed.
  mutating func rescheduled(_ schedule: CronSchedule, _ turn: Turn) -> [Effect] {
    [.disarm(timer(.nextRun))] + waitFor(schedule, turn)
  }
}
