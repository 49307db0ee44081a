import Basics

/// How a run is over: its leader, its group, its output, its hook.
extension ProcessMachine {
  /// The leader of the present run has ended. If others of its group remain, they are ended too.
  mutating func exited(
    _ status: ExitStatus, groupRemains: Bool, oomKills: Int, _ context: EventContext
  ) -> [Effect] {
    switch activity {
    case .running(var run):
      let (exit, told) = recordExit(status, oomKills, of: &run, at: nil, context)
      let lines = told + disarmWatches(&run)
      if !groupRemains { return lines + drain(run, exit, context) }
      let line = Messages.endingLeftovers(id, run.pid)
      return lines + [.log(id, .write(line))] + endGroup(of: run, context)
    case .stopping(var stopping):
      if stopping.run.exit != nil { impossible("exited twice") }
      let (exit, lines) = recordExit(
        status, oomKills, of: &stopping.run, at: stopping.stage, context)
      if !groupRemains { return lines + disarm(stopping) + drain(stopping.run, exit, context) }
      switch stopping.stage {
      case .announced:
        let line = Messages.endingLeftovers(id, stopping.run.pid)
        return lines + disarm(stopping) + [.log(id, .write(line))]
          + endGroup(of: stopping.run, context)
      case .asked, .killed, .counted, .unkillable:
        activity = .stopping(stopping)
        return lines
      }
    case .preparing, .starting, .draining, .hook:
      impossible("exited")
    case .idle, .waiting, .blocked, .gone:
      return []
    }
  }

  /// The kernel has killed processes of the present run because memory ran out; its leader is
  /// alive.
  mutating func outOfMemory(oomKills: Int, _ context: EventContext) -> [Effect] {
    switch activity {
    case .running(var run):
      let lines = recordOomKills(oomKills, of: &run, context)
      activity = .running(run)
      return lines
    case .stopping(var stopping):
      let lines = recordOomKills(oomKills, of: &stopping.run, context)
      activity = .stopping(stopping)
      return lines
    case .preparing, .starting, .draining, .hook:
      impossible("outOfMemory")
    case .idle, .waiting, .blocked, .gone:
      return []
    }
  }

  /// No process is left of the present run.
  mutating func groupGone(_ context: EventContext) -> [Effect] {
    switch activity {
    case .stopping(let stopping):
      guard let exit = stopping.run.exit else { impossible("groupGone before exited") }
      return disarm(stopping) + drain(stopping.run, exit, context)
    case .preparing, .starting, .running, .draining, .hook:
      impossible("groupGone")
    case .idle, .waiting, .blocked, .gone:
      return []
    }
  }

  /// Both pipes of the present run have ended.
  mutating func outputEnded(
    lastErrorLine: String?, _ context: EventContext
  ) -> [Effect] {
    switch activity {
    case .running(var run):
      if run.hasOutputEnded { impossible("outputEnded twice") }
      run.hasOutputEnded = true
      run.lastErrorLine = lastErrorLine
      activity = .running(run)
      return []
    case .stopping(var stopping):
      if stopping.run.hasOutputEnded { impossible("outputEnded twice") }
      stopping.run.hasOutputEnded = true
      stopping.run.lastErrorLine = lastErrorLine
      activity = .stopping(stopping)
      return []
    case .draining(let draining):
      let disarm: [Effect] = draining.isClosing ? [] : [.disarm(timer(.outputGrace))]
      var run = draining.run
      run.lastErrorLine = lastErrorLine
      return disarm + runIsOver(run, draining.exit, context)
    case .preparing, .starting, .hook:
      impossible("outputEnded")
    case .idle, .waiting, .blocked, .gone:
      return []
    }
  }

  /// Notes how the leader ended. The kernel killed it if it was ended by a `SIGKILL` that the
  /// daemon had not sent, and the kernel has killed a process of the run since that was last told.
  /// `stage` is how far its end had come that was asked for, if any was.
  private mutating func recordExit(
    _ status: ExitStatus, _ oomKills: Int, of run: inout Run, at stage: Stopping.Stage?,
    _ context: EventContext
  ) -> (Run.Exit, lines: [Effect]) {
    let wasKilled =
      switch stage {
      case nil, .announced, .asked: false
      case .killed, .counted, .unkillable: true
      }
    let isOutOfMemory =
      status == .signal(.kill) && !wasKilled
      && (oomKills > run.oomKills || hasJustLostMember(run, context))
    let exit = Run.Exit(status: status, at: context.now, isOutOfMemory: isOutOfMemory)
    lastExit = ProcessEntry.LastExit(
      status: status, at: exit.at.sinceEpoch,
      reason: isOutOfMemory
        ? .outOfMemory
        : run.forcedEnd?.reason
          ?? (run.killedAfter != nil && status == .signal(.kill) ? .stopTimeout : nil))
    var lines: [Effect] = []
    if isOutOfMemory {
      if oomKills > run.oomKills { run.oomKills += 1 }
      let line = Messages.killedByKernel(id, run.pid, definition)
      lines = [.log(id, .write(line)), .logSupervisor(line, level: .warning)]
    }
    lines += recordOomKills(oomKills, of: &run, context)
    run.exit = exit
    tally.exits[exitReason(status, at: stage), default: 0] += 1
    tally.lastDuration = run.lasted(until: exit)
    let reason = isOutOfMemory ? Messages.outOfMemory(definition) : reasonOfEnd(run, stage)
    remember(run, exit, because: reason)
    return (exit, lines)
  }

  /// Whether a kill by the kernel was told a moment ago. The kernel counts a kill before the
  /// process has ended: that of the leader may have been taken for one of another member.
  private func hasJustLostMember(_ run: Run, _ context: EventContext) -> Bool {
    run.oomKilledAt.map { context.now.monotonic - $0 <= Self.oomKillTime } ?? false
  }

  /// How long a process may take to end that the kernel has killed.
  private static let oomKillTime: Duration = .seconds(1)

  /// Tells of members that the kernel has killed since the last time.
  private func recordOomKills(
    _ oomKills: Int, of run: inout Run, _ context: EventContext
  ) -> [Effect] {
    guard oomKills > run.oomKills else { return [] }
    run.oomKilledAt = context.now.monotonic
    let line = Messages.membersKilledByKernel(id, run.pid, oomKills - run.oomKills, definition)
    run.oomKills = oomKills
    return [.log(id, .write(line)), .logSupervisor(line, level: .warning)]
  }

  private func disarm(_ stopping: Stopping) -> [Effect] {
    stopping.armedTimer.map { [.disarm(timer($0))] } ?? []
  }

  /// Leader and group are gone: waits for the last output, but not for ever.
  private mutating func drain(_ run: Run, _ exit: Run.Exit, _ context: EventContext) -> [Effect] {
    if run.hasOutputEnded { return runIsOver(run, exit, context) }
    let isClosing = shutdown == .atOnce
    activity = .draining(
      Draining(
        run: run, exit: exit, isClosing: isClosing,
        deadline: context.now.monotonic + Self.outputGrace))
    if isClosing { return [.run(run.id, .closeOutput)] }
    return [.arm(timer(.outputGrace), after: Self.outputGrace)]
  }

  mutating func cutOff(_ draining: Draining) -> [Effect] {
    var draining = draining
    draining.isClosing = true
    activity = .draining(draining)
    return [.log(id, .write(Messages.outputCutOff)), .run(draining.run.id, .closeOutput)]
  }

  // MARK: The hook

  /// The hook after the present run has ended, well or not.
  mutating func hookEnded(_ context: EventContext) -> [Effect] {
    switch activity {
    case .hook(let hook):
      return afterRun(hook.run, hook.exit, context)
    case .preparing, .starting, .running, .stopping, .draining:
      impossible("hookEnded")
    case .idle, .waiting, .blocked, .gone:
      return []
    }
  }

  /// Executes the hook after a run that is over: also after one that an operator has stopped,
  /// before that is answered. Where there is none, or no time for it, what follows follows at once.
  mutating func runHook(after run: Run, _ exit: Run.Exit, _ context: EventContext) -> [Effect] {
    guard definition.afterExit != nil, shutdown != .atOnce else {
      return afterRun(run, exit, context)
    }
    let deadline = context.now.monotonic + definition.hookTimeout
    activity = .hook(Hook(run: run, exit: exit, isCancelled: false, deadline: deadline))
    return [.run(run.id, .runAfterExit(definition, exit.status))]
  }

  /// There is no time for it any more.
  mutating func cancel(_ hook: Hook) -> [Effect] {
    if hook.isCancelled { return [] }
    var hook = hook
    hook.isCancelled = true
    activity = .hook(hook)
    return [.run(hook.run.id, .cancelHook)]
  }

  // MARK: Records

  /// So many runs that are over are remembered.
  static let recordLimit = 20

  /// The leader of the present run has ended.
  mutating func remember(_ run: Run, _ exit: Run.Exit, because reason: String?) {
    if pastRuns.count >= Self.recordLimit { pastRuns.removeFirst() }
    pastRuns.append(PastRun(number: runCount, run, exit, reason))
  }

  /// In which way the leader has ended whose ``lastExit`` has just been noted.
  private func exitReason(_ status: ExitStatus, at stage: Stopping.Stage?) -> ExitReason {
    if let reason = lastExit?.reason { return .named(reason) }
    switch stage {
    case nil, .announced: break
    case .asked, .killed, .counted, .unkillable: return .stopped
    }
    if !isFailure(status) { return .success }
    switch status {
    case .code: return .exitCode
    case .signal: return .signal
    }
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
