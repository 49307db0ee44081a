import Supervision

/// Reads a process definition from the members of a JSON object and checks every value.
struct DefinitionReader {
  let fields: FieldReader
  /// Its id where that is known already: then the object need not say it, and can say no other.
  var knownID: String?

  /// The definition; throws a `FieldError` for the first thing that is wrong, in the order of the
  /// contract.
  ///
  /// `ignored` are names that may be there and mean nothing.
  func definition(ignoring ignored: [String] = []) throws -> ProcessDefinition {
    try fields.refuseUnknown(
      known: DefinitionField.allCases.map(\.rawValue),
      ignored: ignored + DeprecatedField.allCases.map(\.rawValue))
    var definition = ProcessDefinition(id: try id(), command: try command())
    definition.execution.arguments = try arguments()
    definition.execution.workingDirectory = try workingDirectory()
    definition.restartPolicy = try restartPolicy()
    definition.isSaved = try boolean(.isSaved)
    definition.isPeriodic = try boolean(.isPeriodic)
    definition.period = try period(isNeeded: definition.isPeriodic)
    definition.schedule = try schedule(besidePeriodic: definition.isPeriodic)
    definition.overlap = try overlap(isScheduled: definition.schedule != nil)
    definition.runTimeout = try runTimeout(of: definition)
    definition.maxRestarts = try whole(.maxRestarts, 0...1_000_000)
    definition.restartDelays = try restartDelays()
    definition.restartReset = try restartReset() ?? definition.restartReset
    definition.successExitCodes = try successExitCodes() ?? definition.successExitCodes
    definition.execution.environment = try environment()
    definition.execution.environmentFile = try environmentFile()
    definition.execution.user = try account(.user)
    definition.execution.group = try account(.group)
    definition.execution.umask = try umask()
    definition.execution.nice = try whole(.nice, -20...19)
    definition.execution.limits = try limits()
    definition.stopSignal = try stopSignal() ?? definition.stopSignal
    definition.stopTimeout = try stopTimeout() ?? definition.stopTimeout
    definition.instances = try instances(of: definition.id)
    definition.dependencies = try dependencies(of: definition)
    definition.healthCheck = try healthCheck()
    definition.execution.ready = try ready(isChecked: definition.healthCheck != nil)
    definition.readyTimeout = try readyTimeout(definition.execution.ready)
    definition.execution.watchdog = try watchdog()
    definition.restartAboveMemoryBytes = try restartAboveMemoryBytes()
    definition.execution.listen = try listen()
    definition.beforeStart = try fields.command(DefinitionField.beforeStart.rawValue)
    definition.afterExit = try fields.command(DefinitionField.afterExit.rawValue)
    definition.hookTimeout = try hookTimeout() ?? definition.hookTimeout
    definition.isEssential = try boolean(.isEssential)
    definition.labels = try labels()
    definition.logMaxBytes = try logMaxBytes() ?? definition.logMaxBytes
    definition.logMaxFiles = try whole(.logMaxFiles, 0...1_000) ?? definition.logMaxFiles
    definition.execution.memoryMaxBytes = try bytes(.memoryMaxBytes, 1 << 20...1 << 50)
    definition.execution.cpuMaxPercent = try whole(.cpuMaxPercent, 1...100_000)
    definition.execution.tasksMax = try whole(.tasksMax, 1...4_194_304)
    try checkSize(of: definition)
    return definition
  }

  func boolean(_ field: DefinitionField) throws -> Bool {
    try fields.boolean(field.rawValue) ?? false
  }

  func string(_ field: DefinitionField, length: ClosedRange<Int>) throws -> String? {
    try fields.string(field.rawValue, length: length)
  }

  func whole(_ field: DefinitionField, _ range: ClosedRange<Int>) throws -> Int? {
    try fields.whole(field.rawValue, range)
  }

  func bytes(_ field: DefinitionField, _ range: ClosedRange<Int>) throws -> Int? {
    try fields.bytes(field.rawValue, range)
  }

  func seconds(
    _ field: DefinitionField, _ range: ClosedRange<Duration>, bounds: String
  ) throws -> Duration? {
    try fields.seconds(field.rawValue, range, bounds: bounds)
  }
}
