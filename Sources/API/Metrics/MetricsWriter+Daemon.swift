import HTTP

extension MetricsWriter {
  /// The families about the daemon itself. Those that every program has are called as everywhere.
  mutating func daemon(_ daemon: DaemonMetrics) {
    family("exeio_build_info", .info, "Always 1; the version is in the label.")
    sample(MetricLabels("version", daemon.version), .integer(1))
    requests(daemon.requests)
    times(of: daemon.requestTimes)
    family("exeio_http_connections", .gauge, "Open HTTP connections.")
    sample(.integer(daemon.openConnections))
    family(
      "exeio_http_wrong_keys_total", .counter, "Requests with a key that is not the right one.")
    sample(.integer(daemon.wrongKeys))
    family(
      "exeio_log_lines_dropped_total", .counter,
      "Lines that could not be written to any log, the daemon's own included.")
    sample(.integer(daemon.droppedLogLines))
    family(
      "exeio_problems", .gauge, "What an operator must know, by code; GET /health says what it is.")
    for code in Problem.Code.allCases {
      sample(MetricLabels("code", code.rawValue), .integer(daemon.problems.count(of: code)))
    }
    reload(daemon.lastReload)
    pool(daemon.pool)
    family(
      "exeio_loop_lag_seconds", .histogram,
      "How late timers of the daemon were in seconds, looked at twice a second while it is scraped."
    )
    sample(nil, daemon.loopLag)
    family(
      "process_start_time_seconds", .gauge,
      "Start time of the daemon since the Unix epoch in seconds.")
    sample(.seconds(daemon.startedAt))
    if let resources = daemon.resources { self.resources(resources) }
  }

  private mutating func pool(_ pool: DaemonMetrics.Pool) {
    family(
      "exeio_pool_threads", .gauge,
      "Threads that wait for disks and servers in place of the daemon.")
    sample(.integer(pool.threads))
    family("exeio_pool_busy_threads", .gauge, "Those of them that have work.")
    sample(.integer(pool.busyThreads))
    family("exeio_pool_queue_length", .gauge, "Pieces of work that wait for a thread.")
    sample(.integer(pool.queueLength))
    family(
      "exeio_pool_longest_wait_seconds", .gauge,
      "How long the oldest piece of work has waited, for a thread or for its disk or server; 0 if there is none."
    )
    sample(.seconds(pool.longestWait))
  }

  private mutating func requests(_ counts: RequestCounts) {
    family(
      "exeio_http_requests_total", .counter,
      "HTTP requests answered, by method and class of the status.")
    for method in RequestCounts.Method.allCases {
      let labels = MetricLabels("method", method.rawValue)
      for kind in RequestCounts.classes {
        sample(labels, "code", "\(kind)xx", .integer(counts[method, kind]))
      }
    }
  }

  private mutating func times(of requests: RequestTimes) {
    family(
      "exeio_http_request_duration_seconds", .histogram,
      "From the end of a request to its answer in seconds, by route.")
    let titled = requests.histograms.map { (route: $0?.template ?? "other", histogram: $1) }
    for (route, histogram) in titled.sorted(by: { $0.route < $1.route }) {
      sample(MetricLabels("route", route), histogram)
    }
  }

  private mutating func reload(_ reload: DaemonMetrics.Reload) {
    family(
      "exeio_config_last_reload_successful", .gauge,
      "Whether the latest reload of the files of processes was successful; the start counts as one."
    )
    sample(.flag(reload.isSuccessful))
    family(
      "exeio_config_last_reload_success_timestamp_seconds", .gauge,
      "When the latest successful reload was since the Unix epoch in seconds.")
    sample(.seconds(reload.lastSuccess))
  }

  private mutating func resources(_ resources: DaemonMetrics.Resources) {
    family(
      "process_cpu_seconds_total", .counter, "CPU time that the daemon itself has used in seconds.")
    sample(.seconds(resources.cpuTime))
    family("process_resident_memory_bytes", .gauge, "Resident memory of the daemon in bytes.")
    sample(.integer(resources.residentBytes))
    family("process_virtual_memory_bytes", .gauge, "Virtual memory of the daemon in bytes.")
    sample(.integer(resources.virtualBytes))
    family("process_open_fds", .gauge, "Open file descriptors of the daemon.")
    sample(.integer(resources.openDescriptors))
    family("process_max_fds", .gauge, "The most file descriptors that the daemon may have open.")
    sample(.integer(resources.maxDescriptors))
  }
}
