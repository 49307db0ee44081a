import Supervision

/// What is executed: id, command, arguments, directory, environment.
extension DefinitionReader {
  func id() throws(FieldError) -> String {
    let path = path(.id)
    guard let id = try fields.string(DefinitionField.id.rawValue) ?? knownID else {
      throw missing(.id)
    }
    guard id == knownID ?? id else {
      throw FieldError.badValue(
        path, quoted(id), allowed: "the same as in the path, or left out: an id stays as it is")
    }
    guard ProcessID.isValid(id) else {
      throw FieldError.badValue(path, quoted(id), allowed: ProcessID.allowed)
    }
    guard id != ProcessID.reserved else {
      throw FieldError.badValue(
        path, quoted(id), allowed: "another one: that is the name of the supervisor's own log")
    }
    return id
  }

  func command() throws(FieldError) -> String {
    guard let command = try string(.command, length: 1...4096) else { throw missing(.command) }
    return command
  }

  func workingDirectory() throws(FieldError) -> String? {
    try string(.workingDirectory, length: 1...4096)
  }

  func arguments() throws(FieldError) -> [String] {
    let arguments = try fields.strings(DefinitionField.arguments.rawValue) ?? []
    for (index, argument) in arguments.enumerated() {
      try ArgumentSize.check(argument, path: path(.arguments).element(index))
    }
    return arguments
  }

  func environment() throws(FieldError) -> [String: String] {
    let field = DefinitionField.environment.rawValue
    let environment = try fields.stringsByName(field) ?? [:]
    for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
      guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: "=")), !name.utf8.contains(0) else {
        throw FieldError(
          "\"\(field)\" has the name \(quoted(name)), "
            + "but a name must not be empty or hold '=' or NUL",
          at: path(.environment).member(name), .name)
      }
      let limit = ArgumentSize.longest - name.utf8.count - 1
      guard ArgumentSize.fits(value, limit: limit) else {
        // Without the value: it may be a secret, and the message may go to a log.
        throw FieldError(
          "\"\(field).\(shortened(name))\" has \(value.utf8.count) bytes, "
            + "but must be \(ArgumentSize.allowed(limit: limit))",
          at: path(.environment).member(name))
      }
    }
    return environment
  }

  func environmentFile() throws(FieldError) -> String? {
    let field = DefinitionField.environmentFile
    guard let file = try string(field, length: 1...4096) else { return nil }
    guard file != "-" else {
      throw FieldError.badValue(
        path(field), quoted(file),
        allowed: "the path of a file, with a '-' in front if it may be missing")
    }
    return file
  }

  /// Refuses what no execve(2) takes, before a process is made of it.
  func checkSize(of definition: ProcessDefinition) throws(FieldError) {
    let environment = ArgumentSize.of(definition.execution.environment)
    var commands: [(field: DefinitionField, parts: [String]?)] = [
      (.arguments, definition.execution.arguments), (.beforeStart, definition.beforeStart),
      (.afterExit, definition.afterExit),
    ]
    if case .command(let command)? = definition.healthCheck?.probe {
      commands.append((.healthCheck, command))
    }
    for (field, parts) in commands {
      let total = ArgumentSize.of(parts ?? []) + environment
      guard total <= ArgumentSize.largestTotal else {
        let path = field == .healthCheck ? path(field).member("command") : path(field)
        throw FieldError(
          "\"\(path)\" and \"environment\" take \(total) bytes together, "
            + "but may take at most \(ArgumentSize.largestTotal)",
          at: path)
      }
    }
  }

  private func missing(_ field: DefinitionField) -> FieldError {
    FieldError(
      "\"\(field.rawValue)\" is missing: a process needs an \"id\" and a \"command\"",
      at: path(field))
  }
}
