import Basics

/// What is said of the readiness, the health and the limits of a run.
extension Messages {
  static let reportedFailure = "a report of its own that it has failed (WATCHDOG=trigger)"

  static func unhealthy(_ failures: Int, _ error: String) -> String {
    "\(failures == 1 ? "a failed health check" : "\(failures) failed health checks in a row"): \(error)"
  }

  static func probeNotMade(_ id: some ProcessName, _ reason: String) -> String {
    "The health check of process '\(id)' could not be made, which says nothing of it: \(reason)"
  }

  static func silent(_ watchdog: Duration) -> String {
    "no WATCHDOG=1 within \(watchdog.text) (watchdog_seconds)"
  }

  static func notReady(_ timeout: Duration) -> String {
    "not being ready within \(timeout.text) (ready_timeout_seconds)"
  }

  static func tooLong(_ timeout: Duration) -> String {
    "taking more than \(timeout.text) (run_timeout_seconds)"
  }

  static func tooMuchMemory(_ first: Int, _ second: Int, _ limit: Int) -> String {
    "\(first) and then \(second) bytes of memory (restart_above_memory_bytes is \(limit))"
  }

  static func ending(_ id: some ProcessName, _ pid: Int32, _ words: String) -> String {
    "Ending process '\(id)' (PID: \(pid)) after \(words)"
  }

  static func ready(_ id: some ProcessName, _ pid: Int32) -> String {
    "Process '\(id)' is ready (PID: \(pid))"
  }

  static func healthy(_ id: some ProcessName, _ pid: Int32, again: Bool) -> String {
    "Process '\(id)' is healthy\(again ? " again" : "") (PID: \(pid))"
  }

  static func isUnhealthy(_ id: some ProcessName, _ pid: Int32, _ words: String) -> String {
    "Process '\(id)' is unhealthy (PID: \(pid)) after \(words)"
  }

  static func announcedEnd(_ id: some ProcessName, _ pid: Int32) -> String {
    "Process '\(id)' says that it is stopping (PID: \(pid))"
  }

  // MARK: In the records of runs

  static let endedByShutdown = "the supervisor was shutting down"
  static let endedByRemoval = "removed by an operator"
  static func ended(_ why: String, killedAfter timeout: Duration?) -> String {
    timeout.map { "\(why) (killed after \($0.text.dropLast()) s)" } ?? why
  }

  static let endedByStop = "stopped by an operator"
  static let endedByRestart = "restarted by an operator"

  // MARK: Signals

  static func nothingToSignal(_ id: some ProcessName) -> String {
    "Nothing of process '\(id)' runs that could get a signal"
  }

  static func signalled(_ id: some ProcessName, _ pid: Int32, _ signal: Signal, toGroup: Bool)
    -> String
  {
    "\(signal.name) sent to \(toGroup ? "all of " : "")process '\(id)' (PID: \(pid))"
  }
}
