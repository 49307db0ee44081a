import Supervision

/// A file of `processes.d`, which holds one process or an array of them, and which only people
/// write.
package enum FragmentFile {
  /// The definitions in the contents of a file, in their order. They are saved by standing there.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8, a byte-order mark in front is allowed.
  ///   - name: What messages call the file: its path.
  package static func parse(_ bytes: [UInt8], name: String) throws(JSONFileError) -> FileDefinitions
  {
    try FragmentDefinitions.read(bytes, name: name)
  }

  /// Everything that is wrong with the contents of a file, a line each.
  package static func mistakes(in bytes: [UInt8], name: String) -> [String] {
    FragmentDefinitions.mistakes(in: bytes, name: name)
  }

  /// What is right in the contents of the file, whatever is wrong with the rest.
  package static func right(in bytes: [UInt8], name: String) -> RightDefinitions {
    FragmentDefinitions.right(in: bytes, name: name)
  }
}

extension ProcessDefinition {
  /// The same, started again with the daemon.
  var saved: ProcessDefinition {
    var copy = self
    copy.isSaved = true
    return copy
  }
}

/// What a fragment holds: an array, or one process without one.
private struct FragmentDefinitions: DefinitionContents {
  let saved: SavedDefinitions

  init(_ value: JSONValue) throws(FieldError) {
    switch value {
    case .array: saved = try SavedDefinitions(value)
    case .object: saved = SavedDefinitions(only: value)
    case .null, .boolean, .number, .string:
      throw FieldError("must be a process or an array of processes, not \(value.kind)", at: .root)
    }
  }
}
