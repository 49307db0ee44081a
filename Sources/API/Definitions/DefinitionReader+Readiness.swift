import Basics
import Supervision

/// When it counts as ready, and what it waits for.
extension DefinitionReader {
  func ready() throws(FieldError) -> Readiness {
    let ready = try fields.choice(DefinitionField.ready.rawValue, Readiness.self) ?? .spawned
    guard ready != .healthy || fields.has(DefinitionField.healthCheck.rawValue) else {
      throw FieldError(
        "\"ready\" is \"healthy\", but \"health_check\" is missing", at: path(.ready))
    }
    return ready
  }

  /// 0 is no limit, which for `notify` differs from none given.
  func readyTimeout(_ ready: Readiness) throws(FieldError) -> Duration? {
    let timeout = try seconds(
      .readyTimeout, .zero ... .seconds(86_400), bounds: "0 (no limit) to 86400 (a day)")
    guard timeout == nil || ready != .spawned else {
      throw FieldError(
        "\"ready_timeout_seconds\" needs \"ready\": \"notify\" or \"healthy\": "
          + "else a process is ready as soon as it runs",
        at: path(.readyTimeout))
    }
    return timeout
  }

  func watchdog() throws(FieldError) -> Duration? {
    try seconds(
      .watchdog, .milliseconds(100) ... .seconds(86_400), bounds: "0.1 to 86400 (a day)")
  }

  func dependencies(of definition: ProcessDefinition) throws(FieldError) -> [Dependency] {
    let name = DefinitionField.dependencies.rawValue
    let expected = "an array of at most 256 objects with \"id\" and \"condition\", or of ids"
    let elements = try fields.stringsOrObjects(
      name, count: 0...256, expected: expected,
      each: "an object with \"id\" and \"condition\", or an id")
    var dependencies: [Dependency] = []
    var indices: [ServiceID: Int] = [:]
    for (index, element) in (elements ?? []).enumerated() {
      try attempt {
        let dependency: Dependency
        let path: JSONPath
        switch element {
        case .string(let text):
          path = self.path(.dependencies).element(index)
          dependency = Dependency(id: text)
        case .object(let fields):
          path = fields.path(of: "id")
          dependency = try self.dependency(fields)
        }
        try check(dependency.id.rawValue, of: definition, path: path)
        if let first = indices.updateValue(index, forKey: dependency.id) {
          throw FieldError(
            "\"\(path)\" is \"\(dependency.id)\", the same as that of \"\(name)[\(first)]\", "
              + "but must be unique",
            at: path)
        }
        dependencies.append(dependency)
      }
    }
    return dependencies
  }

  private func dependency(_ fields: FieldReader) throws(FieldError) -> Dependency {
    try refuseUnknown(in: fields, known: ["id", "condition"])
    guard let id = try fields.string("id") else {
      throw FieldError(
        "\"\(fields.path(of: "id"))\" is missing: a dependency needs the id of the process",
        at: fields.path(of: "id"))
    }
    let condition = try fields.choice("condition", Dependency.Condition.self)
    return Dependency(id: id, condition: condition ?? .started)
  }

  private func check(
    _ other: String, of definition: ProcessDefinition, path: JSONPath
  ) throws(FieldError) {
    guard ProcessID.isValid(other) else {
      throw FieldError.badValue(path, quoted(other), allowed: "an id: \(ProcessID.allowed)")
    }
    guard other != definition.id, !definition.runNames.contains(InstanceID(other)) else {
      throw FieldError("\"\(path)\" is \"\(other)\": a process cannot depend on itself", at: path)
    }
  }
}
