import Logs
import Supervision
import UV

extension Daemon {
  /// No process is left: flushes the logs, lets go of everything, and the loop runs dry.
  func finish() {
    // What an earlier supervisor left is ended before this one goes, or nobody would.
    if let leftovers, !leftovers.isDone {
      isFinishWanted = true
      return
    }
    guard !isFinishing else { return }
    // So is what was executed beside the runs; it has been killed by now, or is here.
    probes.cancelAll()
    errands.cancelAll()
    if !errands.isIdle {
      isFinishWanted = true
      return
    }
    isFinishing = true
    for watcher in signalWatchers { watcher.close() }
    timers.close()
    spawnQueue.close()
    listenBook.closeAll()
    heapKeeper.close()
    localTimeTimer.close()
    saveTimer.close()
    namedKeys.close()
    deferredWrites.close()
    scopeWatch.close()
    strays.close()
    orphanReaper.close()
    // What outlived SIGKILL stays in the run state: the next start tries again.
    for run in runs.values { run.close() }
    runs = [:]
    errands.close()
    outputScheduler.close()
    journal.close()
    cgroups?.close()
    let code = exitCode == 0 ? "" : ", exit code \(exitCode)"
    ownLog.info("exeio process supervisor stopped\(code)")
    for log in logs.values { log.close { _ in } }
    ownLog.log.close { _ in }
    do throws(UVError) {
      try server.close(grace: .seconds(2))
    } catch {
      preconditionFailure("the connections cannot be closed: \(error)")
    }
  }

  /// Turns the loop until the daemon has finished. Throws what keeps it from letting go of the loop.
  func run() throws(UVError) {
    loop.run()
    // It pings to the end: a disk may be slow to take the last lines.
    serviceManager?.close()
    loop.run()
    try loop.close()
  }
}
