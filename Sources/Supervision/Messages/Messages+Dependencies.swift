import Basics

/// What is missing of a process that another one depends on: after "waiting for", and in `error`.
extension Messages {
  static func dependencyIsNotReady(_ id: some ProcessName) -> String {
    "process '\(id)' is not ready yet"
  }
  static func dependencyIsStarting(_ id: some ProcessName) -> String {
    "process '\(id)' is being started"
  }
  static func dependencyIsEnding(_ id: some ProcessName) -> String { "process '\(id)' is ending" }
  static func dependencyRuns(_ id: some ProcessName) -> String {
    "process '\(id)' has not ended yet"
  }
  static func dependencyWasStopped(_ id: some ProcessName) -> String {
    "process '\(id)' was stopped"
  }
  static func dependencyIsGone(_ id: some ProcessName) -> String {
    "process '\(id)' is being removed"
  }

  static func dependencyIsNotChecked(_ id: some ProcessName) -> String {
    "process '\(id)' has no health check"
  }

  static func dependencyIsNotHealthy(_ id: some ProcessName, _ health: Health) -> String {
    let why = health.error.map { ": \($0)" } ?? ""
    return switch health.status {
    case .unhealthy: "process '\(id)' is unhealthy\(why)"
    case .none, .starting, .healthy: "process '\(id)' is not healthy yet\(why)"
    }
  }

  static func dependencyIsBlocked(_ id: some ProcessName, _ error: String?) -> String {
    "process '\(id)' has not started yet\(error.map { ": \($0)" } ?? "")"
  }

  static func dependencyEnded(_ id: some ProcessName, _ status: ExitStatus) -> String {
    "process '\(id)' has ended with \(status)"
  }

  static func dependencyRests(_ id: some ProcessName, _ error: String?, _ status: ExitStatus?)
    -> String
  {
    if let error { return "process '\(id)' has failed: \(error)" }
    if let status { return dependencyEnded(id, status) }
    return "process '\(id)' does not run"
  }
}
