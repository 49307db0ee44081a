import Basics
import Supervision
import UV

/// What watches the processes of the machine for the runs: who belongs to one, who is an orphan,
/// who has ended.
final class ProcessWatch {
  let scanner: ProcessScanner
  let orphanTracker: OrphanTracker
  let scopeWatch: ScopeWatch
  private let orphanReaper: OrphanReaper

  init(_ context: DaemonContext) throws(UVError) {
    let loop = context.loop
    scanner = try ProcessScanner(on: loop)
    let orphanTracker = try OrphanTracker(context, scanner)
    let scopeWatch = try ScopeWatch(context, orphanTracker: orphanTracker)
    orphanTracker.onRead = { [weak scopeWatch] in scopeWatch?.check() }
    orphanTracker.onLate = { [log = context.log] in Self.endLate($0, log) }
    orphanReaper = OrphanReaper(on: loop) { pids in
      orphanTracker.reaped(pids)
      scopeWatch.check()
    }
    self.orphanTracker = orphanTracker
    self.scopeWatch = scopeWatch
    try orphanReaper.start()
  }

  func close() {
    scopeWatch.close()
    orphanTracker.close()
    scanner.close()
    orphanReaper.close()
  }

  /// Ends orphans of runs that are over, and what is below them: whose they were could not be told
  /// before.
  static func endLate(_ orphans: [Int32], _ log: SupervisorLog) {
    var killed: [Survivor] = []
    for pid in orphans + ProcessTable.descendants(of: orphans) {
      let survivor = Survivor(named: pid)
      do throws(UVError) {
        try ProcessTable.signal(Signal.kill.number, process: pid)
        killed.append(survivor)
      } catch {
        guard error.code != .noSuchProcess else { continue }
        log.error("What is left of a run that is over cannot be killed: \(error)")
      }
    }
    guard !killed.isEmpty else { return }
    log.warning(
      "Killed what was left of a run that is over, and could not be looked at before: \(Survivor.list(killed))"
    )
  }
}
