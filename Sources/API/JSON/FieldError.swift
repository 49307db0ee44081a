/// What is wrong with a member of a JSON object: its name, its value and what is allowed, in one
/// sentence.
struct FieldError: Error, Hashable {
  let message: String

  init(_ message: String) {
    self.message = message
  }

  /// `"args[2]" must be a string, not null`
  static func wrongType(_ path: String, expected: String, found: JSONValue) -> FieldError {
    FieldError("\"\(path)\" must be \(expected), not \(found.kind)")
  }

  /// `"max_restarts" is -1, but must be a whole number from 0 to 1000000`
  static func badValue(_ path: String, _ value: String, allowed: String) -> FieldError {
    FieldError("\"\(path)\" is \(value), but must be \(allowed)")
  }
}
