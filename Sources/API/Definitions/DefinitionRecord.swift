import Supervision

/// The definition that a client sends. Where the path names the process, the body need not.
struct DefinitionRecord: Decodable {
  let definition: ProcessDefinition

  init(from decoder: any Decoder) throws {
    let fields = try FieldReader(decoder, expected: "a process")
    definition = try DefinitionReader(fields: fields, knownID: decoder.processID).definition()
  }
}
