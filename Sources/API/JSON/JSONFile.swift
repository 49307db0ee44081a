/// A file of JSON that people may edit, and what it says.
struct JSONFile<Contents> {
  let contents: Contents
  /// What messages call the file: its path.
  private let name: String
  /// Without a byte-order mark.
  private let text: [UInt8]

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8, a byte-order mark in front is allowed.
  ///   - name: What messages call the file: its path.
  ///   - advice: What to do about a file with nothing in it.
  ///   - make: makes something of its value.
  init(
    _ bytes: [UInt8], name: String, whenEmpty advice: String,
    _ make: (JSONValue) throws(FieldError) -> Contents
  ) throws(JSONFileError) {
    let text = Array(ByteOrderMark.passedOver(in: bytes))
    let value: JSONValue
    do throws(JSONSyntaxError) {
      value = try JSONReader.value(of: text)
    } catch {
      let isEmpty = text.allSatisfy(isWhiteSpace)
      throw JSONFileError("\(name), \(error)\(isEmpty ? "; \(advice)" : "")")
    }
    do throws(FieldError) {
      contents = try make(value)
    } catch {
      throw JSONFileError(name, JSONPlaceFinder.place(of: error, in: text), error.message)
    }
    self.name = name
    self.text = text
  }

  /// What messages say of some mistakes in its contents, each with its place.
  func errors(_ mistakes: [FieldError]) -> [JSONFileError] {
    zip(mistakes, JSONPlaceFinder.places(of: mistakes, in: text)).map { mistake, place in
      JSONFileError(name, place, mistake.message)
    }
  }
}

private func isWhiteSpace(_ byte: UInt8) -> Bool {
  byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
}
