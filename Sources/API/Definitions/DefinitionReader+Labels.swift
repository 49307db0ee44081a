/// What people say of it.
extension DefinitionReader {
  func labels() throws(FieldError) -> [String: String] {
    let field = DefinitionField.labels.rawValue
    let labels = try fields.stringsByName(field) ?? [:]
    guard labels.count <= 64 else {
      throw FieldError(
        "\"\(field)\" has \(labels.count) members, but may have at most 64", at: path(.labels))
    }
    for (key, value) in labels.sorted(by: { $0.key < $1.key }) {
      guard isLabel(key, 1...63), !key.utf8.contains(UInt8(ascii: ":")) else {
        throw FieldError(
          "\"\(field)\" has the name \(quoted(key)), but a name must be 1 to 63 bytes "
            + "without ':' and control characters",
          at: path(.labels).member(key), .name)
      }
      guard isLabel(value, 0...255) else {
        throw FieldError.badValue(
          path(.labels).member(key), quoted(value),
          allowed: "at most 255 bytes without control characters")
      }
    }
    return labels
  }

  private func isLabel(_ text: String, _ length: ClosedRange<Int>) -> Bool {
    length.contains(text.utf8.count)
      && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
  }
}
