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
    try readExecution(into: &definition)
    try readTimes(into: &definition)
    try readRestarts(into: &definition)
    try readEnvironment(into: &definition)
    try readStartAndStop(into: &definition)
    try readReadiness(into: &definition)
    try readHooks(into: &definition)
    try readKeeping(into: &definition)
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
