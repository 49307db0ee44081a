import Basics

/// The messages of answers.
extension Messages {
  /// To all who ask for something while everything ends.
  package static let shuttingDown = "shutting down"
  static let shutdownBegins = "Shutting down: all processes are being stopped"
  static let alreadyShuttingDown = "already shutting down"

  static func noSuchProcess(_ id: some ProcessName) -> String { noSuchProcess("\(id)") }

  /// The same of what may be the name of no process at all.
  package static func noSuchProcess(_ name: String) -> String { "no process '\(name)'" }

  // MARK: Input

  static func isNotRunning(_ name: some ProcessName) -> String {
    "process '\(name)' is not running"
  }

  static func inputIsClosed(_ name: some ProcessName) -> String {
    "the input of process '\(name)' is closed"
  }

  static func inputIsNotRead(_ name: some ProcessName, _ waiting: Int) -> String {
    "process '\(name)' does not read its input: \(waiting) bytes wait"
  }

  // MARK: Starting

  static func added(_ id: some ProcessName, _ pid: Int32) -> String {
    "Process '\(id)' added and started (PID: \(pid))"
  }

  static func restarted(_ id: some ProcessName, _ pid: Int32) -> String {
    "Process '\(id)' restarted (PID: \(pid))"
  }

  static func alreadyRunning(_ id: some ProcessName, _ pid: Int32) -> String {
    "Process '\(id)' is already running (PID \(pid))"
  }

  static func alreadyStarting(_ id: some ProcessName) -> String {
    "Process '\(id)' is already being started"
  }

  static func stillEnding(_ id: some ProcessName) -> String {
    "The last run of process '\(id)' is still ending"
  }

  static func couldNotStart(_ id: some ProcessName, _ reason: String, next: String?) -> String {
    "Process '\(id)' could not be started: \(reason)\(next.map { "; \($0)" } ?? "")"
  }

  /// What is the matter with one that was to run and does not.
  static func rests(_ id: some ProcessName, _ error: String) -> String {
    "Process '\(id)': \(error)"
  }

  static func addedButNotStarted(_ id: some ProcessName, _ reason: String, next: String?) -> String
  {
    "Process '\(id)' added, but its first start failed: \(reason)\(next.map { "; \($0)" } ?? "")"
  }

  static func addedButStopped(_ id: some ProcessName) -> String {
    "Process '\(id)' added, but stopped before its first start"
  }

  static func blocked(_ id: some ProcessName, _ reason: String) -> String {
    "Process '\(id)' is to start, but \(reason)"
  }

  static func addedButBlocked(_ id: some ProcessName, _ reason: String) -> String {
    "Process '\(id)' added; \(reason)"
  }

  static func startCancelled(_ id: some ProcessName) -> String {
    "Process '\(id)' stopped: its start is cancelled"
  }

  static func triedAgain(in delay: Duration) -> String {
    "it will be tried again in \(delay.text)"
  }

  // MARK: Stopping and removing

  static func wasNotRunning(_ id: some ProcessName) -> String { "Process '\(id)' was not running" }

  static func nextRunCancelled(_ id: some ProcessName) -> String {
    "Process '\(id)' stopped: its next run is cancelled"
  }

  static func supersededByStop(_ id: some ProcessName) -> String {
    "The start of process '\(id)' was superseded by a stop"
  }

  static func supersededByRemoval(_ id: some ProcessName) -> String {
    "Process '\(id)' is being removed: this was superseded by the removal"
  }

  static func beingRemoved(_ id: some ProcessName) -> String { "Process '\(id)' is being removed" }

  static func removedButLogStays(_ id: some ProcessName, _ reason: String) -> String {
    "Process '\(id)' removed, but its log could not be deleted: \(reason)"
  }

  static func removedButMayComeBack(_ id: some ProcessName, _ reason: String) -> String {
    "Process '\(id)' was removed, but may come back at the next start: \(saveFailed(reason))"
  }

  // MARK: Adding

  static func idTaken(_ id: some ProcessName) -> String { "There is a process '\(id)' already" }

  static func beingAdded(_ id: some ProcessName) -> String {
    "A process '\(id)' is just being added"
  }

  static func notAdded(_ id: some ProcessName, _ reason: String) -> String {
    "Process '\(id)' was not added: \(saveFailed(reason))"
  }

  static func startsNextTime(_ id: some ProcessName) -> String {
    "\(shuttingDown); process '\(id)' is saved and starts with its next start"
  }
}
