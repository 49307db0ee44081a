import API
import Supervision
import UV

/// The journal of the runs, and what came out of the one before it.
struct OpenedJournal {
  let journal: RunStateJournal
  /// What is still there of an earlier supervisor's runs.
  let alive: [Leftover]
  /// Why the file of the earlier one could not be used; nil where it could.
  let warning: String?
  /// Processes of which it cannot be told whether an earlier supervisor started them.
  private let unclear: [Survivor]

  /// Finds what an earlier supervisor left running, and begins the journal again with it.
  ///
  /// - Parameters:
  ///   - runState: of the earlier one, and why it could not be used.
  ///   - tree: where the cgroups of runs are, if there are any.
  ///   - path: of the journal.
  init(
    _ runState: (bytes: [UInt8], warning: String?), _ predecessors: Predecessors,
    _ tree: CgroupTree?, path: String, on loop: Loop
  ) throws(UVError) {
    let bootID = ProcessTable.bootID ?? "unknown"
    // What has ended in between is forgotten here: its pid may be another process's by the next
    // start.
    alive = try Leftovers.alive(
      RunState(runState.bytes, bootID: bootID), predecessors, tree)
    journal = try RunStateJournal(
      path: path, bootID: bootID, token: predecessors.token,
      keeping: alive.compactMap(\.run), on: loop)
    warning = runState.warning
    unclear = predecessors.search.unclear
  }

  /// Says what is wrong with the run state, and when it is right again.
  func watch(_ log: SupervisorLog, _ problems: Problems) {
    if let warning { log.warning(warning) }
    if !unclear.isEmpty {
      let list = Survivor.list(unclear)
      log.warning("Whether an earlier supervisor started these cannot be told: \(list)")
    }
    journal.onChange = { failure in
      if let failure {
        problems.raise(
          .runState, "The run state is not written: \(failure); it is tried again every second")
      } else {
        problems.clear(.runState)
      }
    }
    if let failure = journal.failure { journal.onChange?(failure) }
  }
}
