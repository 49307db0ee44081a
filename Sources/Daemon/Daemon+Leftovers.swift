import API
import Supervision
import UV

extension Daemon {
  /// Finds what an earlier supervisor left running, and begins the journal anew with it.
  static func openJournal(
    _ configuration: Configuration, _ runState: (bytes: [UInt8], warning: String?),
    _ predecessors: Predecessors, _ cgroups: CgroupTree?, on loop: Loop
  ) throws(UVError) -> OpenedJournal {
    let path = configuration.runStateFile
    let bootID = SystemProcess.bootID ?? "unknown"
    let (old, warning) = runState
    // What has ended in between is forgotten here: its pid may be anybody's by the next start.
    let alive = try Leftovers.alive(RunState(old, bootID: bootID), predecessors, cgroups)
    let journal = try RunStateJournal(
      path: path, bootID: bootID, token: predecessors.token, keeping: alive.compactMap(\.run),
      on: loop)
    return OpenedJournal(journal: journal, alive: alive, warning: warning)
  }

  /// The journal, and what came out of the one before it.
  struct OpenedJournal {
    let journal: RunStateJournal
    /// What is still there of an earlier supervisor's runs.
    let alive: [Leftover]
    /// Why the file of the earlier one could not be used; nil where it could.
    let warning: String?
  }

  /// The bytes of the run state, where there is one. What is no regular file was not put there by a daemon: it is
  /// neither followed nor waited for, but moved aside. The runs are found by their marks then. A file that cannot be
  /// read refuses the start: it may name runs of 2.0.0, whose marks do not say whose they are.
  static func readRunState(
    _ path: String
  ) throws(UVError) -> (bytes: [UInt8], warning: String?) {
    guard let status = try Files.statusOfName(path) else { return ([], nil) }
    if status.isRegular, status.size <= runStateLimit {
      return (try Files.readRegularItself(path, limit: runStateLimit).bytes, nil)
    }
    let what = status.isRegular ? "has \(status.size) bytes" : "is \(status.kind)"
    let other = try Files.moveAside(path)
    return (
      [],
      "The run state '\(path)' \(what): moved to '\(other)'; what an earlier supervisor left running is found by its marks"
    )
  }

  /// A thousand processes take some 200 kB.
  private static let runStateLimit = 64 << 20

  /// Says what is wrong with the run state, and when it is right again.
  func watchJournal(_ warning: String?, _ predecessors: Predecessors) {
    if let warning { supervisorLog.warning(warning) }
    let unclear = predecessors.search.unclear
    if !unclear.isEmpty {
      let list = Survivor.list(unclear)
      supervisorLog.warning("Whether an earlier supervisor started these cannot be told: \(list)")
    }
    journal.onChange = { [problems] failure in
      if let failure {
        problems.raise(
          .runState, "The run state is not written: \(failure); it is tried again every second")
      } else {
        problems.clear(.runState)
      }
    }
    if let failure = journal.failure { journal.onChange?(failure) }
  }

  /// Ends orphans of runs that are over, and what is below them: whose they were could not be told before.
  static func endLate(_ orphans: [Int32], _ supervisorLog: SupervisorLog) {
    var killed: [Survivor] = []
    for pid in orphans + SystemProcess.descendants(of: orphans) {
      let survivor = Survivor(named: pid)
      do throws(UVError) {
        try SystemProcess.signal(Signal.kill.number, process: pid)
        killed.append(survivor)
      } catch {
        guard error.code != .noSuchProcess else { continue }
        supervisorLog.error("What is left of a run that is over cannot be killed: \(error)")
      }
    }
    guard !killed.isEmpty else { return }
    supervisorLog.warning(
      "Killed what was left of a run that is over, and could not be looked at before: \(Survivor.list(killed))"
    )
  }

  /// Ends what an earlier supervisor left. Its processes do not start before that.
  func end(_ old: [Leftover]) throws(UVError) {
    for leftover in old { spawnQueue.hold(leftover.process) }
    leftovers = try Leftovers(old, on: loop, processScanner) { [unowned self] leftover, end in
      if case .ended = end {
        if let run = leftover.run { journal.ended(run.number) }
        if let group = leftover.group { remove(group) }
      }
      let pid = leftover.run?.leader.map { " (PID: \($0.pid))" } ?? ""
      let what = leftover.run?.isHelper == true ? "a hook or probe of process" : "process"
      let name = "\(what) '\(leftover.process)'\(pid)"
      switch end {
      case .ended: supervisorLog.info("Ended \(name), left running by an earlier supervisor")
      case .outlived(let survivors):
        supervisorLog.error(
          "What is left of \(name) of an earlier supervisor outlived SIGKILL: \(Survivor.list(survivors))"
        )
      case .unclear(let processes):
        let list = processes.isEmpty ? "" : ": these may be: \(Survivor.list(processes))"
        supervisorLog.warning(
          "Whether something is left of \(name) of an earlier supervisor cannot be told\(list)")
      }
      spawnQueue.release(leftover.process)
      if isFinishWanted { finish() }
    }
  }
}
