import Supervision

/// The definition that a client sends. Where the path names the process, the body need not.
struct DefinitionRecord {
  let definition: ProcessDefinition
  /// What the answer says of old names that it uses.
  let warnings: [String]

  init(definition: ProcessDefinition, warnings: [String]) {
    self.definition = definition
    self.warnings = warnings
  }

  /// Reads the body.
  ///
  /// - Parameter id: the process that the path names; nil if it names none.
  init(_ body: JSONValue, id: String? = nil) throws(FieldError) {
    let fields = try FieldReader(body, expected: "a process")
    let reader = DefinitionReader(fields: fields, knownID: id)
    definition = try reader.definition()
    warnings = reader.warnings()
  }
}
