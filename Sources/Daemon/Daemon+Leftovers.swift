import Supervision
import UV

extension Daemon {
  /// Reads what an earlier supervisor left running, and begins the journal anew with it.
  static func openJournal(
    _ configuration: Configuration, _ cgroups: CgroupTree?
  ) throws(UVError) -> (RunStateJournal, alive: [Leftover]) {
    let path = configuration.runStateFile
    let bootID = SystemProcess.bootID ?? "unknown"
    var old: [UInt8] = []
    do throws(UVError) {
      old = try Files.read(path, limit: 64 << 20)
    } catch {
      guard error.name == "ENOENT" else { throw error }
    }
    // What has ended in between is forgotten here: its pid may be anybody's by the next start.
    let alive = try Leftovers.alive(RunState(old, bootID: bootID), cgroups)
    let runs = alive.compactMap(\.run)
    return (try RunStateJournal(path: path, bootID: bootID, keeping: runs), alive)
  }

  /// Ends what an earlier supervisor left. Its processes do not start before that.
  func end(_ old: [Leftover]) throws(UVError) {
    for leftover in old { spawnQueue.hold(leftover.process) }
    leftovers = try Leftovers(old, on: loop) { [unowned self] leftover, survivors in
      if survivors.isEmpty {
        if let run = leftover.run { journal.ended(run.number) }
        if let group = leftover.group { remove(group) }
      }
      let pid = leftover.run?.leader.map { " (PID: \($0.pid))" } ?? ""
      let what = leftover.run?.isErrand == true ? "a hook or probe of process" : "process"
      let name = "\(what) '\(leftover.process)'\(pid)"
      if survivors.isEmpty {
        ownLog.info("Ended \(name), left running by an earlier supervisor")
      } else {
        ownLog.error(
          "What is left of \(name) of an earlier supervisor outlived SIGKILL: \(Survivor.list(survivors))"
        )
      }
      spawnQueue.release(leftover.process)
      if isFinishWanted { finish() }
    }
  }
}
