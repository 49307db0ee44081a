/// The time between two runs, and schedules.
extension ProcessMachine {
  mutating func begin(_ wait: Wait, _ context: EventContext) -> [Effect] {
    switch wait.reason {
    case .period:
      return spawn(context)
    case .schedule:
      return lookAtSchedule(wait, context)
    case .restart(let cause, _, _):
      restartCount += 1
      restartTotal += 1
      return [.log(id, .write(Messages.autoRestarting(id, cause, definition)))] + spawn(context)
    }
  }

  /// The wall clock is looked at again after this long at the latest: it may have been set.
  static let lookInterval = Duration.seconds(60)
  /// A clock that jumps further than this has been corrected, as for Debian's cron(8): what would
  /// have been due in between is left out, and what was due before it was set back may be due
  /// again.
  static let farJump = Duration.seconds(3 * 3600)

  /// Waits for the next time that is due by the schedule.
  mutating func scheduleNext(_ schedule: CronSchedule, _ context: EventContext) -> [Effect] {
    guard let due = nextDue(schedule, context) else {
      activity = .idle
      error = Messages.neverDue(schedule)
      let line = Messages.neverDue(id, schedule)
      return [.log(id, .write(line)), .logSupervisor(line, level: .warning)]
    }
    let line = Messages.nextRun(id, in: due - context.now.sinceEpoch, schedule)
    return [.log(id, .write(line))] + wait(until: due, context)
  }

  private mutating func wait(until due: Duration, _ context: EventContext) -> [Effect] {
    let look = min(due - context.now.sinceEpoch, Self.lookInterval)
    let wake = Moment(monotonic: context.now.monotonic + look, sinceEpoch: due)
    activity = .waiting(Wait(due: wake, reason: .schedule))
    return [.arm(timer(.nextRun), after: look)]
  }

  private func nextDue(_ schedule: CronSchedule, _ context: EventContext) -> Duration? {
    var start = context.now.sinceEpoch
    if let latestDue, latestDue > start, latestDue - start <= Self.farJump { start = latestDue }
    return schedule.next(after: start, in: context.zone)
  }

  /// It is time to look whether the run that is waited for is due.
  mutating func lookAtSchedule(_ wait: Wait, _ context: EventContext) -> [Effect] {
    guard let schedule = definition.schedule else { impossible("a look at the schedule") }
    let late = context.now.sinceEpoch - wait.due.sinceEpoch
    if late > Self.farJump {
      tally.skippedRuns += 1
      return [.log(id, .write(Messages.missed(id, late)))] + scheduleNext(schedule, context)
    }
    if late >= .zero {
      latestDue = wait.due.sinceEpoch
      return spawn(context)
    }
    let due = nextDue(schedule, context)
    if due == wait.due.sinceEpoch { return self.wait(until: wait.due.sinceEpoch, context) }
    return scheduleNext(schedule, context)
  }

  /// It is to be up, but not to run before its time. Nil where it has no schedule, or a run is
  /// under way or on its way.
  mutating func startOnSchedule(answering ticket: Ticket, _ context: EventContext) -> [Effect]? {
    guard let schedule = definition.schedule, goal != .removed else { return nil }
    let isWaiting: Bool
    switch activity {
    case .waiting: isWaiting = true
    case .idle: isWaiting = false
    case .blocked, .preparing, .starting, .running, .stopping, .draining, .hook, .gone: return nil
    }
    var effects: [Effect] = []
    if !isWaiting {
      goal = .up
      error = nil
      effects = scheduleNext(schedule, context)
      guard error == nil else {
        return effects + [
          .reply(ticket, .refused(.conflict, message: Messages.neverDue(id, schedule)))
        ]
      }
    }
    return effects + [.reply(ticket, .done(Messages.waitsForNextRun(id, schedule)))]
  }

  // MARK: While a run goes on

  /// Sees to it that it is noticed when the next run is due during this one.
  func watchSchedule(during run: inout Run, _ context: EventContext) -> [Effect] {
    run.nextDue = definition.schedule.flatMap { nextDue($0, context) }
    guard let due = run.nextDue else { return disarm(.nextRun, of: &run) }
    let look = min(due - context.now.sinceEpoch, Self.lookInterval)
    return arm(.nextRun, of: &run, after: look, context)
  }

  mutating func lookAtSchedule(during run: inout Run, _ context: EventContext) -> [Effect] {
    let lines = noteOverlap(of: &run, context)
    return lines + watchSchedule(during: &run, context)
  }

  /// A run that is due while the last one goes on is left out, or follows it.
  mutating func noteOverlap(of run: inout Run, _ context: EventContext) -> [Effect] {
    guard let due = run.nextDue, due <= context.now.sinceEpoch else { return [] }
    latestDue = due
    run.nextDue = nil
    switch definition.overlap {
    case .skip:
      tally.skippedRuns += 1
      return [.log(id, .write(Messages.leftOut(id, run.pid)))]
    case .queue:
      if run.isFollowed {
        tally.skippedRuns += 1
        return []
      }
      run.isFollowed = true
      return [.log(id, .write(Messages.queued(id, run.pid)))]
    }
  }

  /// The local time of the machine is another.
  mutating func zoneChanged(_ context: EventContext) -> [Effect] {
    guard let schedule = definition.schedule, goal == .up, shutdown == .no else { return [] }
    switch activity {
    case .waiting(let wait):
      switch wait.reason {
      case .schedule:
        // One that is due already is noticed by the timer.
        if wait.due.sinceEpoch <= context.now.sinceEpoch { return [] }
        if nextDue(schedule, context) == wait.due.sinceEpoch { return [] }
        return rescheduled(schedule, context)
      case .period, .restart: return []
      }
    case .idle:
      guard error == Messages.neverDue(schedule) else { return [] }
      error = nil
      return scheduleNext(schedule, context)
    case .running(var run):
      let effects = lookAtSchedule(during: &run, context)
      activity = .running(run)
      return effects
    case .blocked, .preparing, .starting, .stopping, .draining, .hook, .gone:
      return []
    }
  }

  /// Waits again; the timer of the wait before is armed.
  mutating func rescheduled(_ schedule: CronSchedule, _ context: EventContext) -> [Effect] {
    [.disarm(timer(.nextRun))] + scheduleNext(schedule, context)
  }
}
