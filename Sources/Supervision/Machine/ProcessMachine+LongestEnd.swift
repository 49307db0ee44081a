extension ProcessMachine {
  /// How long its end may take from now on, at the most: zero where nothing is waited for.
  func longestEnd(at now: Moment) -> Duration {
    switch activity {
    case .idle, .waiting, .blocked, .gone:
      .zero
    case .starting, .running:
      definition.stopTimeout + Self.killTimeout + Self.outputGrace + hookTimeout
    case .stopping(let stopping):
      switch stopping.stage {
      case .announced: definition.stopTimeout + Self.killTimeout + Self.outputGrace + hookTimeout
      case .asked:
        remaining(until: stopping.deadline, now) + Self.killTimeout + Self.outputGrace + hookTimeout
      case .killed: remaining(until: stopping.deadline, now) + Self.outputGrace + hookTimeout
      case .counted, .unkillable: .zero
      }
    case .draining(let draining):
      remaining(until: draining.deadline, now) + hookTimeout
    case .hook(let hook):
      remaining(until: hook.deadline, now)
    }
  }

  private var hookTimeout: Duration {
    definition.afterExit == nil ? .zero : definition.hookTimeout
  }

  private func remaining(until deadline: Duration, _ now: Moment) -> Duration {
    max(.zero, deadline - now.monotonic)
  }
}
