import Basics

extension KeyRecord {
  /// The fields, in the order in which `keys.json` has them.
  enum Field: String, CaseIterable {
    case name, role, hash, created
  }

  /// Reads the members of an object; throws a `FieldError` for the first that is wrong.
  init(_ fields: FieldReader) throws(FieldError) {
    try fields.refuseUnknown(known: Field.allCases.map(\.rawValue))
    let name = try Self.value(.name, of: fields, allowed: KeyName.allowed) {
      KeyName.isValid($0) ? $0 : nil
    }
    guard name != KeyName.main else {
      throw FieldError.badValue(
        fields.path(of: Field.name.rawValue), quoted(name),
        allowed: "another one: that is the main key's")
    }
    let role = try Self.value(.role, of: fields, allowed: "one of \(Role.names)") {
      Role(rawValue: $0)
    }
    let allowedHash = "a hash that 'exeio key add' wrote"
    let hash = try Self.value(.hash, of: fields, allowed: allowedHash) { $0 }
    guard KeyHash.isValid(hash) else {
      // Without the value: the operator may have put the key there, and the message goes to logs.
      throw FieldError(
        "\"\(Field.hash.rawValue)\" must be \(allowedHash)",
        at: fields.path(of: Field.hash.rawValue))
    }
    let created = try Self.value(
      .created, of: fields, allowed: "a time like 2026-01-31T10:30:45Z"
    ) {
      Self.isTime($0) ? $0 : nil
    }
    self.init(name: name, role: role, hash: hash, created: created)
  }

  private static func value<Value>(
    _ field: Field, of fields: FieldReader, allowed: String, _ parse: (String) -> Value?
  ) throws(FieldError) -> Value {
    guard let text = try fields.string(field.rawValue) else {
      throw FieldError(
        "\"\(field.rawValue)\" is missing: it must be \(allowed)",
        at: fields.path(of: field.rawValue))
    }
    guard let value = parse(text) else {
      throw FieldError.badValue(fields.path(of: field.rawValue), quoted(text), allowed: allowed)
    }
    return value
  }

  private static func isTime(_ text: String) -> Bool {
    let pattern = "0000-00-00T00:00:00Z".utf8
    return text.utf8.count == pattern.count
      && zip(text.utf8, pattern).allSatisfy { byte, wanted in
        wanted == UInt8(ascii: "0")
          ? byte.isDigit : byte == wanted
      }
  }
}
