import FoundationEssentials

/// Reads the files of JSON that people may edit.
enum JSONFile {
  /// What the contents of a file say.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8, a byte-order mark in front is allowed.
  ///   - name: What messages call the file: its path.
  ///   - advice: What to do about a file with nothing in it.
  static func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: [UInt8], name: String, whenEmpty advice: String
  ) throws(JSONFileError) -> Value {
    let text = Array(ByteOrderMark.passedOver(in: bytes))
    do {
      try JSONSyntax.check(text)
      return try JSONDecoder().decode(type, from: Data(text))
    } catch let error as JSONSyntaxError {
      let isEmpty = text.allSatisfy(isWhiteSpace)
      throw JSONFileError("\(name), \(error)\(isEmpty ? "; \(advice)" : "")")
    } catch let error as FieldError {
      throw JSONFileError("\(name): \(error.message)")
    } catch {
      throw JSONFileError("\(name): \(error)")
    }
  }

  private static func isWhiteSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }
}
