/// Reads the files of JSON that people may edit.
enum JSONFile {
  /// What the contents of a file say.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8, a byte-order mark in front is allowed.
  ///   - name: What messages call the file: its path.
  ///   - advice: What to do about a file with nothing in it.
  ///   - make: makes something of its value.
  static func read<Contents>(
    _ bytes: [UInt8], name: String, whenEmpty advice: String,
    _ make: (JSONValue) throws(FieldError) -> Contents
  ) throws(JSONFileError) -> Contents {
    let text = Array(ByteOrderMark.passedOver(in: bytes))
    let value: JSONValue
    do throws(JSONSyntaxError) {
      value = try JSONReader.value(of: text)
    } catch {
      let isEmpty = text.allSatisfy(isWhiteSpace)
      throw JSONFileError("\(name), \(error)\(isEmpty ? "; \(advice)" : "")")
    }
    do throws(FieldError) {
      return try make(value)
    } catch {
      throw JSONFileError("\(name): \(error.message)")
    }
  }

  private static func isWhiteSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }
}
