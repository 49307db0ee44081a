import Basics
package import Supervision

/// What `/metrics` says of one process: plain values, since each is looked at once for every
/// family.
package struct ProcessMetrics: Sendable {
  /// The id and that of its process: the same unless it is a copy.
  let labels: MetricLabels
  let command: String
  /// Those of its definition.
  let ownLabels: [String: String]
  let limits: Limits
  let exits: [ExitReason: Int]
  /// Nil for a process whose runs do not follow each other by time.
  let timetable: Timetable?
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

  /// What the runs of a process may take; nil where there is no limit.
  struct Limits: Sendable {
    let memoryBytes: Int?
    let cpuPercent: Int?
    let tasks: Int?

    init(_ execution: Execution) {
      memoryBytes = execution.memoryMaxBytes
      cpuPercent = execution.cpuMaxPercent
      tasks = execution.tasksMax
    }
  }

  /// What is known of the runs of a periodic or scheduled process. Times are since 1970 UTC.
  struct Timetable: Sendable {
    let lastRun: Duration?
    let lastSuccess: Duration?
    let nextRun: Duration?
    let lastDuration: Duration?
    let skippedRuns: Int

    init?(_ entry: ProcessEntry) {
      guard entry.definition.isPeriodic || entry.definition.schedule != nil else { return nil }
      lastRun = entry.lastRun
      lastSuccess = entry.tally.lastSuccess
      nextRun = entry.nextRun
      lastDuration = entry.tally.lastDuration
      skippedRuns = entry.tally.skippedRuns
    }
  }

  /// - Parameters:
  ///   - logWrittenBytes: into its log, since that was opened.
  ///   - logDroppedLines: of its log, since then.
  package init(
    _ entry: ProcessEntry, usage: ProcessUsage?, logWrittenBytes: Int, logDroppedLines: Int
  ) {
    labels = MetricLabels("id", entry.definition.id)
      .adding("process", entry.definition.serviceID.rawValue)
    command = entry.definition.execution.command
    ownLabels = entry.definition.labels
    limits = Limits(entry.definition.execution)
    exits = entry.tally.exits
    timetable = Timetable(entry)
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
