import Basics
import Supervision

extension JSONWriter {
  enum DefinitionFields {
    case all
    /// Without those of the later fields that have their default.
    case withoutDefaults
  }

  /// An object that `DefinitionReader` reads as the same definition.
  mutating func definition(_ definition: ProcessDefinition, _ which: DefinitionFields) {
    let standard = ProcessDefinition(id: "", command: "")
    beginObject()
    for field in DefinitionField.allCases {
      guard which == .all || !isLeftOut(field, of: definition, standard) else { continue }
      name(field.rawValue)
      value(of: field, in: definition)
    }
    endObject()
  }

  /// Whether the field may be left out of `processes.json`: those of the original `exeio` never
  /// are.
  private func isLeftOut(
    _ field: DefinitionField, of definition: ProcessDefinition, _ standard: ProcessDefinition
  ) -> Bool {
    switch field {
    case .id, .command, .arguments, .workingDirectory, .autoRestart, .isSaved, .isPeriodic, .period:
      return false
    // The two others follow from `auto_restart`.
    case .restartPolicy:
      return definition.restartPolicy != .onFailure
    default:
      var one = JSONWriter()
      one.value(of: field, in: definition)
      var other = JSONWriter()
      other.value(of: field, in: standard)
      return one.bytes == other.bytes
    }
  }

  /// The value of one field.
  mutating func value(of field: DefinitionField, in definition: ProcessDefinition) {
    let execution = definition.execution
    switch field {
    case .id: string(definition.id)
    case .command: string(execution.command)
    case .arguments: strings(execution.arguments)
    case .workingDirectory: optional(execution.workingDirectory) { $0.string($1) }
    case .autoRestart: boolean(definition.restartPolicy != .never)
    case .isSaved: boolean(definition.isSaved)
    case .isPeriodic: boolean(definition.isPeriodic)
    case .period: optional(definition.period) { $0.seconds($1) }
    case .schedule: optional(definition.schedule) { $0.string($1.text) }
    case .overlap: string(definition.overlap.rawValue)
    case .runTimeout: optional(definition.runTimeout) { $0.seconds($1) }
    case .restartPolicy: string(definition.restartPolicy.rawValue)
    case .maxRestarts: optional(definition.maxRestarts) { $0.integer($1) }
    case .restartDelays: optional(definition.restartDelays) { $0.allSeconds($1) }
    case .restartReset: seconds(definition.restartReset)
    case .successExitCodes: integers(definition.successExitCodes)
    case .environment: stringsByName(execution.environment)
    case .environmentFile: optional(execution.environmentFile) { $0.string($1) }
    case .user: optional(execution.user) { $0.string($1) }
    case .group: optional(execution.group) { $0.string($1) }
    case .umask: optional(execution.umask) { $0.octal($1) }
    case .nice: optional(execution.nice) { $0.integer($1) }
    case .limits: limits(execution.limits)
    case .startTimeout: seconds(definition.startTimeout)
    case .stopSignal: string(definition.stopSignal.shortName)
    case .stopTimeout: seconds(definition.stopTimeout)
    case .dependencies: dependencies(definition.dependencies)
    case .healthCheck: optional(definition.healthCheck) { $0.healthCheck($1) }
    case .ready: string(execution.ready.rawValue)
    case .readyTimeout: optional(definition.readyTimeout) { $0.seconds($1) }
    case .watchdog: optional(execution.watchdog) { $0.seconds($1) }
    case .restartAboveMemoryBytes: optional(definition.restartAboveMemoryBytes) { $0.integer($1) }
    case .instances: optional(definition.instances) { $0.integer($1) }
    case .listen: strings(execution.listen)
    case .beforeStart: optional(definition.beforeStart) { $0.strings($1) }
    case .afterExit: optional(definition.afterExit) { $0.strings($1) }
    case .hookTimeout: seconds(definition.hookTimeout)
    case .isEssential: boolean(definition.isEssential)
    case .labels: stringsByName(definition.labels)
    case .logMaxBytes: integer(definition.logMaxBytes)
    case .logMaxFiles: integer(definition.logMaxFiles)
    case .memoryMaxBytes: optional(execution.memoryMaxBytes) { $0.integer($1) }
    case .cpuMaxPercent: optional(execution.cpuMaxPercent) { $0.integer($1) }
    case .tasksMax: optional(execution.tasksMax) { $0.integer($1) }
    }
  }
}
