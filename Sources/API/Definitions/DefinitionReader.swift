import Supervision

/// Reads a process definition from the members of a JSON object and checks every value.
struct DefinitionReader {
  let fields: FieldReader

  /// The definition; throws a `FieldError` for the first thing that is wrong, in the order of the
  /// contract.
  ///
  /// `ignored` are names that may be there and mean nothing.
  func definition(ignoring ignored: [String] = []) throws -> ProcessDefinition {
    try fields.refuseUnknown(known: DefinitionField.allCases.map(\.rawValue), ignored: ignored)
    var definition = ProcessDefinition(id: try id(), command: try command())
    definition.execution.arguments = try arguments()
    definition.execution.workingDirectory = try workingDirectory()
    definition.restartPolicy = try restartPolicy()
    definition.isSaved = try boolean(.isSaved)
    definition.isPeriodic = try boolean(.isPeriodic)
    definition.period = try period(isNeeded: definition.isPeriodic)
    definition.maxRestarts = try whole(.maxRestarts, 0...1_000_000)
    definition.successExitCodes = try successExitCodes() ?? definition.successExitCodes
    definition.execution.environment = try environment()
    definition.stopSignal = try stopSignal() ?? definition.stopSignal
    definition.stopTimeout = try stopTimeout() ?? definition.stopTimeout
    definition.logMaxBytes = try logMaxBytes() ?? definition.logMaxBytes
    definition.logMaxFiles = try whole(.logMaxFiles, 0...1_000) ?? definition.logMaxFiles
    definition.execution.memoryMaxBytes = try whole(.memoryMaxBytes, 1 << 20...1 << 50)
    definition.execution.cpuMaxPercent = try whole(.cpuMaxPercent, 1...100_000)
    definition.execution.tasksMax = try whole(.tasksMax, 1...4_194_304)
    try checkSize(of: definition)
    return definition
  }

  func boolean(_ field: DefinitionField) throws -> Bool {
    try fields.boolean(field.rawValue) ?? false
  }

  /// A string that may become a C string, with something in it if `length` says so.
  func string(_ field: DefinitionField, length: ClosedRange<Int>) throws -> String? {
    guard let text = try fields.string(field.rawValue) else { return nil }
    let allowed = "\(length.lowerBound) to \(length.upperBound) bytes without NUL"
    guard length.contains(text.utf8.count), !text.utf8.contains(0) else {
      throw FieldError.badValue(field.rawValue, quoted(text), allowed: allowed)
    }
    return text
  }

  /// A whole number in a range; `5.0` is one.
  func whole(_ field: DefinitionField, _ range: ClosedRange<Int>) throws -> Int? {
    let allowed = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    guard let number = try fields.number(field.rawValue, expected: allowed) else { return nil }
    guard let value = number.whole, range.contains(value) else {
      throw FieldError.badValue(field.rawValue, number.text, allowed: allowed)
    }
    return value
  }

  /// A number of seconds in a range, decimals allowed; `bounds` says the range in words.
  func seconds(
    _ field: DefinitionField, _ range: ClosedRange<Duration>, bounds: String
  ) throws -> Duration? {
    let allowed = "a number of seconds from \(bounds)"
    guard let number = try fields.number(field.rawValue, expected: allowed) else { return nil }
    guard let value = number.seconds, range.contains(value) else {
      throw FieldError.badValue(field.rawValue, number.text, allowed: allowed)
    }
    return value
  }
}
