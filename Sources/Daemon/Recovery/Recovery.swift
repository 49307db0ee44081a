import Supervision
import UV

/// Ends what an earlier supervisor left running. The processes that this was of do not start before
/// that.
final class Recovery {
  private let context: DaemonContext
  private let journal: RunStateJournal
  private let cgroups: RunCgroups
  private let spawner: Spawner
  private var leftovers: Leftovers?
  /// Called when each of them has ended, or cannot be ended.
  var onAllEnded: () -> Void = {}

  init(
    _ context: DaemonContext, _ journal: RunStateJournal, _ cgroups: RunCgroups, _ spawner: Spawner
  ) {
    self.context = context
    self.journal = journal
    self.cgroups = cgroups
    self.spawner = spawner
  }

  /// Whether nothing is waited for.
  var isDone: Bool { leftovers?.isDone ?? true }

  /// How long the end may still take, at the most.
  var longestEnd: Duration { leftovers?.longestEnd(at: context.now) ?? .zero }

  /// Kills what is still waited for.
  func killAll() { leftovers?.killAll() }

  /// Begins to end them.
  func start(_ old: [Leftover], _ scanner: ProcessScanner) throws(UVError) {
    guard !old.isEmpty else { return }
    for leftover in old { spawner.hold(leftover.process) }
    leftovers = try Leftovers(old, on: context.loop, clock: context.clock, scanner) {
      [unowned self] leftover, end in ended(leftover, end)
    }
  }

  private func ended(_ leftover: Leftover, _ end: Leftovers.End) {
    if case .ended = end {
      if let run = leftover.run { journal.ended(run.number) }
      if let group = leftover.group { cgroups.remove(group) }
    }
    let pid = leftover.run?.leader.map { " (PID: \($0.pid))" } ?? ""
    let what = leftover.run?.isHelper == true ? "a hook or probe of process" : "process"
    let name = "\(what) '\(leftover.process)'\(pid)"
    switch end {
    case .ended: context.log.info("Ended \(name), left running by an earlier supervisor")
    case .outlived(let survivors):
      let list = Survivor.list(survivors)
      context.log.error(
        "What is left of \(name) of an earlier supervisor outlived SIGKILL: \(list)")
    case .unclear(let processes):
      let list = processes.isEmpty ? "" : ": these may be: \(Survivor.list(processes))"
      context.log.warning(
        "Whether something is left of \(name) of an earlier supervisor cannot be told\(list)")
    }
    spawner.release(leftover.process)
    if isDone { onAllEnded() }
  }
}
