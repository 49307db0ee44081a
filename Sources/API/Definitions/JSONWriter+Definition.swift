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
      guard which == .all || !isDefault(field, of: definition, standard) else { continue }
      name(field.rawValue)
      value(of: field, in: definition)
    }
    endObject()
  }

  /// Whether the field may be left out of `processes.json`.
  private func isDefault(
    _ field: DefinitionField, of definition: ProcessDefinition, _ standard: ProcessDefinition
  ) -> Bool {
    switch field {
    case .id, .command, .arguments, .workingDirectory, .autoRestart, .isSaved, .isPeriodic, .period:
      false
    case .restartPolicy: definition.restartPolicy != .onFailure
    case .maxRestarts: definition.maxRestarts == standard.maxRestarts
    case .successExitCodes: definition.successExitCodes == standard.successExitCodes
    case .environment: definition.execution.environment == standard.execution.environment
    case .stopSignal: definition.stopSignal == standard.stopSignal
    case .stopTimeout: definition.stopTimeout == standard.stopTimeout
    case .logMaxBytes: definition.logMaxBytes == standard.logMaxBytes
    case .logMaxFiles: definition.logMaxFiles == standard.logMaxFiles
    case .memoryMaxBytes: definition.execution.memoryMaxBytes == standard.execution.memoryMaxBytes
    case .cpuMaxPercent: definition.execution.cpuMaxPercent == standard.execution.cpuMaxPercent
    case .tasksMax: definition.execution.tasksMax == standard.execution.tasksMax
    }
  }

  private mutating func value(of field: DefinitionField, in definition: ProcessDefinition) {
    switch field {
    case .id: string(definition.id)
    case .command: string(definition.execution.command)
    case .arguments: strings(definition.execution.arguments)
    case .workingDirectory: optional(definition.execution.workingDirectory) { $0.string($1) }
    case .autoRestart: boolean(definition.restartPolicy != .never)
    case .isSaved: boolean(definition.isSaved)
    case .isPeriodic: boolean(definition.isPeriodic)
    case .period: optional(definition.period) { $0.seconds($1) }
    case .restartPolicy: string(definition.restartPolicy.rawValue)
    case .maxRestarts: optional(definition.maxRestarts) { $0.integer($1) }
    case .successExitCodes: integers(definition.successExitCodes)
    case .environment: environment(definition.execution.environment)
    case .stopSignal: string(definition.stopSignal.shortName)
    case .stopTimeout: seconds(definition.stopTimeout)
    case .logMaxBytes: integer(definition.logMaxBytes)
    case .logMaxFiles: integer(definition.logMaxFiles)
    case .memoryMaxBytes: optional(definition.execution.memoryMaxBytes) { $0.integer($1) }
    case .cpuMaxPercent: optional(definition.execution.cpuMaxPercent) { $0.integer($1) }
    case .tasksMax: optional(definition.execution.tasksMax) { $0.integer($1) }
    }
  }

  private mutating func integers(_ values: [Int32]) {
    beginArray()
    for value in values { integer(Int(value)) }
    endArray()
  }

  private mutating func environment(_ values: [String: String]) {
    beginObject()
    for (key, value) in values.sorted(by: { $0.key < $1.key }) {
      name(key)
      string(value)
    }
    endObject()
  }
}
