package import Supervision

/// A field of a definition that has another value than before, each as JSON.
package struct DefinitionChange: Hashable, Sendable {
  package let field: String
  let old: [UInt8]
  let new: [UInt8]

  /// The fields that differ, in the order in which `processes.json` has them.
  ///
  /// - Parameter hidesEnvironment: Whether values of the environment are shown as `***`.
  package static func between(
    _ old: ProcessDefinition, _ new: ProcessDefinition, hidesEnvironment: Bool
  ) -> [DefinitionChange] {
    DefinitionField.allCases.compactMap { field in
      guard value(of: field, in: old) != value(of: field, in: new) else { return nil }
      let hides = hidesEnvironment && field == .environment
      return DefinitionChange(
        field: field.rawValue, old: value(of: field, in: hides ? old.withoutValues : old),
        new: value(of: field, in: hides ? new.withoutValues : new))
    }
  }

  private static func value(
    of field: DefinitionField, in definition: ProcessDefinition
  ) -> [UInt8] {
    var writer = JSONWriter()
    writer.value(of: field, in: definition)
    return writer.bytes
  }
}

extension ProcessDefinition {
  /// The same, with `***` for every value of its environment.
  var withoutValues: ProcessDefinition {
    var shown = self
    shown.execution.environment = execution.environment.mapValues { _ in "***" }
    return shown
  }
}

extension JSONWriter {
  /// The members `field`, `old` and `new` of each.
  mutating func changes(_ changes: [DefinitionChange]) {
    beginArray()
    for change in changes {
      beginObject()
      name("field")
      string(change.field)
      name("old")
      raw(change.old)
      name("new")
      raw(change.new)
      endObject()
    }
    endArray()
  }
}
