package import Supervision

/// The file of the processes that are started again at the next start: api.md section 6.
package enum ProcessesFile {
  /// The definitions in the contents of the file, in their order. What stands there is saved by
  /// standing there, whatever its `save_for_next_run` says: the original `exeio` never wrote that
  /// field.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8, a byte-order mark in front is allowed.
  ///   - name: What messages call the file: its path.
  package static func parse(_ bytes: [UInt8], name: String) throws(JSONFileError) -> FileDefinitions
  {
    try SavedDefinitions.read(bytes, name: name)
  }

  /// Everything that is wrong with the contents of the file, a line each.
  package static func mistakes(in bytes: [UInt8], name: String) -> [String] {
    SavedDefinitions.mistakes(in: bytes, name: name)
  }

  /// What is right in the contents of the file, whatever is wrong with the rest.
  package static func right(in bytes: [UInt8], name: String) -> RightDefinitions {
    SavedDefinitions.right(in: bytes, name: name)
  }

  /// The contents of a file with these definitions, ending in a newline.
  ///
  /// Has the fields of the original `exeio` first and always; the others where they are not at
  /// their default.
  package static func render(_ definitions: [ProcessDefinition]) -> [UInt8] {
    var writer = JSONWriter(isPretty: true)
    writer.beginArray()
    for definition in definitions {
      writer.definition(definition, .withoutDefaults)
    }
    writer.endArray()
    writer.endDocument()
    return writer.bytes
  }
}
