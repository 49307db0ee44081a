import Basics

/// The messages that are worded by what a machine knows.
extension Messages {
  /// Why a process is waiting to be restarted.
  static func whyBackoff(
    _ cause: ProcessMachine.Cause, _ definition: ProcessDefinition
  ) -> String {
    switch cause {
    case .exit(let status, _): "the last run ended with \(status)"
    case .outOfMemory: "the last run was \(outOfMemory(definition))"
    case .forced(let forcedEnd, _): wasEnded(forcedEnd)
    case .failedStart(let reason): startFailed(reason)
    }
  }

  /// Why a process is not restarted any more.
  static func gaveUp(
    _ restarts: Int, _ cause: ProcessMachine.Cause, _ definition: ProcessDefinition
  ) -> String {
    let count = restarts == 1 ? "1 restart" : "\(restarts) restarts"
    return switch cause {
    case .exit(let status, _): "gave up after \(count); last exit: \(status)"
    case .outOfMemory: "gave up after \(count); last exit: \(outOfMemory(definition))"
    case .forced(let forcedEnd, _): "gave up after \(count); \(wasEnded(forcedEnd))"
    case .failedStart(let reason): "gave up after \(count); last start failed: \(reason)"
    }
  }

  static func dependencyWaits(
    _ id: some ProcessName, _ reason: ProcessMachine.Wait.Reason, _ error: String?
  ) -> String {
    switch reason {
    case .period, .schedule: "process '\(id)' waits for its next run"
    case .restart: "process '\(id)' waits to be restarted\(error.map { ": \($0)" } ?? "")"
    }
  }

  static func killing(
    _ id: some ProcessName, _ pid: Int32, _ definition: ProcessDefinition,
    _ stage: ProcessMachine.Stopping.Stage
  ) -> String {
    let what =
      switch stage {
      case .announced: "it said that it ends"
      case .asked, .killed, .counted, .unkillable: definition.stopSignal.name
      }
    return "Process '\(id)' (PID: \(pid)) is still there \(definition.stopTimeout.text) after "
      + "\(what): sending SIGKILL to all of it"
  }

  static func unkillable(_ id: some ProcessName, _ pid: Int32, _ survivors: [Survivor]) -> String {
    let named = survivors.isEmpty ? "" : ": \(Survivor.list(survivors))"
    return "Something of process '\(id)' (PID: \(pid)) is still there "
      + "\(ProcessMachine.killTimeout.text) after SIGKILL\(named)"
  }

  static func initiating(
    _ id: some ProcessName, _ cause: ProcessMachine.Cause, _ delay: Duration
  ) -> String {
    switch cause {
    case .exit(_, let pid), .outOfMemory(let pid), .forced(_, let pid):
      "Initiating auto-restart for process '\(id)' (PID: \(pid)) in \(delay.text)"
    case .failedStart:
      "Initiating auto-restart for process '\(id)' in \(delay.text)"
    }
  }

  static func autoRestarting(
    _ id: some ProcessName, _ cause: ProcessMachine.Cause, _ definition: ProcessDefinition
  ) -> String {
    let why =
      switch cause {
      case .failedStart: "after a failed start"
      case .forced(let forcedEnd, let pid): "after \(forcedEnd.words) (PID: \(pid))"
      case .outOfMemory(let pid):
        "after external kill signal \(Signal.kill.number) (PID: \(pid))"
      case .exit(.signal(let signal), let pid):
        "after external kill signal \(signal.number) (PID: \(pid))"
      case .exit(.code(let code), let pid):
        code == 0 || definition.successExitCodes.contains(code)
          ? "after normal exit (PID: \(pid))" : "after crash with exit code \(code) (PID: \(pid))"
      }
    return "Auto-restarting process '\(id)' \(why)"
  }

  /// In `error`: why the last run was ended.
  static func wasEnded(_ forcedEnd: ForcedEnd) -> String {
    "the last run was ended after \(forcedEnd.words)"
  }

  static func notReady(_ name: some ProcessName, _ machine: ProcessMachine) -> String {
    let why: String
    if !machine.showsHowItEnded {
      why = "it was stopped"
    } else if machine.isUp, machine.health.status == .unhealthy {
      why = "it is unhealthy\(machine.health.error.map { ": \($0)" } ?? "")"
    } else if let error = machine.error {
      why = error
    } else if let status = machine.lastExit?.status, machine.liveRun == nil {
      why = "its run ended with \(status)"
    } else {
      why = "its run is ending"
    }
    return "Process '\(name)' has not become ready: \(why)"
  }
}
