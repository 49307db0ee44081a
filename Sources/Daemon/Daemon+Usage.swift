import API
import Logs
import Supervision
import UV

extension Daemon {
  /// What entries show beside what the supervisor knows. What processes use is as of the last ``UsageSampler/update(then:)``:
  /// of one that has just been started nothing is known.
  func currentContext() -> EntryContext {
    var context = entryContext
    context.usage = usageSampler.samples.usages
    return context
  }

  /// What `/metrics` says of each process.
  func processMetrics() -> [ProcessMetrics] {
    supervisor.entries(at: now).map { entry in
      let log = logs[entry.definition.id]
      return ProcessMetrics(
        entry, usage: usageSampler.samples.usages[entry.definition.id],
        logWrittenBytes: log?.writtenBytes ?? 0, logDroppedLines: log?.droppedLines ?? 0)
    }
  }

  /// What `/metrics` says of the daemon itself.
  func daemonMetrics() -> DaemonMetrics {
    DaemonMetrics(
      version: version, startedAt: startedAt, resources: ownResources(),
      openConnections: server.connectionCount, requests: server.answered,
      wrongKeys: router.wrongKeyCount, droppedLogLines: logContext.droppedLines,
      problems: problems.list,
      pool: DaemonMetrics.Pool(
        threads: loop.pool.threads, busyThreads: loop.pool.busyThreads,
        queueLength: loop.pool.queueLength, longestWait: loop.pool.longestWait))
  }

  private func ownResources() -> DaemonMetrics.Resources? {
    do throws(UVError) {
      let usage = try SystemProcess.ownUsage()
      return DaemonMetrics.Resources(
        residentBytes: usage.residentBytes, virtualBytes: usage.virtualBytes,
        cpuTime: usage.cpuTime, openDescriptors: usage.openDescriptors,
        maxDescriptors: Int(clamping: usage.maxDescriptors))
    } catch {
      // The scrape goes without: what it has of the processes is worth more.
      supervisorLog.debug("What the daemon itself uses cannot be read: \(error)")
      return nil
    }
  }
}
