/// Reads the members of a JSON object, and says of a wrong one what it is and what it should be.
///
/// Every method gives nil if the member is missing or null.
struct FieldReader {
  private let members: [String: JSONValue]
  /// The path of the object: `limits`, `depends_on[1]`.
  private let place: JSONPath

  /// The members of an object; throws if the value is something else.
  init(_ value: JSONValue, expected: String) throws(FieldError) {
    guard case .object(let members) = value else {
      throw FieldError("\(expected) must be a JSON object, not \(value.kind)", at: .root)
    }
    self.init(members, place: .root)
  }

  private init(_ members: [String: JSONValue], place: JSONPath) {
    self.members = members
    self.place = place
  }

  /// The path of a member, whether it is there or not.
  func path(of name: String) -> JSONPath { place.member(name) }

  /// Refuses the first name, by the alphabet, that is not one of `known`.
  func refuseUnknown(known: [String], ignored: [String] = []) throws(FieldError) {
    if let error = unknown(known: known, ignored: ignored).first { throw error }
  }

  /// What is wrong with the names that are not among `known`, by the alphabet. Each is worked out
  /// when it is asked for: to look for the name that was meant takes long, and a body may have a
  /// hundred thousand.
  func unknown(known: [String], ignored: [String] = []) -> some Collection<FieldError> {
    members.keys
      .filter { name in !known.contains(name) && !ignored.contains(name) }.sorted()
      .lazy.map { name in
        let path = path(of: name)
        let advice =
          if let near = NearestName.of(name, among: known) {
            "did you mean \"\(self.path(of: near))\"?"
          } else {
            "the fields are \(known.joined(separator: ", "))"
          }
        return FieldError("unknown field \"\(path)\": \(advice)", at: path, .name)
      }
  }

  func string(_ name: String) throws(FieldError) -> String? {
    try read(name, expected: "a string", \.asString)
  }

  func boolean(_ name: String) throws(FieldError) -> Bool? {
    try read(name, expected: "true or false", \.asBoolean)
  }

  func number(_ name: String, expected: String) throws(FieldError) -> ExactNumber? {
    try read(name, expected: expected, \.asNumber)
  }

  /// A number as it is, or what a string holds.
  func numberOrString(_ name: String, expected: String) throws(FieldError) -> NumberOrString? {
    try read(name, expected: expected, \.asNumberOrString)
  }

  /// An array of strings, read one by one so that the wrong one can be named.
  func strings(_ name: String) throws(FieldError) -> [String]? {
    try strings(name, count: 0...Int.max, expected: "an array of strings")
  }

  /// An array of so many strings, counted before they are read.
  func strings(
    _ name: String, count: ClosedRange<Int>, expected: String
  ) throws(FieldError) -> [String]? {
    try elements(name, count: count, expected: expected, each: "a string", \.asString)
  }

  /// An array of so many numbers, counted before they are read.
  func numbers(
    _ name: String, count: ClosedRange<Int>, expected: String, each: String
  ) throws(FieldError) -> [ExactNumber]? {
    try elements(name, count: count, expected: expected, each: each, \.asNumber)
  }

  /// An array of so many numbers or strings, counted before they are read.
  func numbersOrStrings(
    _ name: String, count: ClosedRange<Int>, expected: String, each: String
  ) throws(FieldError) -> [NumberOrString]? {
    try elements(name, count: count, expected: expected, each: each, \.asNumberOrString)
  }

  /// Whether there is such a member, and it is not null.
  func has(_ name: String) -> Bool { present(name) != nil }

  /// The members of an object within this one.
  func object(_ name: String) throws(FieldError) -> FieldReader? {
    let members = try read(name, expected: "an object", \.asObject)
    return members.map { FieldReader($0, place: path(of: name)) }
  }

  /// An array of strings and objects.
  func stringsOrObjects(
    _ name: String, count: ClosedRange<Int>, expected: String, each: String
  ) throws(FieldError) -> [StringOrObject]? {
    let elements = try elements(name, count: count, expected: expected, each: each) {
      $0.asString != nil || $0.asObject != nil ? $0 : nil
    }
    return elements?.enumerated().compactMap { index, element in
      switch element {
      case .string(let text): .string(text)
      case .object(let members):
        .object(FieldReader(members, place: path(of: name).element(index)))
      case .null, .boolean, .number, .array: nil
      }
    }
  }

  /// A string, or the members of an object.
  enum StringOrObject {
    case string(String)
    case object(FieldReader)
  }

  /// An object whose members are all strings.
  func stringsByName(_ name: String) throws(FieldError) -> [String: String]? {
    guard let inner = try read(name, expected: "an object of strings", \.asObject) else {
      return nil
    }
    var result: [String: String] = [:]
    for (key, value) in inner.sorted(by: { $0.key < $1.key }) {
      guard let text = value.asString else {
        throw FieldError.wrongType(
          path(of: name).member(key), expected: "a string", found: value)
      }
      result[key] = text
    }
    return result
  }

  private func present(_ name: String) -> JSONValue? {
    guard let value = members[name], value != .null else { return nil }
    return value
  }

  private func read<Value>(
    _ name: String, expected: String, _ convert: (JSONValue) -> Value?
  ) throws(FieldError) -> Value? {
    guard let value = present(name) else { return nil }
    guard let result = convert(value) else {
      throw FieldError.wrongType(path(of: name), expected: expected, found: value)
    }
    return result
  }

  private func elements<Value>(
    _ name: String, count: ClosedRange<Int>, expected: String, each: String,
    _ convert: (JSONValue) -> Value?
  ) throws(FieldError) -> [Value]? {
    guard let array = try read(name, expected: expected, \.asArray) else { return nil }
    guard count.contains(array.count) else {
      throw FieldError(
        "\"\(path(of: name))\" has \(array.count) elements, but must be \(expected)",
        at: path(of: name))
    }
    var result: [Value] = []
    result.reserveCapacity(array.count)
    for value in array {
      guard let element = convert(value) else {
        throw FieldError.wrongType(
          path(of: name).element(result.count), expected: each, found: value)
      }
      result.append(element)
    }
    return result
  }
}

extension JSONValue {
  fileprivate var asString: String? { if case .string(let text) = self { text } else { nil } }
  fileprivate var asBoolean: Bool? { if case .boolean(let value) = self { value } else { nil } }
  fileprivate var asArray: [JSONValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }
  fileprivate var asObject: [String: JSONValue]? {
    if case .object(let members) = self { members } else { nil }
  }
  /// A number that is not vast.
  fileprivate var asNumber: ExactNumber? {
    if case .number(let number) = self, !number.isVast { number } else { nil }
  }
  fileprivate var asNumberOrString: NumberOrString? {
    asString.map(NumberOrString.string) ?? asNumber.map(NumberOrString.number)
  }
}
