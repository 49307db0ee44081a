/// Any JSON value, its numbers as exact as they were written.
enum JSONTree: Decodable, Hashable, Sendable {
  case null
  case boolean(Bool)
  case number(String)
  case string(String)
  case array([JSONTree])
  case object([String: JSONTree])

  init(from decoder: any Decoder) throws {
    switch try JSONKind(from: decoder) {
    case .null: self = .null
    case .boolean: self = .boolean(try decoder.singleValueContainer().decode(Bool.self))
    case .string: self = .string(try decoder.singleValueContainer().decode(String.self))
    case .number:
      self = .number(try decoder.singleValueContainer().decode(ExactNumber.self).json)
    case .vastNumber: throw FieldError("the body has a number beyond all bounds")
    case .array:
      var container = try decoder.unkeyedContainer()
      var elements: [JSONTree] = []
      while !container.isAtEnd { elements.append(try container.decode(JSONTree.self)) }
      self = .array(elements)
    case .object:
      let container = try decoder.container(keyedBy: FieldName.self)
      var members: [String: JSONTree] = [:]
      for key in container.allKeys {
        members[key.stringValue] = try container.decode(JSONTree.self, forKey: key)
      }
      self = .object(members)
    }
  }

  /// The value after a merge patch (RFC 7396): members of objects are merged, null takes one away, and
  /// everything else takes the place of what was there.
  func merged(with patch: JSONTree) -> JSONTree {
    guard case .object(let changes) = patch else { return patch }
    var members: [String: JSONTree] = [:]
    if case .object(let own) = self { members = own }
    for (name, change) in changes {
      members[name] = change == .null ? nil : (members[name] ?? .null).merged(with: change)
    }
    return .object(members)
  }
}

extension JSONWriter {
  mutating func tree(_ tree: JSONTree) {
    switch tree {
    case .null: null()
    case .boolean(let value): boolean(value)
    case .number(let digits): raw(digits)
    case .string(let text): string(text)
    case .array(let elements):
      beginArray()
      for element in elements { self.tree(element) }
      endArray()
    case .object(let members):
      beginObject()
      for (key, value) in members.sorted(by: { $0.key < $1.key }) {
        name(key)
        self.tree(value)
      }
      endObject()
    }
  }

  /// A value that is JSON already.
  mutating func raw(_ json: String) {
    separate()
    append(json)
  }

  /// A value that is JSON already.
  mutating func raw(_ json: [UInt8]) {
    separate()
    append(json)
  }
}
