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
    helpers.cancelAll()
    if !helpers.isIdle {
      isFinishWanted = true
      return
    }
    isFinishing = true
    watchEnd()
    for watcher in signalWatchers { watcher.close() }
    timers.close()
    spawnQueue.close()
    listenSockets.closeAll()
    heapTrimmer.close()
    localTimeTimer.close()
    saveTimer.close()
    readingTimer.close()
    processesFile.close()
    namedKeys.close()
    deferredWrites.close()
    poolWatch.close()
    scopeWatch.close()
    orphanTracker.close()
    processScanner.close()
    orphanReaper.close()
    // What outlived SIGKILL stays in the run state: the next start tries again.
    for run in runs.values { run.close() }
    runs = [:]
    helpers.close()
    outputScheduler.close()
    journal.close()
    cgroups?.close()
    let code = exitCode == 0 ? "" : ", exit code \(exitCode)"
    supervisorLog.info("exeio process supervisor stopped\(code)")
    for log in logs.values { log.close { _ in } }
    supervisorLog.log.close { _ in }
    do throws(UVError) {
      try server.close(grace: .seconds(2))
    } catch {
      preconditionFailure("the connections cannot be closed: \(error)")
    }
  }

  /// How long the end waits for a file system that does not answer at all. One that is slow is waited for.
  private static let lastPatience: Duration = .seconds(5)
  /// The same for a process that does not let itself be read: by then clients have their last answers.
  private static let processPatience: Duration = .milliseconds(2500)

  /// What is left is on its way to the disks. As long as they take something the end waits, however slow they are; one
  /// that hangs is left alone.
  private func watchEnd() {
    endTimer.unref()
    let interval = Duration.milliseconds(500)
    endTimer.start(after: interval, repeating: interval) { [unowned self] in
      let patience = unansweredPlaces.isEmpty ? Self.processPatience : Self.lastPatience
      guard loop.pool.timeWithoutProgress >= patience else { return }
      isAbandoned = true
      loop.stop()
    }
  }

  /// What has not answered, but for processes that do not let themselves be read: nothing was to be written there.
  private var unansweredPlaces: [String] {
    loop.pool.waits(longerThan: .zero).map(\.place).filter { $0 != PoolLane.memoryOfProcesses }
  }

  /// Turns the loop until the daemon has finished. Throws what keeps it from letting go of the loop.
  /// - Returns: whether everything was let go of; false where a disk hangs: nothing in this process may wait for its
  ///   threads then.
  func run() throws(UVError) -> Bool {
    loop.run()
    // It pings to the end: a disk may be slow to take the last lines.
    serviceManager?.close()
    guard !isAbandoned else {
      let places = unansweredPlaces.map { "'\($0.readable)'" }
      guard !places.isEmpty else { return false }
      let message =
        "ended without an answer of \(places.joined(separator: ", ")): what was to be written there is lost"
      supervisorLog.warnOutside(message)
      if !supervisorLog.isInJournal {
        SystemProcess.writeToStandardError("exeio: warning: \(message)\n")
      }
      return false
    }
    endTimer.close()
    logContext.close()
    loop.run()
    try loop.close()
    return true
  }
}
