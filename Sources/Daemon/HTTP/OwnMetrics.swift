import API
import HTTP
import Logs
import UV

/// What `/metrics` says of the daemon itself.
final class OwnMetrics {
  private let context: DaemonContext
  private let version: String
  /// Since 1970 UTC.
  private let startedAt: Duration
  private let server: HTTPServer
  private let handler: RequestDispatcher
  private let logContext: LogContext
  private let problems: Problems
  private let lastReload: LastReload
  private let loopLag: LoopLag

  init(
    _ context: DaemonContext, version: String, startedAt: Duration, _ server: HTTPServer,
    _ handler: RequestDispatcher,
    _ logContext: LogContext, _ problems: Problems, _ lastReload: LastReload
  ) throws(UVError) {
    self.context = context
    self.version = version
    self.startedAt = startedAt
    self.server = server
    self.handler = handler
    self.logContext = logContext
    self.problems = problems
    self.lastReload = lastReload
    loopLag = try LoopLag(on: context.loop, now: context.clock.monotonic)
  }

  /// Lets go of the loop.
  func close() { loopLag.close() }

  /// As of now, for a scrape.
  func scrape() -> DaemonMetrics {
    loopLag.noteScrape()
    let pool = context.loop.pool
    return DaemonMetrics(
      version: version, startedAt: startedAt, resources: resources,
      openConnections: server.connectionCount, requests: server.answered,
      wrongKeys: handler.wrongKeyCount, droppedLogLines: logContext.droppedLines,
      problems: problems.list,
      pool: DaemonMetrics.Pool(
        threads: pool.threads, busyThreads: pool.busyThreads, queueLength: pool.queueLength,
        longestWait: pool.longestWait),
      requestTimes: handler.requestTimes, loopLag: loopLag.histogram,
      lastReload: lastReload.outcome)
  }

  private var resources: DaemonMetrics.Resources? {
    do throws(UVError) {
      let usage = try SystemProcess.ownUsage()
      return DaemonMetrics.Resources(
        residentBytes: usage.residentBytes, virtualBytes: usage.virtualBytes,
        cpuTime: usage.cpuTime, openDescriptors: usage.openDescriptors,
        maxDescriptors: Int(clamping: usage.maxDescriptors))
    } catch {
      // The scrape goes without: what it has of the processes is worth more.
      context.log.debug("What the daemon itself uses cannot be read: \(error)")
      return nil
    }
  }
}
