import Logs
import Supervision
import UV

extension Daemon {
  /// Nothing runs any more: flushes the logs, lets go of everything, and the loop runs dry.
  func finish() {
    watchEnd()
    closeOwners()
    let code = exitCode == 0 ? "" : ", exit code \(exitCode)"
    context.log.info("exeio process supervisor stopped\(code)")
    streams.beginShutdown()
    logs.closeAll()
    context.log.log.close { _ in }
    do throws(UVError) {
      try server.close(grace: .seconds(2))
    } catch {
      preconditionFailure("the connections cannot be closed: \(error)")
    }
  }

  private func closeOwners() {
    signals?.close()
    streams.close()
    timers.close()
    processes.spawner.close()
    heapTrimmer.close()
    definitions.localTime.close()
    definitions.saves.close()
    namedKeys.close()
    deferredWrites.close()
    poolWatch.close()
    metrics.close()
    processes.processWatch.close()
    processes.runs.close()
    processes.helpers.close()
    processes.outputScheduler.close()
    opened.journal.close()
    processes.cgroups.close()
  }

  /// How long the end waits for a file system that does not answer at all. One that is slow is
  /// waited for.
  private static let lastPatience: Duration = .seconds(5)
  /// The same for a process that does not let itself be read: by then clients have their last
  /// answers.
  private static let processPatience: Duration = .milliseconds(2500)

  /// What is left is on its way to the disks. As long as they take something the end waits, however
  /// slow they are; one that hangs is left alone.
  private func watchEnd() {
    endTimer.unref()
    let interval = Duration.milliseconds(500)
    endTimer.start(after: interval, repeating: interval) { [unowned self] in
      let patience = unansweredPlaces.isEmpty ? Self.processPatience : Self.lastPatience
      guard context.loop.pool.timeWithoutProgress >= patience else { return }
      isAbandoned = true
      context.loop.stop()
    }
  }

  /// What has not answered, but for processes that do not let themselves be read: nothing was to be
  /// written there.
  private var unansweredPlaces: [String] {
    context.loop.pool.waits(longerThan: .zero).map(\.place).filter {
      $0 != PoolLane.memoryOfProcesses
    }
  }

  /// Turns the loop until the daemon has finished. Throws what keeps it from letting go of the
  /// loop.
  /// - Returns: whether everything was let go of; false where a disk hangs: nothing in this process
  ///   may wait for its threads then.
  func run() throws(UVError) -> Bool {
    context.loop.run()
    // It pings to the end: a disk may be slow to take the last lines.
    serviceManager?.close()
    guard !isAbandoned else {
      sayWhatIsLost()
      return false
    }
    endTimer.close()
    logContext.close()
    context.loop.run()
    try context.loop.close()
    return true
  }

  private func sayWhatIsLost() {
    let places = unansweredPlaces.map { "'\($0.readable)'" }
    guard !places.isEmpty else { return }
    let message =
      "ended without an answer of \(places.joined(separator: ", ")): what was to be written there is lost"
    context.log.warnOutside(message)
    context.log.warnOnStandardError(message)
  }
}
