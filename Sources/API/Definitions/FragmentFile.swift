package import Supervision

/// A file of `processes.d`, which holds one process or an array of them, and which only people write.
package enum FragmentFile {
  /// The definitions in the contents of a file, in their order.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8, a byte-order mark in front is allowed.
  ///   - name: What messages call the file: its path.
  package static func parse(
    _ bytes: [UInt8], name: String
  ) throws(JSONFileError) -> [ProcessDefinition] {
    try JSONFile.decode(
      FragmentDefinitions.self, from: bytes, name: name,
      whenEmpty: "a file without processes holds []"
    ).definitions
  }
}

/// What a fragment holds.
private struct FragmentDefinitions: Decodable {
  let definitions: [ProcessDefinition]

  init(from decoder: any Decoder) throws {
    switch try JSONKind(from: decoder) {
    case .array: definitions = try SavedDefinitions(from: decoder).definitions
    case .object: definitions = [try DefinitionRecord(from: decoder).definition]
    case let kind:
      throw FieldError("must be a process or an array of processes, not \(kind.description)")
    }
  }
}
