import FoundationEssentials

/// Reads the members of a JSON object, and says of a wrong one what it is and what it should be.
///
/// Every method gives nil where the member is missing or null.
struct FieldReader {
  private let members: KeyedDecodingContainer<FieldName>

  /// The members of the object that the decoder is at; throws `FieldError` if it is at something
  /// else.
  init(_ decoder: any Decoder, expected: String) throws {
    do {
      members = try decoder.container(keyedBy: FieldName.self)
    } catch {
      let kind = try JSONKind(from: decoder)
      throw FieldError("\(expected) must be a JSON object, not \(kind.description)")
    }
  }

  /// Refuses the first name, by the alphabet, that is not one of `known`.
  func refuseUnknown(known: [String], ignored: [String] = []) throws(FieldError) {
    let unknown = members.allKeys.map(\.stringValue).filter { name in
      !known.contains(name) && !ignored.contains(name)
    }
    guard let name = unknown.min() else { return }
    if let near = NearestName.of(name, among: known) {
      throw FieldError("unknown field \(quoted(name)): did you mean \"\(near)\"?")
    }
    throw FieldError(
      "unknown field \(quoted(name)): the fields are \(known.joined(separator: ", "))")
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

  /// An array of so many numbers, counted before they are read.
  func numbers(
    _ name: String, count: ClosedRange<Int>, expected: String, each: String
  ) throws -> [ExactNumber]? {
    try elements(ExactNumber.self, name, count: count, expected: expected, each: each)
  }

  /// An object whose members are all strings.
  func stringsByName(_ name: String) throws -> [String: String]? {
    let key = FieldName(stringValue: name)
    guard members.contains(key), try !members.decodeNil(forKey: key) else { return nil }
    let inner: KeyedDecodingContainer<FieldName>
    do {
      inner = try members.nestedContainer(keyedBy: FieldName.self, forKey: key)
    } catch {
      throw FieldError.wrongType(
        name, expected: "an object of strings",
        found: try members.decode(JSONKind.self, forKey: key))
    }
    var result: [String: String] = [:]
    for each in inner.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
      do {
        result[each.stringValue] = try inner.decode(String.self, forKey: each)
      } catch {
        throw FieldError.wrongType(
          "\(name).\(shortened(each.stringValue))", expected: "a string",
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
        name, expected: expected, found: try members.decode(JSONKind.self, forKey: key))
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
        name, expected: expected, found: try members.decode(JSONKind.self, forKey: key))
    }
    if let found = array.count, !count.contains(found) {
      throw FieldError("\"\(name)\" has \(found) elements, but must be \(expected)")
    }
    var result: [Value] = []
    while !array.isAtEnd {
      do {
        result.append(try array.decode(type))
      } catch {
        throw FieldError.wrongType(
          "\(name)[\(result.count)]", expected: each, found: try array.decode(JSONKind.self))
      }
    }
    return result
  }
}
