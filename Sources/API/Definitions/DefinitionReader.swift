import Supervision

/// Reads a process definition from the members of a JSON object and checks every value.
struct DefinitionReader {
  let fields: FieldReader
  /// Its id where that is known already: then the object need not say it, and can say no other.
  var knownID: String?
  /// Where everything that is wrong is wanted, it is put here, and reading goes on.
  private var mistakes: MistakeList?

  init(fields: FieldReader, knownID: String? = nil) {
    self.fields = fields
    self.knownID = knownID
  }

  /// Everything that is wrong with the definition, in the order of the contract; nothing where it
  /// can be used.
  ///
  /// `ignored` are names that may be there and mean nothing.
  func mistakes(ignoring ignored: [String] = []) -> [FieldError] {
    let list = MistakeList()
    var reader = self
    reader.mistakes = list
    do throws(FieldError) {
      _ = try reader.definition(ignoring: ignored)
    } catch {
      list.all.append(error)
    }
    return list.all
  }

  /// The definition; throws a `FieldError` for the first thing that is wrong, in the order of the
  /// contract.
  ///
  /// `ignored` are names that may be there and mean nothing.
  func definition(ignoring ignored: [String] = []) throws(FieldError) -> ProcessDefinition {
    try refuseUnknown(
      in: fields, known: DefinitionField.allCases.map(\.rawValue),
      ignored: ignored + DeprecatedField.allCases.map(\.rawValue))
    var definition = ProcessDefinition(
      id: try attempt { try id() } ?? "", command: try attempt { try command() } ?? "")
    try attempt { definition.execution.arguments = try arguments() }
    try attempt { definition.execution.workingDirectory = try workingDirectory() }
    try attempt { definition.restartPolicy = try restartPolicy() }
    try attempt { definition.isSaved = try boolean(.isSaved) }
    try attempt { definition.isPeriodic = try boolean(.isPeriodic) }
    try attempt { definition.period = try period(isNeeded: definition.isPeriodic) }
    try attempt { definition.schedule = try schedule(besidePeriodic: definition.isPeriodic) }
    try attempt { definition.overlap = try overlap() }
    try attempt { definition.runTimeout = try runTimeout(isPeriodic: definition.isPeriodic) }
    try attempt { definition.maxRestarts = try whole(.maxRestarts, 0...1_000_000) }
    try attempt { definition.restartDelays = try restartDelays() }
    try attempt { definition.restartReset = try restartReset() ?? definition.restartReset }
    try attempt {
      definition.successExitCodes = try successExitCodes() ?? definition.successExitCodes
    }
    try attempt { definition.execution.environment = try environment() }
    try attempt { definition.execution.environmentFile = try environmentFile() }
    try attempt { definition.execution.user = try account(.user) }
    try attempt { definition.execution.group = try account(.group) }
    try attempt { definition.execution.umask = try umask() }
    try attempt { definition.execution.nice = try whole(.nice, -20...19) }
    try attempt { definition.execution.limits = try limits() }
    try attempt { definition.stopSignal = try stopSignal() ?? definition.stopSignal }
    try attempt { definition.startTimeout = try startTimeout() ?? definition.startTimeout }
    try attempt { definition.stopTimeout = try stopTimeout() ?? definition.stopTimeout }
    try attempt { definition.instances = try instances(of: definition.id) }
    try attempt { definition.dependencies = try dependencies(of: definition) }
    try attempt { definition.healthCheck = try healthCheck() }
    try attempt { definition.execution.ready = try ready() }
    try attempt { definition.readyTimeout = try readyTimeout(definition.execution.ready) }
    try attempt { definition.execution.watchdog = try watchdog() }
    try attempt { definition.restartAboveMemoryBytes = try restartAboveMemoryBytes() }
    try attempt { definition.execution.listen = try listen() }
    try attempt {
      definition.beforeStart = try fields.command(DefinitionField.beforeStart.rawValue)
    }
    try attempt { definition.afterExit = try fields.command(DefinitionField.afterExit.rawValue) }
    try attempt { definition.hookTimeout = try hookTimeout() ?? definition.hookTimeout }
    try attempt { definition.isEssential = try boolean(.isEssential) }
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
    try attempt { try checkSize(of: definition) }
    return definition
  }

  /// Does a part of the reading. Where everything that is wrong is wanted, what is wrong with this
  /// part is noted, and the result is nil.
  @discardableResult
  func attempt<Value>(_ read: () throws -> Value?) throws(FieldError) -> Value? {
    let mistake: FieldError
    do {
      return try read()
    } catch let error as FieldError {
      mistake = error
    } catch {
      // A closure does not say what it throws, which is nothing else.
      mistake = FieldError("\(error)", at: .root)
    }
    guard let mistakes else { throw mistake }
    mistakes.all.append(mistake)
    return nil
  }

  /// Refuses what an object has beside what is known.
  func refuseUnknown(in fields: FieldReader, known: [String], ignored: [String] = [])
    throws(FieldError)
  {
    for error in fields.unknown(known: known, ignored: ignored) {
      try attempt { () -> Void? in throw error }
    }
  }

  /// The path of a field, whether it is there or not.
  func path(_ field: DefinitionField) -> JSONPath { fields.path(of: field.rawValue) }

  func boolean(_ field: DefinitionField) throws(FieldError) -> Bool {
    try fields.boolean(field.rawValue) ?? false
  }

  func string(_ field: DefinitionField, length: ClosedRange<Int>) throws(FieldError) -> String? {
    try fields.string(field.rawValue, length: length)
  }

  func whole(_ field: DefinitionField, _ range: ClosedRange<Int>) throws(FieldError) -> Int? {
    try fields.whole(field.rawValue, range)
  }

  func bytes(_ field: DefinitionField, _ range: ClosedRange<Int>) throws(FieldError) -> Int? {
    try fields.bytes(field.rawValue, range)
  }

  func seconds(
    _ field: DefinitionField, _ range: ClosedRange<Duration>, bounds: String
  ) throws(FieldError) -> Duration? {
    try fields.seconds(field.rawValue, range, bounds: bounds)
  }
}

/// What was found to be wrong so far.
private final class MistakeList {
  var all: [FieldError] = []
}
