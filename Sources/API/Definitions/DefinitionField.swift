/// The fields of a process in JSON, in the order in which `processes.json` has them.
enum DefinitionField: String, CaseIterable {
  case id
  case command
  case arguments = "args"
  case workingDirectory = "working_dir"
  case autoRestart = "auto_restart"
  case isSaved = "save_for_next_run"
  case isPeriodic = "periodic"
  case period = "period_seconds"
  case restartPolicy = "restart_policy"
  case maxRestarts = "max_restarts"
  case successExitCodes = "success_exit_codes"
  case environment
  case stopSignal = "stop_signal"
  case stopTimeout = "stop_timeout_seconds"
  case logMaxBytes = "log_max_bytes"
  case logMaxFiles = "log_max_files"
  case memoryMaxBytes = "memory_max_bytes"
  case cpuMaxPercent = "cpu_max_percent"
  case tasksMax = "tasks_max"
}
