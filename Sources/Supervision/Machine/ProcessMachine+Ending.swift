extension ProcessMachine {
  /// The leader of the present run has ended. If others of its group remain, they are ended too.
  mutating func exited(
    _ id: RunID, _ status: ExitStatus, groupRemains: Bool, _ turn: Turn
  ) -> [Effect] {
    guard id == presentRun else { return [] }
    let exit = Run.Exit(status: status, at: turn.now)
    switch activity {
    case .running(var run):
      run.exit = exit
      note(exit)
      if !groupRemains { return drain(run, exit, turn) }
      let line = Words.endingLeftovers(self.id, run.pid)
      return [.log(process: self.id, line)] + endGroup(of: run, turn)
    case .stopping(var stopping):
      if stopping.run.exit != nil { impossible("exited twice") }
      stopping.run.exit = exit
      note(exit)
      if !groupRemains { return disarm(stopping) + drain(stopping.run, exit, turn) }
      activity = .stopping(stopping)
      return []
    case .starting, .draining:
      impossible("exited")
    case .idle, .waiting, .gone:
      return []
    }
  }

  /// Nobody is left in the process group of the present run.
  mutating func groupGone(_ id: RunID, _ turn: Turn) -> [Effect] {
    guard id == presentRun else { return [] }
    switch activity {
    case .stopping(let stopping):
      guard let exit = stopping.run.exit else { impossible("groupGone before exited") }
      return disarm(stopping) + drain(stopping.run, exit, turn)
    case .starting, .running, .draining:
      impossible("groupGone")
    case .idle, .waiting, .gone:
      return []
    }
  }

  /// Both pipes of the present run have ended.
  mutating func outputEnded(_ id: RunID, _ turn: Turn) -> [Effect] {
    guard id == presentRun else { return [] }
    switch activity {
    case .running(var run):
      if run.hasOutputEnded { impossible("outputEnded twice") }
      run.hasOutputEnded = true
      activity = .running(run)
      return []
    case .stopping(var stopping):
      if stopping.run.hasOutputEnded { impossible("outputEnded twice") }
      stopping.run.hasOutputEnded = true
      activity = .stopping(stopping)
      return []
    case .draining(let draining):
      let disarm: [Effect] = draining.isClosing ? [] : [.disarm(timer(.outputGrace))]
      return disarm + runIsOver(draining.run, draining.exit, turn)
    case .starting:
      impossible("outputEnded")
    case .idle, .waiting, .gone:
      return []
    }
  }

  private mutating func note(_ exit: Run.Exit) {
    lastExit = ProcessEntry.LastExit(status: exit.status, at: exit.at.sinceEpoch)
  }

  private func disarm(_ stopping: Stopping) -> [Effect] {
    stopping.armedTimer.map { [.disarm(timer($0))] } ?? []
  }

  /// Leader and group are gone: waits for the last output, but not for ever.
  private mutating func drain(_ run: Run, _ exit: Run.Exit, _ turn: Turn) -> [Effect] {
    if run.hasOutputEnded { return runIsOver(run, exit, turn) }
    let isClosing = shutdown == .atOnce
    activity = .draining(
      Draining(
        run: run, exit: exit, isClosing: isClosing,
        deadline: turn.now.monotonic + Self.outputGrace))
    if isClosing { return [.closeOutput(run.id)] }
    return [.arm(timer(.outputGrace), after: Self.outputGrace)]
  }
}
