import Basics
import Supervision

extension MetricsWriter {
  /// The families that have a sample for each process.
  mutating func processes(_ all: [ProcessMetrics]) {
    identity(of: all)
    status(of: all)
    health(of: all)
    runs(of: all)
    usage(of: all)
    details(of: all)
    ends(of: all)
    exits(of: all)
    timetables(of: all)
    limits(of: all)
    log(of: all)
  }

  /// What does not change while a process runs is told once, so that not every sample has it.
  private mutating func identity(of all: [ProcessMetrics]) {
    family("exeio_process_info", .info, "Always 1; what the process is, in the labels.")
    for process in all { sample(process.labels, "command", process.command, .integer(1)) }
    family(
      "exeio_process_labels", .gauge,
      "Always 1; the labels of the process, where it has some, with 'label_' before their names.")
    for process in all where !process.ownLabels.isEmpty {
      var labels = process.labels
      labels.add(labelsOf: process.ownLabels)
      sample(labels, .integer(1))
    }
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
          all[index].labels, "status", status.rawValue, .flag(all[index].status == status))
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

  /// One sample for each reason that there is, so that none is missing before it is counted for the
  /// first time.
  private mutating func exits(of all: [ProcessMetrics]) {
    family(
      "exeio_process_exits_total", .counter,
      "Ends of runs since the process was added, by what ended them.")
    let reasons = ExitReason.allCases.map { ($0, name: $0.name) }
    for index in all.indices {
      for (reason, name) in reasons {
        sample(all[index].labels, "reason", name, .integer(all[index].exits[reason] ?? 0))
      }
    }
  }

  private mutating func timetables(of all: [ProcessMetrics]) {
    let timed = all.filter { $0.timetable != nil }
    family(
      "exeio_process_last_run_timestamp_seconds", .gauge,
      "Start of the latest run of a periodic or scheduled process since the Unix epoch in seconds.",
      timed
    ) { $0.timetable?.lastRun.map { .seconds($0) } }
    family(
      "exeio_process_last_success_timestamp_seconds", .gauge,
      "End of the latest run of such a process that succeeded since the Unix epoch in seconds.",
      timed
    ) { $0.timetable?.lastSuccess.map { .seconds($0) } }
    family(
      "exeio_process_next_run_timestamp_seconds", .gauge,
      "When the next run of such a process is due since the Unix epoch in seconds.", timed
    ) { $0.timetable?.nextRun.map { .seconds($0) } }
    family(
      "exeio_process_last_run_duration_seconds", .gauge,
      "How long the latest run of such a process took that is over in seconds.", timed
    ) { $0.timetable?.lastDuration.map { .seconds($0) } }
    family(
      "exeio_process_runs_skipped_total", .counter,
      "Runs of such a process that were due and left out since the process was added.", timed
    ) { $0.timetable.map { .integer($0.skippedRuns) } }
  }

  private mutating func limits(of all: [ProcessMetrics]) {
    family(
      "exeio_process_memory_limit_bytes", .gauge,
      "How much memory all processes of a run may have together in bytes, if there is a limit.", all
    ) { $0.limits.memoryBytes.map { .integer($0) } }
    family(
      "exeio_process_cpu_limit_cores", .gauge,
      "How much CPU time all processes of a run may use together, 1 being one core, if there is a limit.",
      all
    ) { $0.limits.cpuPercent.map { .seconds(.milliseconds(10 * $0)) } }
    family(
      "exeio_process_tasks_limit", .gauge,
      "How many threads and processes a run may have at once, if there is a limit.", all
    ) { $0.limits.tasks.map { .integer($0) } }
  }

  private mutating func details(of all: [ProcessMetrics]) {
    family(
      "exeio_process_tasks", .gauge,
      "Threads and processes of the present run, each thread counted.",
      all
    ) { $0.usage.tasks.map { .integer($0) } }
    family(
      "exeio_process_open_fds", .gauge,
      "Open file descriptors of all processes of the present run.", all
    ) { $0.usage.openDescriptors.map { .integer($0) } }
    family(
      "exeio_process_io_read_bytes_total", .counter,
      "Bytes read from disks by all runs since the process was added, as far as it was seen.", all
    ) { $0.usage.diskReadBytes.map { .integer($0) } }
    family(
      "exeio_process_io_write_bytes_total", .counter,
      "Bytes written to disks by all runs since the process was added, as far as it was seen.", all
    ) { $0.usage.diskWrittenBytes.map { .integer($0) } }
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
      if let value = value(all[index]) { sample(all[index].labels, value) }
    }
  }
}
