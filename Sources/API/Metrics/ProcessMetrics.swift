import Basics
package import Supervision

/// What `/metrics` says of one process: plain values, since each is looked at once for every
/// family.
package struct ProcessMetrics: Sendable {
  let id: String
  let status: ProcessStatus
  let isRunning: Bool
  let isReady: Bool
  let health: Health.Status
  let runCount: Int
  let restartCount: Int
  let restartTotal: Int
  /// When the present run started, since 1970 UTC; nil if none is alive.
  let startedAt: Duration?
  let lastExit: ExitStatus?
  let usage: ProcessUsage
  let logWrittenBytes: Int
  let logDroppedLines: Int

  /// - Parameters:
  ///   - logWrittenBytes: into its log, since that was opened.
  ///   - logDroppedLines: of its log, since then.
  package init(
    _ entry: ProcessEntry, usage: ProcessUsage?, logWrittenBytes: Int, logDroppedLines: Int
  ) {
    id = entry.definition.id
    status = entry.status
    isRunning = entry.pid != nil
    isReady = entry.isReady
    health = entry.health.status
    runCount = entry.runCount
    restartCount = entry.restartCount
    restartTotal = entry.restartTotal
    startedAt = isRunning ? entry.lastRun : nil
    lastExit = entry.lastExit?.status
    self.usage = usage ?? ProcessUsage()
    self.logWrittenBytes = logWrittenBytes
    self.logDroppedLines = logDroppedLines
  }
}
