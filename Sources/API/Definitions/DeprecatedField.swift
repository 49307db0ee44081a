/// Old names of fields, which are taken for ever.
enum DeprecatedField: String, CaseIterable {
  case maxMemoryBytes = "max_memory_bytes"

  /// What it is called now.
  var successor: DefinitionField {
    switch self {
    case .maxMemoryBytes: .restartAboveMemoryBytes
    }
  }

  /// What is said where it is used.
  var warning: String {
    "\"\(rawValue)\" is deprecated: it is called \"\(successor.rawValue)\" now"
  }
}

extension DefinitionReader {
  /// What is said of the old names that the object uses.
  func warnings() -> [String] {
    DeprecatedField.allCases.filter { fields.has($0.rawValue) }.map(\.warning)
  }

  /// The limit above which a run is restarted, by its name or by the old one.
  func restartAboveMemoryBytes() throws(FieldError) -> Int? {
    let range = 1 << 20...1 << 50
    let old = DeprecatedField.maxMemoryBytes
    let name = old.successor.rawValue
    let value = try fields.bytes(name, range)
    guard let oldValue = try fields.bytes(old.rawValue, range) else { return value }
    guard oldValue == value ?? oldValue else {
      throw FieldError(
        "\"\(name)\" and \"\(old.rawValue)\", its old name, are given with different values: "
          + "leave out \"\(old.rawValue)\"",
        at: fields.path(of: old.rawValue))
    }
    return oldValue
  }
}
