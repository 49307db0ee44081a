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
  case schedule
  case overlap
  case runTimeout = "run_timeout_seconds"
  case restartPolicy = "restart_policy"
  case maxRestarts = "max_restarts"
  case restartDelays = "restart_delay_seconds"
  case restartReset = "restart_reset_seconds"
  case successExitCodes = "success_exit_codes"
  case environment
  case environmentFile = "environment_file"
  case user
  case group
  case umask
  case nice
  case limits
  case startTimeout = "start_timeout_seconds"
  case stopSignal = "stop_signal"
  case stopTimeout = "stop_timeout_seconds"
  case dependencies = "depends_on"
  case healthCheck = "health_check"
  case ready
  case readyTimeout = "ready_timeout_seconds"
  case watchdog = "watchdog_seconds"
  case restartAboveMemoryBytes = "restart_above_memory_bytes"
  case instances
  case listen
  case beforeStart = "before_start"
  case afterExit = "after_exit"
  case hookTimeout = "hook_timeout_seconds"
  case isEssential = "essential"
  case labels
  case logMaxBytes = "log_max_bytes"
  case logMaxFiles = "log_max_files"
  case memoryMaxBytes = "memory_max_bytes"
  case cpuMaxPercent = "cpu_max_percent"
  case tasksMax = "tasks_max"
}
