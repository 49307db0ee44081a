import UV

/// What watches the processes of the machine for the runs: who belongs to one, who is an orphan, who has ended.
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
    orphanTracker.onLate = { [log = context.log] in Recovery.endLate($0, log) }
    orphanReaper = try OrphanReaper(on: loop) { pids in
      orphanTracker.reaped(pids)
      scopeWatch.check()
    }
    self.orphanTracker = orphanTracker
    self.scopeWatch = scopeWatch
  }

  func close() {
    scopeWatch.close()
    orphanTracker.close()
    scanner.close()
    orphanReaper.close()
  }
}
