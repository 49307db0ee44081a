import FoundationEssentials
package import Supervision

/// The file of the processes that are started again at the next start: api.md section 6.
package enum ProcessesFile {
  /// The definitions in the contents of the file, in their order.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8, a byte-order mark in front is allowed.
  ///   - name: What messages call the file: its path.
  package static func parse(
    _ bytes: [UInt8], name: String
  ) throws(ProcessesFileError) -> [ProcessDefinition] {
    let text = Array(bytes.starts(with: byteOrderMark) ? bytes[byteOrderMark.count...] : bytes[...])
    do {
      try JSONSyntax.check(text)
      return try JSONDecoder().decode(SavedDefinitions.self, from: Data(text)).definitions
    } catch let error as JSONSyntaxError {
      let advice = text.allSatisfy(isWhiteSpace) ? "; a file without processes holds []" : ""
      throw ProcessesFileError("\(name), \(error)\(advice)")
    } catch let error as FieldError {
      throw ProcessesFileError("\(name): \(error.message)")
    } catch {
      throw ProcessesFileError("\(name): \(error)")
    }
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

  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  private static func isWhiteSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }
}
