/// What kind of value stands at a place of a JSON text; read only where another kind was expected.
enum JSONKind: Decodable {
  case null, boolean, number, string, array, object
  /// A number with more digits or a larger exponent than anything here can hold.
  case vastNumber

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if Self.succeeds({ try value.decode(Bool.self) }) {
      self = .boolean
    } else if Self.succeeds({ try value.decode(String.self) }) {
      self = .string
    } else if Self.succeeds({ try decoder.unkeyedContainer() }) {
      self = .array
    } else if Self.succeeds({ try decoder.container(keyedBy: FieldName.self) }) {
      self = .object
    } else if Self.succeeds({ try value.decode(ExactNumber.self) }) {
      self = .number
    } else {
      self = .vastNumber
    }
  }

  /// `a number`, as a message says it.
  var description: String {
    switch self {
    case .null: "null"
    case .boolean: "a boolean"
    case .number: "a number"
    case .vastNumber: "a number beyond all bounds"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }

  /// A refusal is the answer here: it tells which kind the value is not.
  private static func succeeds<Value>(_ read: () throws -> Value) -> Bool {
    do {
      _ = try read()
      return true
    } catch {
      return false
    }
  }
}
