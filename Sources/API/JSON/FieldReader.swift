import FoundationEssentials

/// Reads the members of a JSON object, and says of a wrong one what it is and what it should be.
///
/// Every method gives nil where the member is missing or null.
struct FieldReader {
  private let members: KeyedDecodingContainer<FieldName>
  /// Where the object is in the text: empty for the whole text, else `limits` or `depends_on[1]`.
  private let place: String

  /// The members of the object that the decoder is at; throws `FieldError` if it is at something
  /// else.
  init(_ decoder: any Decoder, expected: String) throws {
    do {
      members = try decoder.container(keyedBy: FieldName.self)
      place = ""
    } catch {
      let kind = try JSONKind(from: decoder)
      throw FieldError("\(expected) must be a JSON object, not \(kind.description)")
    }
  }

  private init(_ members: KeyedDecodingContainer<FieldName>, place: String) {
    self.members = members
    self.place = place
  }

  /// What messages call a member: `args`, `limits.open_files`, `depends_on[1].id`.
  func path(of name: String) -> String { place.isEmpty ? name : "\(place).\(name)" }

  /// Refuses the first name, by the alphabet, that is not one of `known`.
  func refuseUnknown(known: [String], ignored: [String] = []) throws(FieldError) {
    if let error = unknown(known: known, ignored: ignored).first { throw error }
  }

  /// What is wrong with the names that are not among `known`, by the alphabet.
  func unknown(known: [String], ignored: [String] = []) -> [FieldError] {
    members.allKeys.map(\.stringValue)
      .filter { name in !known.contains(name) && !ignored.contains(name) }.sorted()
      .map { name in
        let path = "\"\(self.path(of: shortened(name)))\""
        if let near = NearestName.of(name, among: known) {
          return FieldError("unknown field \(path): did you mean \"\(self.path(of: near))\"?")
        }
        return FieldError("unknown field \(path): the fields are \(known.joined(separator: ", "))")
      }
  }

  func string(_ name: String) throws -> String? {
    try value(String.self, name, expected: "a string")
  }

  func boolean(_ name: String) throws -> Bool? {
    try value(Bool.self, name, expected: "true or false")
  }

  func number(_ name: String, expected: String) throws -> ExactNumber? {
    try value(ExactNumber.self, name, expected: expected)
  }

  /// A number as it is, or what a string holds.
  func numberOrString(_ name: String, expected: String) throws -> NumberOrString? {
    try value(NumberOrString.self, name, expected: expected)
  }

  /// An array of strings, read one by one so that the wrong one can be named.
  func strings(_ name: String) throws -> [String]? {
    try elements(String.self, name, expected: "an array of strings", each: "a string")
  }

  /// An array of so many strings, counted before they are read.
  func strings(
    _ name: String, count: ClosedRange<Int>, expected: String
  ) throws -> [String]? {
    try elements(String.self, name, count: count, expected: expected, each: "a string")
  }

  /// An array of so many numbers, counted before they are read.
  func numbers(
    _ name: String, count: ClosedRange<Int>, expected: String, each: String
  ) throws -> [ExactNumber]? {
    try elements(ExactNumber.self, name, count: count, expected: expected, each: each)
  }

  /// An array of so many numbers or strings, counted before they are read.
  func numbersOrStrings(
    _ name: String, count: ClosedRange<Int>, expected: String, each: String
  ) throws -> [NumberOrString]? {
    try elements(NumberOrString.self, name, count: count, expected: expected, each: each)
  }

  /// Whether there is such a member, and it is not null.
  func has(_ name: String) throws -> Bool {
    let key = FieldName(stringValue: name)
    return try members.contains(key) && !members.decodeNil(forKey: key)
  }

  /// The members of an object within this one.
  func object(_ name: String) throws -> FieldReader? {
    guard let inner = try container(name, expected: "an object") else { return nil }
    return FieldReader(inner, place: path(of: name))
  }

  /// An array of strings and objects.
  func stringsOrObjects(
    _ name: String, count: ClosedRange<Int>, expected: String, each: String
  ) throws -> [StringOrObject]? {
    let elements = try elements(
      StringOrMembers.self, name, count: count, expected: expected, each: each)
    return elements?.enumerated().map { index, element in
      switch element {
      case .string(let text): .string(text)
      case .members(let members):
        .object(FieldReader(members, place: "\(path(of: name))[\(index)]"))
      }
    }
  }

  /// A string, or the members of an object.
  enum StringOrObject {
    case string(String)
    case object(FieldReader)
  }

  private enum StringOrMembers: Decodable {
    case string(String)
    case members(KeyedDecodingContainer<FieldName>)

    init(from decoder: any Decoder) throws {
      do {
        self = .string(try decoder.singleValueContainer().decode(String.self))
      } catch is DecodingError {
        self = .members(try decoder.container(keyedBy: FieldName.self))
      }
    }
  }

  /// An object whose members are all strings.
  func stringsByName(_ name: String) throws -> [String: String]? {
    guard let inner = try container(name, expected: "an object of strings") else { return nil }
    var result: [String: String] = [:]
    for each in inner.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
      do {
        result[each.stringValue] = try inner.decode(String.self, forKey: each)
      } catch {
        throw FieldError.wrongType(
          "\(path(of: name)).\(shortened(each.stringValue))", expected: "a string",
          found: try inner.decode(JSONKind.self, forKey: each))
      }
    }
    return result
  }

  private func value<Value: Decodable>(
    _ type: Value.Type, _ name: String, expected: String
  ) throws -> Value? {
    let key = FieldName(stringValue: name)
    do {
      return try members.decodeIfPresent(type, forKey: key)
    } catch {
      // Not only `DecodingError`: a number that no `Decimal` holds is refused with one of
      // Foundation's own.
      throw FieldError.wrongType(
        path(of: name), expected: expected, found: try members.decode(JSONKind.self, forKey: key))
    }
  }

  private func container(
    _ name: String, expected: String
  ) throws -> KeyedDecodingContainer<FieldName>? {
    let key = FieldName(stringValue: name)
    guard members.contains(key), try !members.decodeNil(forKey: key) else { return nil }
    do {
      return try members.nestedContainer(keyedBy: FieldName.self, forKey: key)
    } catch {
      throw FieldError.wrongType(
        path(of: name), expected: expected, found: try members.decode(JSONKind.self, forKey: key))
    }
  }

  private func elements<Value: Decodable>(
    _ type: Value.Type, _ name: String, count: ClosedRange<Int> = 0...Int.max, expected: String,
    each: String
  ) throws -> [Value]? {
    let key = FieldName(stringValue: name)
    guard members.contains(key), try !members.decodeNil(forKey: key) else { return nil }
    var array: any UnkeyedDecodingContainer
    do {
      array = try members.nestedUnkeyedContainer(forKey: key)
    } catch {
      throw FieldError.wrongType(
        path(of: name), expected: expected, found: try members.decode(JSONKind.self, forKey: key))
    }
    if let found = array.count, !count.contains(found) {
      throw FieldError("\"\(path(of: name))\" has \(found) elements, but must be \(expected)")
    }
    var result: [Value] = []
    while !array.isAtEnd {
      do {
        result.append(try array.decode(type))
      } catch {
        throw FieldError.wrongType(
          "\(path(of: name))[\(result.count)]", expected: each,
          found: try array.decode(JSONKind.self))
      }
    }
    return result
  }
}
