/// Any JSON value (RFC 8259), its numbers as exact as they were written.
enum JSONValue: Hashable, Sendable {
  case null
  case boolean(Bool)
  case number(ExactNumber)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// `a number`, as a message says what kind of value it is.
  var kind: String {
    switch self {
    case .null: "null"
    case .boolean: "a boolean"
    case .number(let number): number.isVast ? "a number beyond all bounds" : "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }

  /// Whether a number of it, at any depth, is vast (``ExactNumber/isVast``).
  var hasVastNumber: Bool {
    switch self {
    case .null, .boolean, .string: false
    case .number(let number): number.isVast
    case .array(let elements): elements.contains(where: \.hasVastNumber)
    case .object(let members): members.values.contains(where: \.hasVastNumber)
    }
  }

  /// The value after a merge patch (RFC 7396): members of objects are merged, null takes one away,
  /// and everything else takes the place of what was there.
  func merged(with patch: JSONValue) -> JSONValue {
    guard case .object(let changes) = patch else { return patch }
    var members: [String: JSONValue] = [:]
    if case .object(let own) = self { members = own }
    for (name, change) in changes {
      members[name] = change == .null ? nil : (members[name] ?? .null).merged(with: change)
    }
    return .object(members)
  }
}
