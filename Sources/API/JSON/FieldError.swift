/// What is wrong with a member of a JSON object: its name, its value and what is allowed, in one
/// sentence.
struct FieldError: Error, Hashable {
  let message: String
  /// The path of what is wrong; of a member that is missing, the path that it should have.
  let path: JSONPath
  /// What of the member is wrong.
  let part: Part

  /// The two parts of a member of an object.
  enum Part: Hashable {
    case name, value
  }

  init(_ message: String, at path: JSONPath, _ part: Part = .value) {
    self.message = message
    self.path = path
    self.part = part
  }

  /// `"args[2]" must be a string, not null`
  static func wrongType(_ path: JSONPath, expected: String, found: JSONValue) -> FieldError {
    FieldError("\"\(path)\" must be \(expected), not \(found.kind)", at: path)
  }

  /// `"max_restarts" is -1, but must be a whole number from 0 to 1000000`
  static func badValue(_ path: JSONPath, _ value: String, allowed: String) -> FieldError {
    FieldError("\"\(path)\" is \(value), but must be \(allowed)", at: path)
  }

  /// The same mistake in a text that holds the object as an element of an array.
  ///
  /// - Parameter title: what messages call the element: `[2] (id "web")`.
  func within(element index: Int, title: String) -> FieldError {
    FieldError("\(title): \(message)", at: path.within(element: index), part)
  }
}
