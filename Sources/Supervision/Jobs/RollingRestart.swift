import Basics

/// A restart of the copies of a process one after the other, each when the one before is ready.
struct RollingRestart {
  let ticket: Ticket
  private let id: ServiceID
  /// Whether it is of one process without copies.
  private let isPlain: Bool
  /// The names that have not been restarted yet, in their order.
  private var left: [InstanceID]
  /// The one that is being restarted.
  private var current: InstanceID?
  /// Its new run, once that has started.
  private var run: RunID?
  private var outcomes: [Reply.Outcome] = []

  /// What is to be done next.
  enum Step {
    /// Restart this copy; `answered` takes what it says.
    case restart(InstanceID)
    /// Take the next copy.
    case goOn
    /// Nothing, until something happens to the copy that is being restarted.
    case wait
    /// It goes no further, or is done if there is no reason.
    case end(reason: String?)
  }

  init(_ id: ServiceID, _ ticket: Ticket, names: [InstanceID], isPlain: Bool) {
    self.id = id
    self.ticket = ticket
    self.isPlain = isPlain
    left = names
  }

  /// Takes the next copy. It is not even ended if nothing could follow.
  mutating func next(_ startCondition: ProcessMachine.StartCondition) -> Step {
    guard let name = left.first else { return .end(reason: nil) }
    if case .unmet(let reason) = startCondition {
      return .end(reason: Messages.notReplaced(name, reason))
    }
    left.removeFirst()
    current = name
    run = nil
    return .restart(name)
  }

  /// A copy has a new run, or could not get one.
  mutating func answered(_ name: InstanceID, _ reply: Reply, _ machine: ProcessMachine) -> Step {
    guard current == name else { return .wait }
    if case .refused(_, let message) = reply { return .end(reason: message) }
    guard let run = machine.presentRun else {
      return .end(reason: machine.error ?? Messages.startedAndEnded(name))
    }
    self.run = run
    return look(at: machine)
  }

  /// Looks whether the new run of a copy is ready, or will not be.
  mutating func look(at machines: [InstanceID: ProcessMachine]) -> Step {
    guard let current else { return .wait }
    guard let machine = machines[current] else {
      return .end(reason: Messages.supersededByRemoval(current))
    }
    return look(at: machine)
  }

  private mutating func look(at machine: ProcessMachine) -> Step {
    guard let name = current, let run else { return .wait }
    if machine.liveRun?.id == run, machine.goal == .up {
      if machine.isReady {
        let message = Messages.restarted(name, machine.liveRun?.pid ?? 0)
        outcomes.append(Reply.Outcome(name, success: true, message: message))
        current = nil
        return .goOn
      }
      if machine.health.status != .unhealthy, machine.isUp { return .wait }
    }
    return .end(reason: Messages.notReady(name, machine))
  }

  /// The answer, now that it is done, or goes no further for a reason.
  func reply(_ reason: String?, _ refusal: Reply.Refusal) -> Reply {
    if isPlain {
      guard let reason else { return .done(outcomes.first?.message ?? Messages.unchanged(id)) }
      return .refused(refusal, message: reason)
    }
    var outcomes = outcomes
    if let reason {
      if let current {
        outcomes.append(Reply.Outcome(current, success: false, message: reason))
      }
      outcomes += left.map {
        Reply.Outcome($0, success: false, message: Messages.notRestarted($0))
      }
    }
    outcomes.sort { $0.id < $1.id }
    let message = Messages.rolled(id, outcomes, stoppedBy: reason)
    return reason == nil
      ? .results(outcomes, message: message)
      : .halted(refusal, outcomes, message: message)
  }
}
