package import Basics

/// Names one run of one process: events of an earlier run are told from those of the present one by
/// it.
package struct RunID: Hashable, Sendable {
  /// The process or copy that runs.
  package let instance: InstanceID
  /// Counts all runs of all processes of this supervisor; never used twice.
  package let serial: UInt64

  package init(process: String, serial: UInt64) {
    self.init(InstanceID(process), serial: serial)
  }

  init(_ instance: InstanceID, serial: UInt64) {
    self.instance = instance
    self.serial = serial
  }

  /// The name of what runs.
  package var process: String { instance.rawValue }
}

/// Names a request that waits for its answer; made by the caller, unique while it waits.
package struct Ticket: Hashable, Sendable {
  package let number: UInt64

  package init(_ number: UInt64) {
    self.number = number
  }
}

/// Names one write of `processes.json`.
package struct SaveID: Hashable, Sendable {
  package let number: UInt64

  package init(_ number: UInt64) {
    self.number = number
  }
}

/// Names a timer: at most one of each name is armed, and arming it again replaces it.
package enum TimerID: Hashable, Sendable {
  /// Of a process or copy.
  case process(InstanceID, Purpose)
  /// A write of `processes.json` that failed is to be tried again.
  case saveRetry
  /// The files of definitions have been read for as long as that is waited for.
  case definitionFiles

  /// What of a process is due when it fires.
  package enum Purpose: Hashable, Sendable {
    /// A restart or the next periodic run is due.
    case nextRun
    /// The group has had its stop signal for as long as it may have.
    case stopTimeout
    /// The group is still there some time after `SIGKILL`.
    case killTimeout
    /// The run has ended, but something still holds its output open.
    case outputGrace
    /// The run is not ready yet.
    case readyTimeout
    /// The next probe of its health is due.
    case probe
    /// The run has been silent for as long as it may be.
    case watchdog
    /// Its memory is to be looked at.
    case memory
    /// The run has taken as long as it may.
    case runTimeout
  }

  package init(process: String, purpose: Purpose) {
    self = .process(InstanceID(process), purpose)
  }
}
