import Supervision

/// The definition that a client sends. Where the path names the process, the body need not.
struct DefinitionRecord: Decodable {
  let definition: ProcessDefinition
  /// What the answer says of old names that it uses.
  let warnings: [String]

  init(definition: ProcessDefinition, warnings: [String]) {
    self.definition = definition
    self.warnings = warnings
  }

  init(from decoder: any Decoder) throws {
    let fields = try FieldReader(decoder, expected: "a process")
    let reader = DefinitionReader(fields: fields, knownID: decoder.processID)
    definition = try reader.definition()
    warnings = try reader.warnings()
  }
}
