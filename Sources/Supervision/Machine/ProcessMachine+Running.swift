/// What watches over a run while its leader is alive and is to be.
extension ProcessMachine {
  /// How often the memory of a run with a limit is looked at.
  static let memoryInterval = Duration.seconds(5)
  /// How long a run with `ready: notify` may take to be ready, where its definition does not say.
  static let notifyTimeout = Duration.seconds(90)

  /// The present run has begun: arms all that watches over it.
  func beginWatching(_ run: inout Run, _ context: EventContext) -> [Effect] {
    var effects: [Effect] = []
    if definition.healthCheck != nil {
      run.check.health.status = .starting
      run.check.health.since = context.now.sinceEpoch
    }
    effects += watchReadiness(of: &run, context)
    effects += watchMemory(of: &run, context)
    effects += watchDuration(of: &run, context)
    effects += watchSchedule(during: &run, context)
    switch definition.execution.ready {
    case .spawned, .healthy: effects += beginChecks(of: &run, context)
    case .notify: break
    }
    return effects
  }

  /// Begins to probe, and to expect signs of life: not before a run that tells when it is ready has
  /// done so.
  func beginChecks(of run: inout Run, _ context: EventContext) -> [Effect] {
    probe(&run) + watchLife(of: &run, context)
  }

  func watchReadiness(of run: inout Run, _ context: EventContext) -> [Effect] {
    guard !run.isReady, let timeout = readyTimeout else {
      return disarm(.readyTimeout, of: &run)
    }
    return arm(.readyTimeout, of: &run, after: remaining(of: timeout, run, context), context)
  }

  func watchDuration(of run: inout Run, _ context: EventContext) -> [Effect] {
    guard isTimed, let timeout = definition.runTimeout else {
      return disarm(.runTimeout, of: &run)
    }
    return arm(.runTimeout, of: &run, after: remaining(of: timeout, run, context), context)
  }

  func watchMemory(of run: inout Run, _ context: EventContext) -> [Effect] {
    guard definition.restartAboveMemoryBytes != nil else { return disarm(.memory, of: &run) }
    return arm(.memory, of: &run, after: Self.memoryInterval, context)
  }

  func watchLife(of run: inout Run, _ context: EventContext) -> [Effect] {
    guard let watchdog = definition.execution.watchdog else { return [] }
    return arm(.watchdog, of: &run, after: watchdog, context)
  }

  /// How long a run may take to be ready; nil for as long as it takes.
  var readyTimeout: Duration? {
    if let timeout = definition.readyTimeout { return timeout > .zero ? timeout : nil }
    switch definition.execution.ready {
    case .notify: return Self.notifyTimeout
    case .spawned, .healthy: return nil
    }
  }

  private func remaining(of timeout: Duration, _ run: Run, _ context: EventContext) -> Duration {
    max(.zero, run.startedAt.monotonic + timeout - context.now.monotonic)
  }

  /// A run is not watched any more: it has ended, or is to end.
  func disarmWatches(_ run: inout Run) -> [Effect] {
    var effects: [Effect] = run.watches.map { .disarm(timer($0.purpose)) }
    run.watches = []
    if run.check.isProbing { effects.append(.run(run.id, .cancelProbe)) }
    run.check.isProbing = false
    return effects
  }

  /// Arms a timer of a run, or arms it again.
  func arm(
    _ purpose: TimerID.Purpose, of run: inout Run, after delay: Duration, _ context: EventContext
  ) -> [Effect] {
    run.watches.removeAll { $0.purpose == purpose }
    run.watches.append(Run.Watch(purpose: purpose, due: context.now.monotonic + delay))
    return [.arm(timer(purpose), after: delay)]
  }

  func disarm(_ purpose: TimerID.Purpose, of run: inout Run) -> [Effect] {
    guard run.isArmed(purpose) else { return [] }
    run.watches.removeAll { $0.purpose == purpose }
    return [.disarm(timer(purpose))]
  }

  // MARK: What is found

  /// A timer that watches over the present run is due.
  mutating func watchFired(_ purpose: TimerID.Purpose, _ run: Run, _ context: EventContext)
    -> [Effect]
  {
    var run = run
    run.watches.removeAll { $0.purpose == purpose }
    let effects: [Effect]
    switch purpose {
    case .readyTimeout:
      return end(run, .notReady, Messages.notReady(readyTimeout ?? .zero), context)
    case .watchdog:
      return end(run, .watchdog, Messages.silent(definition.execution.watchdog ?? .zero), context)
    case .runTimeout:
      return end(run, .runTimeout, Messages.tooLong(definition.runTimeout ?? .zero), context)
    case .probe: effects = probe(&run)
    case .memory: effects = [.run(run.id, .measure)]
    case .nextRun: effects = lookAtSchedule(during: &run, context)
    case .stopTimeout, .killTimeout, .outputGrace: impossible("\(purpose)")
    }
    activity = .running(run)
    return effects
  }

  /// The supervisor ends a run by itself, as an operator would: its group gets its stop signal.
  mutating func end(
    _ run: Run, _ reason: ProcessEntry.LastExit.Reason, _ words: String, _ context: EventContext
  ) -> [Effect] {
    var run = run
    run.forcedEnd = ForcedEnd(reason: reason, words: words)
    let line = Messages.ending(id, run.pid, words)
    return [.log(id, .write(line)), .logSupervisor(line, level: .warning)]
      + endGroup(of: run, context)
  }

  /// The resident memory of the present run, in bytes; nil if it is not known. Two samples in a
  /// row above the limit end it: one alone may be a peak, and one that could not be taken neither
  /// begins nor ends a row. A sample that is not waited for, because there is another limit since,
  /// or none, does nothing.
  mutating func measured(residentBytes: Int?, _ context: EventContext) -> [Effect] {
    switch activity {
    case .running(var run):
      guard let limit = definition.restartAboveMemoryBytes, !run.isArmed(.memory) else { return [] }
      if let bytes = residentBytes {
        if bytes > limit, let first = run.memoryAbove {
          return end(run, .memory, Messages.tooMuchMemory(first, bytes, limit), context)
        }
        run.memoryAbove = bytes > limit ? bytes : nil
      }
      let effects = watchMemory(of: &run, context)
      activity = .running(run)
      return effects
    case .preparing, .starting:
      impossible("measured")
    case .idle, .waiting, .blocked, .stopping, .draining, .hook, .gone:
      return []
    }
  }
}
