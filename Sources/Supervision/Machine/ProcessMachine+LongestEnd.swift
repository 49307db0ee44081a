extension ProcessMachine {
  /// How long its end may take from now on, at the most: zero where nothing is waited for.
  func longestEnd(at now: Moment) -> Duration {
    switch activity {
    case .idle, .waiting, .blocked, .gone:
      .zero
    case .starting, .running:
      definition.stopTimeout + Self.killTimeout + Self.outputGrace
    case .stopping(let stopping):
      switch stopping.stage {
      case .asked: rest(until: stopping.deadline, now) + Self.killTimeout + Self.outputGrace
      case .killed: rest(until: stopping.deadline, now) + Self.outputGrace
      case .counted, .unkillable: .zero
      }
    case .draining(let draining):
      rest(until: draining.deadline, now)
    }
  }

  private func rest(until deadline: Duration, _ now: Moment) -> Duration {
    max(.zero, deadline - now.monotonic)
  }
}
