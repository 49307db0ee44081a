import Basics

/// The `SYSTEM` lines. Those on automatic restarts are the seeds', word for word.
extension Messages {
  static let stoppedManually = "Process stopped manually via API"
  static let restartingAnew = "Process restarted: what it executes was changed"
  static let restarting = "Process restarted manually via API"
  static let outputCutOff =
    "Taking what is left of the output and closing it: it has not ended with the process"

  static func starting(_ id: some ProcessName, run: Int) -> String {
    "Starting process '\(id)' (Run #\(run))"
  }

  static func started(_ id: some ProcessName, _ pid: Int32) -> String {
    "Process '\(id)' started (PID: \(pid))"
  }

  static func failedToStart(_ id: some ProcessName, _ reason: String) -> String {
    "Failed to start process '\(id)': \(reason)"
  }

  static func exited(_ id: some ProcessName, _ pid: Int32, _ status: ExitStatus) -> String {
    "Process '\(id)' (PID: \(pid)) has exited with status: \(status)"
  }

  static func stopped(_ id: some ProcessName) -> String { "Process '\(id)' stopped" }

  static func stopped(_ id: some ProcessName, killedAfter timeout: Duration?) -> String {
    timeout.map { "\(stopped(id)) (killed after \($0.text.dropLast()) s)" } ?? stopped(id)
  }

  static func endingLeftovers(_ id: some ProcessName, _ pid: Int32) -> String {
    "Ending what is left of process '\(id)' (PID: \(pid))"
  }

  static func killedByKernel(
    _ id: some ProcessName, _ pid: Int32, _ definition: ProcessDefinition
  ) -> String {
    "Process '\(id)' (PID: \(pid)) was \(outOfMemory(definition))"
  }

  static func membersKilledByKernel(
    _ id: some ProcessName, _ pid: Int32, _ count: Int, _ definition: ProcessDefinition
  ) -> String {
    let who = count == 1 ? "A process" : "\(count) processes"
    return
      "\(who) of '\(id)' (PID: \(pid)) \(count == 1 ? "was" : "were") \(outOfMemory(definition))"
  }

  static func nextRun(_ id: some ProcessName, in period: Duration) -> String {
    "Next run of process '\(id)' in \(period.text)"
  }

  static func nextRunDropped(_ id: some ProcessName) -> String {
    "Process '\(id)' has no next run any more: its definition was changed"
  }

  static func gaveUp(_ id: some ProcessName, _ reason: String) -> String {
    "Process '\(id)' will not be restarted: \(reason)"
  }

  static func monitorStarted(_ id: some ProcessName, _ pid: Int32) -> String {
    "Auto-restart monitor started for process '\(id)' (PID: \(pid))"
  }

  static func monitorDetected(_ id: some ProcessName, _ pid: Int32, _ status: ExitStatus) -> String
  {
    "Auto-restart monitor detected process '\(id)' (PID: \(pid)) has exited with status: \(status)"
  }

  static func restartDecided(_ id: some ProcessName, _ delay: Duration) -> String {
    "Auto-restart decision for '\(id)': should_restart=true, was_manual_stop=false, "
      + "delay=\(delay.text)"
  }

  static func noRestart(_ id: some ProcessName, wasManualStop: Bool) -> String {
    "Auto-restart decision for '\(id)': should_restart=false, "
      + "was_manual_stop=\(wasManualStop), delay=0s"
  }

  static func addedLine(_ id: some ProcessName) -> String { "Process '\(id)' added" }
  static func removed(_ id: some ProcessName) -> String { "Process '\(id)' removed" }

  static func loaded(_ count: Int) -> String {
    "Starting \(count == 1 ? "1 saved process" : "\(count) saved processes")"
  }

  static func loadedTwice(_ id: some ProcessName) -> String {
    "Process '\(id)' is there already: its second definition is not used"
  }

  static func saveFailed(_ reason: String) -> String {
    "processes.json could not be written: \(reason)"
  }
}
