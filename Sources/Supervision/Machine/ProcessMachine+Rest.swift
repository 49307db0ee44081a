/// What the registry looks at when one process waits for another.
extension ProcessMachine {
  /// Whether nothing of it runs, or what runs cannot be killed.
  var isAtRest: Bool {
    if case .stopping(let stopping) = activity, stopping.stage == .unkillable { return true }
    return presentRun == nil
  }

  /// Whether nothing of it runs, or will by itself.
  var isAtRestForGood: Bool {
    switch activity {
    case .idle, .gone: true
    case .waiting, .blocked, .starting, .running, .stopping, .draining, .hook: false
    }
  }

  /// Whether an operator has said that it is to be down, also where nothing of it ran.
  var isKeptDown: Bool { goal == .down || staysDown }

  /// Whether it runs or is being started, and nobody wants that to end.
  var isUp: Bool {
    switch activity {
    case .starting(_, isCancelled: false), .running: true
    case .starting, .idle, .waiting, .blocked, .stopping, .draining, .hook, .gone: false
    }
  }

  /// It can never be started, as it is defined; says why.
  mutating func cannotStart(_ reason: String) -> [Effect] {
    error = reason
    let line = Messages.failedToStart(id, reason)
    return [.log(id, .write(line)), .logSupervisor(line, level: .error)]
  }

  /// What has become of a start that was asked for, and under way; nil while that is open.
  var startOutcome: Reply.Outcome? {
    switch activity {
    case .starting(_, isCancelled: false): nil
    case .running(let run):
      Reply.Outcome(id, success: true, message: Messages.started(id, run.pid))
    case .blocked:
      Reply.Outcome(id, success: true, message: Messages.blocked(id, error ?? ""))
    case .stopping where isAtRest:
      Reply.Outcome(id, success: false, message: Messages.cannotBeEnded(id))
    case .starting(_, isCancelled: true), .stopping, .draining, .hook:
      wantsFreshRun ? nil : outcomeAtRest
    case .waiting(let wait):
      waitOutcome(wait)
    case .idle, .gone: outcomeAtRest
    }
  }

  private func waitOutcome(_ wait: Wait) -> Reply.Outcome {
    switch wait.reason {
    case .schedule:
      guard let schedule = definition.schedule, !lastStartFailed else { return outcomeAtRest }
      return Reply.Outcome(id, success: true, message: Messages.waitsForNextRun(id, schedule))
    case .period, .restart: return outcomeAtRest
    }
  }

  private var outcomeAtRest: Reply.Outcome {
    switch goal {
    case .removed:
      Reply.Outcome(id, success: false, message: Messages.supersededByRemoval(id))
    case .down:
      Reply.Outcome(id, success: false, message: Messages.supersededByStop(id))
    case .up:
      if let error {
        Reply.Outcome(id, success: false, message: Messages.rests(id, error))
      } else {
        Reply.Outcome(id, success: true, message: Messages.startedAndEnded(id))
      }
    }
  }
}
