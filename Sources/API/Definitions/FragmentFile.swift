package import Supervision

/// A file of `processes.d`, which holds one process or an array of them, and which only people write.
package enum FragmentFile {
  /// The definitions in the contents of a file, in their order. They are saved by standing there.
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
    ).definitions.map(\.saved)
  }

  /// Everything that is wrong with the contents of a file, one line for each process that is wrong.
  package static func mistakes(in bytes: [UInt8], name: String) -> [String] {
    do throws(JSONFileError) {
      _ = try parse(bytes, name: name)
      return []
    } catch {
      let all = ProcessesFile.mistakes(in: bytes, name: name)
      // One process without an array is wrong for the one reason.
      return all.first == error.description ? all : [error.description]
    }
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

/// What a fragment holds.
private struct FragmentDefinitions: Decodable {
  let definitions: [ProcessDefinition]

  init(from decoder: any Decoder) throws {
    switch try JSONKind(from: decoder) {
    case .array: definitions = try SavedDefinitions(from: decoder).complete()
    case .object: definitions = [try DefinitionRecord(from: decoder).definition]
    case let kind:
      throw FieldError("must be a process or an array of processes, not \(kind.description)")
    }
  }
}
