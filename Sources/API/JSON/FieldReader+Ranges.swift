/// Values that have to lie within bounds.
extension FieldReader {
  /// A whole number in a range; `5.0` is one.
  func whole(_ name: String, _ range: ClosedRange<Int>) throws(FieldError) -> Int? {
    let allowed = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    guard let number = try number(name, expected: allowed) else { return nil }
    guard let value = number.whole, range.contains(value) else {
      throw FieldError.badValue(path(of: name), number.text, allowed: allowed)
    }
    return value
  }

  /// A string that may become a C string, of so many bytes.
  func string(_ name: String, length: ClosedRange<Int>) throws(FieldError) -> String? {
    guard let text = try string(name) else { return nil }
    let allowed = "\(length.lowerBound) to \(length.upperBound) bytes without NUL"
    guard length.contains(text.utf8.count), !text.utf8.contains(0) else {
      throw FieldError.badValue(path(of: name), quoted(text), allowed: allowed)
    }
    return text
  }

  /// One of the cases of an enumeration, by its raw value.
  func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, _ type: Choice.Type
  ) throws(FieldError) -> Choice? {
    guard let text = try string(name) else { return nil }
    guard let choice = Choice(rawValue: text) else {
      let choices = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
      throw FieldError.badValue(path(of: name), quoted(text), allowed: "one of \(choices)")
    }
    return choice
  }
}
