/// Whether what another process waits for is true of one.
enum DependencyState: Equatable {
  case met
  /// Not yet; says what is missing, beginning with the process.
  case pending(String)
  /// Not until an operator does something; says why, beginning with the process.
  case failed(String)

  /// What is missing; nil if nothing is.
  var reason: String? {
    switch self {
    case .met: nil
    case .pending(let reason), .failed(let reason): reason
    }
  }
}

extension ProcessMachine {
  /// Whether another process that depends on this one may start, for all that is asked of this one.
  func meets(_ condition: Dependency.Condition) -> DependencyState {
    switch condition {
    case .started: isReady ? .met : whyNotStarted
    case .healthy: health.status == .healthy && isReady ? .met : whyNotHealthy
    case .completed: hasCompleted ? .met : whyNotCompleted
    }
  }

  private var whyNotStarted: DependencyState {
    switch activity {
    case .idle: restsForGood
    case .waiting(let wait): .pending(Messages.dependencyWaits(id, wait.reason, error))
    case .blocked: .pending(Messages.dependencyIsBlocked(id, error))
    case .preparing(_, _, let isCancelled), .starting(_, let isCancelled):
      .pending(isCancelled ? Messages.dependencyIsEnding(id) : Messages.dependencyIsStarting(id))
    case .running: .pending(Messages.dependencyIsNotReady(id))
    case .stopping, .draining, .hook: .pending(Messages.dependencyIsEnding(id))
    case .gone: .failed(Messages.dependencyIsGone(id))
    }
  }

  private var whyNotHealthy: DependencyState {
    if definition.healthCheck == nil { return .failed(Messages.dependencyIsNotChecked(id)) }
    guard isReady else { return whyNotStarted }
    return .pending(Messages.dependencyIsNotHealthy(id, health))
  }

  private var whyNotCompleted: DependencyState {
    switch activity {
    case .idle:
      if showsHowItEnded, error == nil, let lastExit {
        return .failed(Messages.dependencyEnded(id, lastExit.status))
      }
      return restsForGood
    case .running: return .pending(Messages.dependencyRuns(id))
    case .waiting, .blocked, .preparing, .starting, .stopping, .draining, .hook, .gone:
      return whyNotStarted
    }
  }

  /// Nothing runs, and nothing will by itself.
  private var restsForGood: DependencyState {
    switch goal {
    case .up, .stayDown: .failed(Messages.dependencyRests(id, error, lastExit?.status))
    case .down: .failed(Messages.dependencyWasStopped(id))
    case .removed: .failed(Messages.dependencyIsGone(id))
    }
  }

  /// Whether its last run has ended by itself and with success, and nothing of it runs or is to be
  /// restarted.
  private var hasCompleted: Bool {
    guard lastRunSucceeded else { return false }
    switch activity {
    case .idle: return true
    case .waiting(let wait):
      switch wait.reason {
      case .period, .schedule: return true
      case .restart: return false
      }
    case .blocked, .preparing, .starting, .running, .stopping, .draining, .hook, .gone: return false
    }
  }
}
