extension ProcessMachine {
  /// How often the memory of a run with a limit is looked at.
  static let memoryInterval = Duration.seconds(5)
  /// How long a run with `ready: notify` may take to be ready, where its definition does not say.
  static let notifyTimeout = Duration.seconds(90)

  /// The present run has begun: arms all that watches over it.
  func beginWatching(_ run: inout Run, _ turn: Turn) -> [Effect] {
    var effects: [Effect] = []
    if definition.healthCheck != nil {
      run.check.health.status = .starting
      run.check.health.since = turn.now.sinceEpoch
    }
    effects += watchReadiness(of: &run, turn)
    effects += watchMemory(of: &run, turn)
    effects += watchDuration(of: &run, turn)
    effects += watchSchedule(during: &run, turn)
    switch definition.execution.ready {
    case .spawned, .healthy: effects += beginChecks(of: &run, turn)
    case .notify: break
    }
    return effects
  }

  /// Begins to probe, and to expect signs of life: not before a run that tells when it is ready has done so.
  func beginChecks(of run: inout Run, _ turn: Turn) -> [Effect] {
    probe(&run) + watchLife(of: &run, turn)
  }

  func watchReadiness(of run: inout Run, _ turn: Turn) -> [Effect] {
    guard !run.isReady, let timeout = readyTimeout else {
      return disarm(.readyTimeout, of: &run)
    }
    return arm(.readyTimeout, of: &run, after: rest(of: timeout, run, turn), turn)
  }

  func watchDuration(of run: inout Run, _ turn: Turn) -> [Effect] {
    guard isTimed, let timeout = definition.runTimeout else {
      return disarm(.runTimeout, of: &run)
    }
    return arm(.runTimeout, of: &run, after: rest(of: timeout, run, turn), turn)
  }

  func watchMemory(of run: inout Run, _ turn: Turn) -> [Effect] {
    guard definition.restartAboveMemoryBytes != nil else { return disarm(.memory, of: &run) }
    return arm(.memory, of: &run, after: Self.memoryInterval, turn)
  }

  func watchLife(of run: inout Run, _ turn: Turn) -> [Effect] {
    guard let watchdog = definition.execution.watchdog else { return [] }
    return arm(.watchdog, of: &run, after: watchdog, turn)
  }

  /// How long a run may take to be ready; nil for as long as it takes.
  var readyTimeout: Duration? {
    if let timeout = definition.readyTimeout { return timeout > .zero ? timeout : nil }
    switch definition.execution.ready {
    case .notify: return Self.notifyTimeout
    case .spawned, .healthy: return nil
    }
  }

  private func rest(of timeout: Duration, _ run: Run, _ turn: Turn) -> Duration {
    max(.zero, run.startedAt.monotonic + timeout - turn.now.monotonic)
  }

  /// Nobody watches over a run any more: it has ended, or is to end.
  func standDown(_ run: inout Run) -> [Effect] {
    var effects: [Effect] = run.watches.map { .disarm(timer($0.purpose)) }
    run.watches = []
    if run.check.isProbing { effects.append(.cancelProbe(run.id)) }
    run.check.isProbing = false
    return effects
  }

  /// Arms a timer of a run, or arms it again.
  func arm(
    _ purpose: TimerID.Purpose, of run: inout Run, after delay: Duration, _ turn: Turn
  ) -> [Effect] {
    run.watches.removeAll { $0.purpose == purpose }
    run.watches.append(Run.Watch(purpose: purpose, due: turn.now.monotonic + delay))
    return [.arm(timer(purpose), after: delay)]
  }

  func disarm(_ purpose: TimerID.Purpose, of run: inout Run) -> [Effect] {
    guard run.isArmed(purpose) else { return [] }
    run.watches.removeAll { $0.purpose == purpose }
    return [.disarm(timer(purpose))]
  }
}
