import Supervision

/// The fields in the order of the contract, in which what is wrong with them is said.
extension DefinitionReader {
  /// What is executed, and whether it comes back.
  func readExecution(into definition: inout ProcessDefinition) throws(FieldError) {
    try attempt { definition.execution.arguments = try arguments() }
    try attempt { definition.execution.workingDirectory = try workingDirectory() }
    try attempt { definition.restartPolicy = try restartPolicy() }
    try attempt { definition.isSaved = try boolean(.isSaved) }
  }

  /// When it runs.
  func readTimes(into definition: inout ProcessDefinition) throws(FieldError) {
    try attempt { definition.isPeriodic = try boolean(.isPeriodic) }
    try attempt { definition.period = try period(isNeeded: definition.isPeriodic) }
    try attempt { definition.schedule = try schedule(besidePeriodic: definition.isPeriodic) }
    try attempt { definition.overlap = try overlap() }
    try attempt { definition.runTimeout = try runTimeout(isPeriodic: definition.isPeriodic) }
  }

  /// How often it is started again.
  func readRestarts(into definition: inout ProcessDefinition) throws(FieldError) {
    try attempt { definition.maxRestarts = try whole(.maxRestarts, 0...1_000_000) }
    try attempt { definition.restartDelays = try restartDelays() }
    try attempt { definition.restartReset = try restartReset() ?? definition.restartReset }
    try attempt {
      definition.successExitCodes = try successExitCodes() ?? definition.successExitCodes
    }
  }

  /// What it runs with, and as whom.
  func readEnvironment(into definition: inout ProcessDefinition) throws(FieldError) {
    try attempt { definition.execution.environment = try environment() }
    try attempt { definition.execution.environmentFile = try environmentFile() }
    try attempt { definition.execution.user = try account(.user) }
    try attempt { definition.execution.group = try account(.group) }
    try attempt { definition.execution.umask = try umask() }
    try attempt { definition.execution.nice = try whole(.nice, -20...19) }
    try attempt { definition.execution.limits = try limits() }
  }

  /// How it is started and stopped, and how many copies there are.
  func readStartAndStop(into definition: inout ProcessDefinition) throws(FieldError) {
    try attempt { definition.stopSignal = try stopSignal() ?? definition.stopSignal }
    try attempt { definition.startTimeout = try startTimeout() ?? definition.startTimeout }
    try attempt { definition.stopTimeout = try stopTimeout() ?? definition.stopTimeout }
    try attempt { definition.instances = try instances(of: definition.id) }
  }

  /// What it waits for, and when it counts as ready.
  func readReadiness(into definition: inout ProcessDefinition) throws(FieldError) {
    try attempt { definition.dependencies = try dependencies(of: definition) }
    try attempt { definition.healthCheck = try healthCheck() }
    try attempt { definition.execution.ready = try ready() }
    try attempt { definition.readyTimeout = try readyTimeout(definition.execution.ready) }
    try attempt { definition.execution.watchdog = try watchdog() }
    try attempt { definition.restartAboveMemoryBytes = try restartAboveMemoryBytes() }
    try attempt { definition.execution.listen = try listen() }
  }

  /// What runs before and after it.
  func readHooks(into definition: inout ProcessDefinition) throws(FieldError) {
    try attempt {
      definition.beforeStart = try fields.command(DefinitionField.beforeStart.rawValue)
    }
    try attempt { definition.afterExit = try fields.command(DefinitionField.afterExit.rawValue) }
    try attempt { definition.hookTimeout = try hookTimeout() ?? definition.hookTimeout }
    try attempt { definition.isEssential = try boolean(.isEssential) }
  }

  /// What is said and kept of it, and its limits.
  func readKeeping(into definition: inout ProcessDefinition) throws(FieldError) {
    try attempt { definition.labels = try labels() }
    try attempt { definition.logMaxBytes = try logMaxBytes() ?? definition.logMaxBytes }
    try attempt {
      definition.logMaxFiles = try whole(.logMaxFiles, 0...1_000) ?? definition.logMaxFiles
    }
    try attempt {
      definition.execution.memoryMaxBytes = try bytes(.memoryMaxBytes, 1 << 20...1 << 50)
    }
    try attempt { definition.execution.cpuMaxPercent = try whole(.cpuMaxPercent, 1...100_000) }
    try attempt { definition.execution.tasksMax = try whole(.tasksMax, 1...4_194_304) }
  }
}
