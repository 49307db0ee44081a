extension ProcessMachine {
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

  /// The resident memory of the present run, in bytes; nil where it is not known. Two samples in a row above the
  /// limit end it: one alone may be a peak, and one that could not be taken neither begins nor ends a row. A sample that is not waited for, because there is another limit
  /// since, or none, does nothing.
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
    case .starting:
      impossible("measured")
    case .idle, .waiting, .blocked, .stopping, .draining, .hook, .gone:
      return []
    }
  }
}
