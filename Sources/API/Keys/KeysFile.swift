/// `keys.json`: the keys beside the main one.
package enum KeysFile {
  /// The keys in the contents of the file, in their order.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8, a byte-order mark in front is allowed.
  ///   - name: What messages call the file: its path.
  package static func parse(
    _ bytes: [UInt8], name: String
  ) throws(JSONFileError) -> [KeyRecord] {
    let file = try file(of: bytes, name: name)
    if let error = file.errors(Array(file.contents.mistakes.prefix(1))).first { throw error }
    return file.contents.records
  }

  /// Everything that is wrong with the contents of the file, a line each.
  package static func mistakes(in bytes: [UInt8], name: String) -> [String] {
    do throws(JSONFileError) {
      let file = try file(of: bytes, name: name)
      return file.errors(file.contents.mistakes).map(\.description)
    } catch {
      return [error.description]
    }
  }

  private static func file(
    of bytes: [UInt8], name: String
  ) throws(JSONFileError) -> JSONFile<SavedKeys> {
    try JSONFile(
      bytes, name: name, whenEmpty: "a file without keys holds []", SavedKeys.init)
  }

  /// The contents of a file with these keys, ending in a newline.
  package static func render(_ records: [KeyRecord]) -> [UInt8] {
    render(records, KeyRecord.Field.allCases)
  }

  /// What `exeio key list --json` prints: all but the hashes.
  package static func list(_ records: [KeyRecord]) -> [UInt8] {
    render(records, [.name, .role, .created])
  }

  private static func render(_ records: [KeyRecord], _ fields: [KeyRecord.Field]) -> [UInt8] {
    var writer = JSONWriter(isPretty: true)
    writer.beginArray()
    for record in records {
      writer.beginObject()
      for field in fields {
        writer.name(field.rawValue)
        switch field {
        case .name: writer.string(record.name)
        case .role: writer.string(record.role.rawValue)
        case .hash: writer.string(record.hash)
        case .created: writer.string(record.created)
        }
      }
      writer.endObject()
    }
    writer.endArray()
    writer.endDocument()
    return writer.bytes
  }
}
