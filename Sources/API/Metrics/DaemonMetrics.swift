package import HTTP

/// What `/metrics` says of the daemon itself.
package struct DaemonMetrics: Sendable {
  /// `1.0.0`
  package var version: String
  /// Since 1970 UTC.
  package var startedAt: Duration
  /// What the daemon takes; nil if that cannot be read.
  package var resources: Resources?
  package var openConnections: Int
  package var requests: RequestCounts
  package var wrongKeys: Int
  /// Of all logs, its own and those of removed processes included.
  package var droppedLogLines: Int
  /// What an operator must know.
  package var problems: ProblemList
  /// What waits for disks and servers.
  package var pool: Pool
  package var requestTimes: RequestTimes
  /// How late the loop was.
  package var loopLag: Histogram
  package var lastReload: Reload

  /// How the latest reload of the files of processes went; the start counts as one.
  package struct Reload: Hashable, Sendable {
    package var isSuccessful: Bool
    /// When the latest one was that was successful, since 1970 UTC.
    package var lastSuccess: Duration

    /// One that was successful.
    package init(at time: Duration) {
      isSuccessful = true
      lastSuccess = time
    }
  }

  /// The threads that wait for disks and servers in the place of the daemon.
  package struct Pool: Hashable, Sendable {
    package var threads: Int
    package var busyThreads: Int
    package var queueLength: Int
    package var longestWait: Duration

    /// A reading.
    package init(
      threads: Int = 0, busyThreads: Int = 0, queueLength: Int = 0, longestWait: Duration = .zero
    ) {
      self.threads = threads
      self.busyThreads = busyThreads
      self.queueLength = queueLength
      self.longestWait = longestWait
    }
  }

  /// What the daemon takes of the machine.
  package struct Resources: Hashable, Sendable {
    package var residentBytes: Int
    package var virtualBytes: Int
    package var cpuTime: Duration
    package var openDescriptors: Int
    package var maxDescriptors: Int

    /// A reading.
    package init(
      residentBytes: Int, virtualBytes: Int, cpuTime: Duration, openDescriptors: Int,
      maxDescriptors: Int
    ) {
      self.residentBytes = residentBytes
      self.virtualBytes = virtualBytes
      self.cpuTime = cpuTime
      self.openDescriptors = openDescriptors
      self.maxDescriptors = maxDescriptors
    }
  }

  /// The state of the daemon at the moment of a scrape.
  package init(
    version: String, startedAt: Duration, resources: Resources?, openConnections: Int,
    requests: RequestCounts, wrongKeys: Int, droppedLogLines: Int,
    problems: ProblemList = ProblemList(), pool: Pool = Pool(),
    requestTimes: RequestTimes = RequestTimes(), loopLag: Histogram, lastReload: Reload
  ) {
    self.version = version
    self.startedAt = startedAt
    self.resources = resources
    self.openConnections = openConnections
    self.requests = requests
    self.wrongKeys = wrongKeys
    self.droppedLogLines = droppedLogLines
    self.problems = problems
    self.pool = pool
    self.requestTimes = requestTimes
    self.loopLag = loopLag
    self.lastReload = lastReload
  }
}
