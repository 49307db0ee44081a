package import Basics

/// One process as `/list` shows it: its definition and what is known of its runs.
package struct ProcessEntry: Hashable, Sendable {
  package var definition: ProcessDefinition
  package var status: ProcessStatus
  /// The leader's process id while it is alive.
  package var pid: Int32?
  /// Runs started since the process was added.
  package var runCount: Int
  /// Automatic restarts in a row.
  package var restartCount: Int
  /// Automatic restarts since the process was added.
  package var restartTotal: Int
  /// When the latest run started, since 1970 UTC.
  package var lastRun: Duration?
  /// When the next run is due, since 1970 UTC.
  package var nextRun: Duration?
  /// How long the present run has lasted.
  package var uptime: Duration?
  package var lastExit: LastExit?
  /// Why the process is not running as it should, in words.
  package var error: String?
  package var health = Health()
  /// Whether the present run is ready, as `ready` has it.
  package var isReady = false
  /// What the present run says of itself (`STATUS=` of sd_notify(3)).
  package var statusText: String?
  /// What its runs have come to.
  package var tally = RunTally()

  /// The end of the latest run that ended.
  package struct LastExit: Hashable, Sendable {
    package var status: ExitStatus
    /// Since 1970 UTC.
    package var at: Duration
    /// What ended it, where that is known beyond the status.
    package var reason: Reason?

    package init(status: ExitStatus, at: Duration, reason: Reason? = nil) {
      self.status = status
      self.at = at
      self.reason = reason
    }

    /// What ends a run besides itself; the names are systemd's where it has one.
    package enum Reason: String, Hashable, Sendable, CaseIterable {
      /// The kernel killed it because memory ran out.
      case outOfMemory = "oom-kill"
      /// Its health check has failed too often.
      case unhealthy
      /// It was silent for too long, or has told that it failed.
      case watchdog
      /// It was not ready in time.
      case notReady = "not-ready"
      /// It had more memory than `restart_above_memory_bytes`.
      case memory = "max-memory"
      /// It took longer than `run_timeout_seconds`.
      case runTimeout = "timeout"
      /// It was told to end, and had not ended within `stop_timeout_seconds`.
      case stopTimeout = "stop-timeout"
    }
  }

  package init(
    definition: ProcessDefinition, status: ProcessStatus, pid: Int32?, runCount: Int,
    restartCount: Int, restartTotal: Int = 0, lastRun: Duration?, nextRun: Duration?,
    uptime: Duration?,
    lastExit: LastExit?, error: String?
  ) {
    self.definition = definition
    self.status = status
    self.pid = pid
    self.runCount = runCount
    self.restartCount = restartCount
    self.restartTotal = restartTotal
    self.lastRun = lastRun
    self.nextRun = nextRun
    self.uptime = uptime
    self.lastExit = lastExit
    self.error = error
  }
}
