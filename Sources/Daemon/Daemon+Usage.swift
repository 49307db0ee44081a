import API
import Logs
import Supervision
import UV

extension Daemon {
  /// What entries show beside what the supervisor knows, measured now or not long ago.
  func measuredContext() -> EntryContext {
    usageBook.refresh()
    return context(usage: usageBook.usages)
  }

  /// The same without a look at the processes: of a process that has just been started nothing is known.
  func knownContext() -> EntryContext {
    context(usage: usageBook.usages)
  }

  private func context(usage: [String: ProcessUsage]) -> EntryContext {
    var context = entryContext
    context.usage = usage
    return context
  }

  /// What `/metrics` says of each process.
  func processMetrics() -> [ProcessMetrics] {
    usageBook.refresh()
    return supervisor.entries(at: now).map { entry in
      let log = logs[entry.definition.id]
      return ProcessMetrics(
        entry, usage: usageBook.usages[entry.definition.id],
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
        threads: loop.pool.threads, busyThreads: loop.pool.runningCount,
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
      ownLog.debug("What the daemon itself uses cannot be read: \(error)")
      return nil
    }
  }
}
