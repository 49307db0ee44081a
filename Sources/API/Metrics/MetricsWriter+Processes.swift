import Basics
import Supervision

extension MetricsWriter {
  /// The families that have a sample for each process.
  mutating func processes(_ all: [ProcessMetrics]) {
    status(of: all)
    health(of: all)
    runs(of: all)
    usage(of: all)
    ends(of: all)
    log(of: all)
  }

  private mutating func health(of all: [ProcessMetrics]) {
    family("exeio_process_up", .gauge, "Whether the process runs.", all) { .flag($0.isRunning) }
    family(
      "exeio_process_ready", .gauge, "Whether the present run of the process is ready.", all
    ) { .flag($0.isReady) }
    family(
      "exeio_process_healthy", .gauge,
      "Whether the health check of the process succeeds; 0 until it has for the first time.", all
    ) {
      switch $0.health {
      case .none: nil
      case .starting, .unhealthy: .flag(false)
      case .healthy: .flag(true)
      }
    }
  }

  private mutating func runs(of all: [ProcessMetrics]) {
    family(
      "exeio_process_runs_total", .counter, "Runs started since the process was added.", all
    ) { .integer($0.runCount) }
    family(
      "exeio_process_restarts_total", .counter,
      "Automatic restarts since the process was added.", all
    ) { .integer($0.restartTotal) }
    family(
      "exeio_process_restarts_in_a_row", .gauge,
      "Automatic restarts in a row; a long run or a manual start resets them.", all
    ) { .integer($0.restartCount) }
    family(
      "exeio_process_start_time_seconds", .gauge,
      "Start of the present run since the Unix epoch in seconds.", all
    ) { $0.startedAt.map { .seconds($0) } }
  }

  private mutating func log(of all: [ProcessMetrics]) {
    family(
      "exeio_process_log_written_bytes_total", .counter,
      "Bytes written to the log of the process since it was opened.", all
    ) { .integer($0.logWrittenBytes) }
    family(
      "exeio_process_log_lines_dropped_total", .counter,
      "Lines that could not be written to the log of the process since it was opened.", all
    ) { .integer($0.logDroppedLines) }
  }

  /// One sample for each status that there is, 1 for the one that holds: so that a rule can sum
  /// them, and none is missing before it holds for the first time.
  private mutating func status(of all: [ProcessMetrics]) {
    family(
      "exeio_process_status", .gauge, "The status of the process: 1 for the one that holds, else 0."
    )
    let statuses = ProcessStatus.allCases
    for index in all.indices {
      for status in statuses {
        sample(
          "id", all[index].id, "status", status.rawValue, .flag(all[index].status == status))
      }
    }
  }

  private mutating func usage(of all: [ProcessMetrics]) {
    family(
      "exeio_process_memory_bytes", .gauge, "Memory of the present run in bytes.", all
    ) { $0.usage.memoryBytes.map { .integer($0) } }
    family(
      "exeio_process_cpu_seconds_total", .counter,
      "CPU time of all runs since the process was added in seconds.", all
    ) { .seconds($0.usage.cpuTime) }
    family(
      "exeio_process_oom_kills_total", .counter,
      "Processes of all runs that the kernel has killed for want of memory.", all
    ) { $0.usage.oomKills.map { .integer($0) } }
  }

  private mutating func ends(of all: [ProcessMetrics]) {
    family(
      "exeio_process_last_exit_code", .gauge,
      "Exit code of the latest run that ended, where it ended by itself.", all
    ) {
      switch $0.lastExit {
      case .code(let code): .integer(Int(code))
      case .signal, nil: nil
      }
    }
    family(
      "exeio_process_last_exit_signal", .gauge,
      "Number of the signal that ended the latest run, where one did.", all
    ) {
      switch $0.lastExit {
      case .signal(let signal): .integer(Int(signal.number))
      case .code, nil: nil
      }
    }
  }

  /// A family with a sample for each process that `value` gives one of.
  private mutating func family(
    _ name: String, _ kind: Kind, _ help: String, _ all: [ProcessMetrics],
    _ value: (ProcessMetrics) -> Value?
  ) {
    family(name, kind, help)
    for index in all.indices {
      if let value = value(all[index]) { sample("id", all[index].id, value) }
    }
  }
}
