/// The name of a member as it stands in the text, known or not.
struct FieldName: CodingKey {
  let stringValue: String
  let intValue: Int? = nil

  init(stringValue: String) {
    self.stringValue = stringValue
  }

  /// JSON has no numbers for names.
  init?(intValue: Int) {
    nil
  }
}
