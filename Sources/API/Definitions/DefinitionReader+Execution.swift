import Supervision

/// What is executed: id, command, arguments, directory, environment.
extension DefinitionReader {
  /// What one argument or `NAME=value` may take, less the NUL that ends it: `MAX_ARG_STRLEN` of
  /// execve(2).
  private static let longestArgument = 128 * 1024 - 1

  /// What all of them may take together: half of what execve(2) gives where the stack may have the
  /// usual 8 MiB.
  private static let largestTotal = 1 << 20

  /// Each of them has its address in a table, which counts too.
  private static let pointer = 8

  func id() throws -> String {
    let name = DefinitionField.id.rawValue
    guard let id = try fields.string(name) else { throw missing(.id) }
    guard ProcessID.isValid(id) else {
      throw FieldError.badValue(name, quoted(id), allowed: ProcessID.allowed)
    }
    guard id != ProcessID.reserved else {
      throw FieldError.badValue(
        name, quoted(id), allowed: "another one: that is the name of the supervisor's own log")
    }
    return id
  }

  func command() throws -> String {
    guard let command = try string(.command, length: 1...4096) else { throw missing(.command) }
    return command
  }

  func workingDirectory() throws -> String? {
    try string(.workingDirectory, length: 1...4096)
  }

  func arguments() throws -> [String] {
    let arguments = try fields.strings(DefinitionField.arguments.rawValue) ?? []
    for (index, argument) in arguments.enumerated() {
      try check(
        argument, path: "\(DefinitionField.arguments.rawValue)[\(index)]",
        limit: Self.longestArgument)
    }
    return arguments
  }

  func environment() throws -> [String: String] {
    let field = DefinitionField.environment.rawValue
    let environment = try fields.stringsByName(field) ?? [:]
    for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
      guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: "=")), !name.utf8.contains(0) else {
        throw FieldError(
          "\"\(field)\" has the name \(quoted(name)), "
            + "but a name must not be empty or hold '=' or NUL")
      }
      let limit = Self.longestArgument - name.utf8.count - 1
      guard isString(value, limit: limit) else {
        // Without the value: it may be a secret, and the message may go to a log.
        throw FieldError(
          "\"\(field).\(shortened(name))\" has \(value.utf8.count) bytes, "
            + "but must be \(allowed(limit: limit))")
      }
    }
    return environment
  }

  /// Refuses what no execve(2) takes, before a process is made of it.
  func checkSize(of definition: ProcessDefinition) throws(FieldError) {
    let arguments = definition.execution.arguments.reduce(0) { total, each in
      total + each.utf8.count + 1 + Self.pointer
    }
    let environment = definition.execution.environment.reduce(0) { total, each in
      total + each.key.utf8.count + each.value.utf8.count + 2 + Self.pointer
    }
    guard arguments + environment <= Self.largestTotal else {
      throw FieldError(
        "\"args\" and \"environment\" take \(arguments + environment) bytes together, "
          + "but may take at most \(Self.largestTotal)")
    }
  }

  private func check(_ text: String, path: String, limit: Int) throws(FieldError) {
    guard isString(text, limit: limit) else {
      throw FieldError.badValue(
        path, "\(quoted(text)) (\(text.utf8.count) bytes)", allowed: allowed(limit: limit))
    }
  }

  private func isString(_ text: String, limit: Int) -> Bool {
    !text.utf8.contains(0) && text.utf8.count <= limit
  }

  private func allowed(limit: Int) -> String { "a string of at most \(limit) bytes without NUL" }

  private func missing(_ field: DefinitionField) -> FieldError {
    FieldError("\"\(field.rawValue)\" is missing: a process needs an \"id\" and a \"command\"")
  }
}
